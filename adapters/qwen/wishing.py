"""A request in the service's words."""

from __future__ import annotations

from hashlib import sha256

from pydantic import ValidationError

from imageway.adapters.qwen.describing import size_by_ratio
from imageway.adapters.qwen.instances import Server
from imageway.adapters.qwen.wire import Extras, Info, Wish
from imageway.core.capability import SizeRule
from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.core.options import MAX_SEED
from imageway.core.request import ImageRequest
from imageway.core.run import Run

ADAPTER = "qwen"


def wish_for(request: ImageRequest, server: Server, run: Run, call_id: str) -> Wish:
    """What is sent; the same request under the same call id is the same wish."""
    _refuse_pictures(request)
    extras = _extras(request, run.provider)
    published = Wish(
        prompt=request.prompt,
        seed=seed_for(request, call_id),
        negative_prompt=request.negative_prompt,
        aspect_ratio=_ratio(request, server.info),
        num_steps=request.steps,
        cfg_scale=request.guidance,
    )
    if server.info is None:
        _note_what_is_left_out(request, extras, run)
        return published
    return published.model_copy(
        update={
            "format": request.format,
            "in_background": True if server.draws_in_background else None,
            "allow_degrade": False if request.strict else extras.allow_degrade,
            "max_wait_seconds": extras.max_wait_seconds,
        }
    )


def seed_for(request: ImageRequest, call_id: str) -> int:
    """The caller's, else one of this call's own; a server that hears none takes 42 each time."""
    if request.seed is not None:
        return request.seed % (MAX_SEED + 1)
    return int.from_bytes(sha256(call_id.encode()).digest()[:6])


def _ratio(request: ImageRequest, info: Info | None) -> str | None:
    """The ratio that asks for a size; a size is one of the server's by now."""
    if request.size is None:
        return None if request.aspect is None else str(request.aspect)
    sizes = size_by_ratio(info)
    nearest = SizeRule(choices=tuple(sizes.values())).fit(request.size)
    return next(ratio for ratio, size in sizes.items() if size == nearest)


def _refuse_pictures(request: ImageRequest) -> None:
    """Nothing was known of the server when this was negotiated, or it would not be here."""
    if request.references or request.mask is not None:
        raise ImagewayError(
            ErrorCode.UNSUPPORTED,
            "a Qwen server takes no references",
            hint="choose another model, or leave them out",
            details={"param": "references"},
        )


def _extras(request: ImageRequest, provider: str | None) -> Extras:
    said = request.extra(*filter(None, (provider, ADAPTER)))
    try:
        return Extras.model_validate(dict(said))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, ("extras", ADAPTER, *first["loc"])))
        known = ", ".join(Extras.model_fields)
        raise invalid(place, f"{place}: {first['msg'].lower()}", f"there are {known}") from None


def _note_what_is_left_out(request: ImageRequest, extras: Extras, run: Run) -> None:
    left_out = [*extras.model_dump(exclude_none=True), *(["format"] if request.format else [])]
    if left_out:
        run.note("ignored", f"this Qwen server knows no {', '.join(left_out)}")

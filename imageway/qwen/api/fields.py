"""The fields of POST /api/generate, checked in the order of the contract's table."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

from imageway.qwen import checks
from imageway.qwen.codes import Code
from imageway.qwen.order import FORMATS, Order
from imageway.qwen.seeds import USUAL_SEED, Seeds
from imageway.qwen.settings import Settings
from imageway.qwen.sizes import USUAL
from imageway.qwen.trouble import Refusal, Trouble, shown

MOST_BYTES = 64 * 1024
NAMES = (
    "prompt",
    "negative_prompt",
    "aspect_ratio",
    "num_steps",
    "cfg_scale",
    "seed",
    "format",
    "async",
    "allow_degrade",
    "max_wait_seconds",
)
# These say how the caller waits, not what is made.
OF_WAITING = frozenset({"async", "max_wait_seconds"})
MOST_NAMED = 20
Fields = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: the order, how it is waited for, and which fields nobody read."""

    order: Order
    is_async: bool
    ignored: tuple[str, ...]
    fingerprint: bytes


def parse_fields(body: bytes) -> Fields:
    """Read a JSON object; NaN and the like are left for the field's own check to refuse."""
    try:
        value: object = json.loads(body.removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refusal(_no_object(str(error)[:120])) from error
    if not isinstance(value, dict):
        raise Refusal(_no_object(type(value).__name__))
    return {str(name): each for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]: keys of JSON objects are texts


def _no_object(got: str) -> Trouble:
    return Trouble(Code.BODY, got=shown(got))


def read_asked(fields: Fields, settings: Settings, seeds: Seeds) -> Asked:
    """Check every field; the first that is wrong answers."""
    prompt = checks.prompt_of(fields.get("prompt"))
    negative_prompt = checks.negative_prompt_of(fields.get("negative_prompt"))
    width, height = checks.ratio_of(fields.get("aspect_ratio"), USUAL, settings.sizes)
    order = Order(
        prompt=prompt,
        negative_prompt=negative_prompt,
        width=width,
        height=height,
        steps=checks.steps_of(fields.get("num_steps"), profile=settings.limits),
        guidance=checks.guidance_of(fields.get("cfg_scale"), profile=settings.limits),
        seed=checks.seed_of(fields.get("seed", USUAL_SEED), seeds),
        format=checks.choice_of("format", fields.get("format"), "png", FORMATS),
        allow_degrade=checks.switch_of("allow_degrade", fields.get("allow_degrade"), True),
        max_wait=checks.seconds_of("max_wait_seconds", fields.get("max_wait_seconds")),
    )
    is_async = checks.switch_of("async", fields.get("async"), False)
    ignored = tuple(name for name in fields if name not in NAMES)
    return Asked(order, is_async, ignored, fingerprint(fields))


def fingerprint(fields: Fields) -> bytes:
    """What tells two requests with one idempotency key apart."""
    told = {name: value for name, value in fields.items() if name not in OF_WAITING}
    return sha256(json.dumps(told, sort_keys=True).encode()).digest()


def named_in_a_header(names: tuple[str, ...]) -> str:
    """Names that a caller chose, safe for a header."""
    return ", ".join(quote(name[:60], safe="-._~", errors="replace") for name in names[:MOST_NAMED])

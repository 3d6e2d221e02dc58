"""A request and its resources → the one step that is ordered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from imageway.adapters.civitai.engines import FORMAT_BY_WORD, SEEDS, Engine, engine_for
from imageway.adapters.civitai.extras import Extras
from imageway.adapters.civitai.resources import Resource, Role
from imageway.adapters.civitai.samplers import Sampling, sampling
from imageway.adapters.civitai.sent import (
    Drawn,
    Network,
    SdcppInput,
    Step,
    Template,
    TextToImageInput,
)
from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.core.options import Option, Range
from imageway.core.request import ImageRequest

TAG = "imageway"
WALLETS = ("blue", "green", "yellow")
# The documented default; textToImage demands the field.
USUAL_GUIDANCE = 7.5
NETWORK_TYPE_BY_ROLE = {"lora": "Lora", "embedding": "TextualInversion", "vae": "VAE"}


@dataclass(frozen=True, slots=True)
class Order:
    """What is sent, and what is expected of it."""

    template: Template
    resources: tuple[Resource, ...]
    count: int
    seed: int

    @property
    def question(self) -> Template:
        """The same without its key, which a question must not use up."""
        return self.template.model_copy(update={"external_id": None})


def tag_of(call_id: str) -> str:
    """The tag by which a workflow is found again."""
    return f"iw-{call_id}"


def seed_of(request: ImageRequest, call_id: str) -> int:
    """The seed that was asked for, else one that only this call has."""
    if request.seed is not None:
        return request.seed
    return int.from_bytes(sha256(call_id.encode()).digest()[:4]) % int(SEEDS.most)


def order_of(
    request: ImageRequest,
    resources: Sequence[Resource],
    extras: Extras,
    place: str,
    call_id: str,
) -> Order:
    """Build what is sent; raises invalid_request where the vendor would only refuse it."""
    engine = _engine(resources[0], extras, place)
    _check(request, engine, extras, place)
    seed = seed_of(request, call_id)
    words = sampling(engine, extras.sampler, extras.schedule, place)
    step = _step(Ingredients(request, resources, extras, engine, words, seed))
    digest = sha256(step.model_dump_json(by_alias=True, exclude_none=True).encode()).hexdigest()
    template = Template(
        steps=(step,),
        tags=(TAG, tag_of(call_id)),
        metadata={"imageway": call_id, "digest": digest},
        external_id=call_id,
        currencies=extras.currencies or WALLETS,
        mature=extras.allow_mature,
    )
    return Order(template, tuple(resources), request.count, seed)


def _engine(checkpoint: Resource, extras: Extras, place: str) -> Engine:
    engine = engine_for(checkpoint.air.family, extras.engine)
    if engine is None:
        message = f"{place}.engine: {extras.engine!r} does not draw with {checkpoint.title!r}"
        raise invalid(f"{place}.engine", message, "leave it out")
    return engine


def _check(request: ImageRequest, engine: Engine, extras: Extras, place: str) -> None:
    """What negotiation saw already, unless nothing was known of the model then."""
    if request.references:
        raise ImagewayError(
            ErrorCode.UNSUPPORTED,
            "references are not taken by these engines",
            hint="choose another model, or leave them out",
            details={"param": "references"},
        )
    if len(request.prompt) > engine.prompt:
        message = (
            f"prompt: {engine.spoken} takes {engine.prompt} characters, got {len(request.prompt)}"
        )
        raise invalid("prompt", message, "say it shorter")
    _check_range(Option.STEPS, request.steps, engine.steps, engine)
    _check_range(Option.GUIDANCE, request.guidance, engine.guidance, engine)
    if request.size is not None and not engine.sizes.allows(request.size):
        near = engine.sizes.fit(request.size)
        raise invalid("size", f"size: {engine.spoken} draws no {request.size}", f"ask for {near}")
    unfit = {
        "clip_skip": extras.clip_skip is not None and not engine.has_clip_skip,
        "embeddings": bool(extras.embeddings) and not engine.has_embeddings,
        "clip_l": extras.clip_l is not None and not engine.has_parts,
        "t5xxl": extras.t5xxl is not None and not engine.has_parts,
    }
    for name, is_unfit in unfit.items():
        if is_unfit:
            message = f"{place}.{name}: the engine {engine.spoken} takes none"
            raise invalid(f"{place}.{name}", message, "leave it out")


def _check_range(option: Option, value: float | None, bounds: Range, engine: Engine) -> None:
    if value is not None and value not in bounds:
        name = option.value
        message = f"{name}: {engine.spoken} takes them {bounds}, got {value:g}"
        raise invalid(name, message, f"ask for {min(max(value, bounds.least), bounds.most):g}")


@dataclass(frozen=True, slots=True)
class Ingredients:
    """Everything that a step is made of."""

    request: ImageRequest
    resources: Sequence[Resource]
    extras: Extras
    engine: Engine
    words: Sampling
    seed: int

    def airs(self, role: Role) -> tuple[str, ...]:
        """The resources of one role."""
        return tuple(str(each.air) for each in self.resources if each.role == role)

    def air(self, role: Role) -> str | None:
        """The one resource of a role."""
        return next(iter(self.airs(role)), None)

    def drawn(self) -> Drawn:
        """What every engine is told."""
        request = self.request
        size = request.size or self.engine.sizes.usual
        return Drawn(
            prompt=request.prompt,
            negative_prompt=request.negative_prompt or None,
            steps=request.steps,
            width=size.width,
            height=size.height,
            seed=self.seed,
            quantity=request.count,
            output_format=FORMAT_BY_WORD.get(request.format or ""),
        )


def _step(given: Ingredients) -> Step:
    if given.engine.name == "textToImage":
        return Step(type="textToImage", input=_text_to_image(given))
    return Step(type="imageGen", input=_sdcpp(given))


def _sdcpp(given: Ingredients) -> SdcppInput:
    loras = {
        str(each.air): 1.0 if each.weight is None else each.weight
        for each in given.resources
        if each.role == "lora"
    }
    model = given.air("checkpoint")
    is_split = given.engine.has_parts
    return SdcppInput(
        **given.drawn().model_dump(),
        ecosystem=given.engine.family or "",
        model=None if is_split else model,
        diffuser_model=model if is_split else None,
        vae_model=given.air("vae"),
        clip_l_model=given.air("clip_l"),
        t5_xxl_model=given.air("t5xxl"),
        loras=loras or None,
        embeddings=given.airs("embedding") or None,
        cfg_scale=given.request.guidance,
        sample_method=given.words.sampler,
        schedule=given.words.schedule,
        clip_skip=given.extras.clip_skip,
    )


def _text_to_image(given: Ingredients) -> TextToImageInput:
    networks = {
        str(each.air): Network(strength=each.weight, type=NETWORK_TYPE_BY_ROLE[each.role])
        for each in given.resources
        if each.role in NETWORK_TYPE_BY_ROLE
    }
    guidance = given.request.guidance
    return TextToImageInput(
        **given.drawn().model_dump(),
        model=given.air("checkpoint") or "",
        scheduler=given.words.sampler,
        cfg_scale=USUAL_GUIDANCE if guidance is None else guidance,
        clip_skip=given.extras.clip_skip,
        networks=networks or None,
    )

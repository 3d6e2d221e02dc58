"""Paint a request step by step, away from the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from hashlib import sha256
from typing import Annotated

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field

from imageway.core.capability import Capabilities, SizeRule
from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.options import Option, Range
from imageway.core.picture import Picture
from imageway.core.powers import Health, ModelInfo, Quote
from imageway.core.request import ImageRequest, InputImage
from imageway.core.run import Run
from imageway.core.size import Size
from imageway.painting import Step, Wish, decode, encode, paint, thumbnail

MODEL = "demo"
USUAL = Size(1024, 1024)
FORMATS = frozenset({"png", "jpeg", "webp", "avif", "gif"})
WITHOUT_ALPHA = frozenset({"jpeg"})
PREVIEW_EDGE = 512
STEPS = 8
CAPABILITIES = Capabilities(
    options=frozenset(Option) - {Option.GUIDANCE, Option.QUALITY, Option.STYLE, Option.ASPECT},
    allowed={
        Option.FORMAT: FORMATS,
        Option.BACKGROUND: frozenset({"opaque", "transparent"}),
        Option.STEPS: Range(1, 150),
        Option.PREVIEWS: Range(0, 10),
    },
    operations=frozenset({"generate", "edit"}),
    sizes=SizeRule(least_edge=16, most_edge=4096, most_pixels=4096 * 4096, usual=USUAL),
    references=4,
    reports_progress=True,
    sends_previews=True,
)


class DemoConfig(BaseModel):
    """What plugins.toml may say of the demo; `pace` slows it down so that progress can be seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pace: Annotated[float, Field(ge=0, le=600, description="seconds that a picture takes")] = 0.0


class DemoAdapter:
    """Has one model, `demo`; the same prompt and seed paint the same picture."""

    Config = DemoConfig

    def __init__(self, config: DemoConfig, http: Http, memo: Memo) -> None:
        self._pace = config.pace

    async def describe(self, model: str) -> Capabilities:
        """Everything that is claimed reaches the picture."""
        return CAPABILITIES if model == MODEL else Capabilities.permissive()

    async def models(self) -> Sequence[ModelInfo]:
        """The one model there is."""
        return (ModelInfo(name=MODEL, title="Demo, paints by rules"),)

    async def check(self) -> Health:
        """Nothing can be down."""
        return Health(status="up", detail="paints on this machine")

    async def quote(self, request: ImageRequest) -> Quote:
        """Rules cost nothing."""
        return Quote(amount=0, unit="USD")

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Paint one picture, step by step in a worker thread."""
        if request.model != MODEL:
            raise ImagewayError(
                ErrorCode.NOT_FOUND, f"the demo has no model {request.model!r}", hint="use 'demo'"
            )
        wish = await asyncio.to_thread(_wish, request, _seed(request, run))
        steps = paint(wish)
        finished = None
        previews = request.previews or 0
        while (step := await asyncio.to_thread(next, steps, None)) is not None:
            run.progress(step.number / step.total, step.stage)
            previews = await self._show(step, previews, run)
            await asyncio.sleep(self._pace / step.total)
            finished = step.image
        if finished is None:
            raise ImagewayError(ErrorCode.FAILED, "the painting had no steps")
        kind = _format(request, run)
        data = await asyncio.to_thread(encode, finished, kind)
        run.image(Picture.from_bytes(data).with_words(seed=wish.seed))

    async def _show(self, step: Step, wanted: int, run: Run) -> int:
        """Send a preview where one is due; returns how many are still wanted."""
        if wanted == 0 or step.number == step.total or step.total - step.number > wanted:
            return wanted
        preview = await asyncio.to_thread(thumbnail, step.image, PREVIEW_EDGE)
        run.preview(Picture.from_bytes(preview))
        return wanted - 1


def _wish(request: ImageRequest, seed: int) -> Wish:
    """Translate the request; pictures are decoded here, in a worker thread."""
    size = request.size or _size_of_references(request)
    return Wish(
        prompt=request.prompt,
        width=size.width,
        height=size.height,
        seed=seed,
        negative_prompt=request.negative_prompt or "",
        transparent=request.background == "transparent",
        steps=max(request.steps or STEPS, (request.previews or 0) + 1),
        references=tuple(_decoded(each, "references") for each in request.references),
        mask=_decoded(request.mask, "mask") if request.mask else None,
    )


def _size_of_references(request: ImageRequest) -> Size:
    if not request.references:
        return USUAL
    picture = request.references[0].picture
    return CAPABILITIES.sizes.fit(Size(picture.width, picture.height))


def _decoded(image: InputImage, param: str) -> Image.Image:
    try:
        return decode(image.picture.bytes)
    except ValueError as error:
        raise invalid(param, f"{param}: {error}") from error


def _seed(request: ImageRequest, run: Run) -> int:
    """The caller's seed, else one that every call has for itself."""
    if request.seed is not None:
        return request.seed
    return int.from_bytes(sha256(run.call_id.encode()).digest()[:4])


def _format(request: ImageRequest, run: Run) -> str:
    kind = request.format or "png"
    if request.background == "transparent" and kind in WITHOUT_ALPHA:
        run.note("adjusted", f"{kind} cannot be transparent; the picture is a png")
        return "png"
    return kind

"""A scripted adapter that the tests load as a file: the model's name chooses what it does."""

from __future__ import annotations

import asyncio
import io
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path

from PIL import Image
from pydantic import BaseModel, ConfigDict, SecretStr

from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.options import Option
from imageway.core.picture import Picture
from imageway.core.powers import ModelInfo
from imageway.core.request import ImageRequest
from imageway.core.run import Run

REFUSED = ErrorInfo(
    code=ErrorCode.REJECTED,
    message="the prompt was refused",
    hint="say it otherwise",
    origin="vendor",
    vendor_code="SAFETY",
    vendor_message="blocked \x1b[31mby the filter",
    request_id="req_theirs",
)


class MineConfig(BaseModel):
    """The folder that a model watches while it holds a picture back."""

    model_config = ConfigDict(frozen=True)

    watch: str = "."
    lists: str = ""
    api_key: SecretStr | None = None


def picture(kind: str = "png", width: int = 8) -> Picture:
    """A small picture of one colour."""
    file = io.BytesIO()
    Image.new("RGB", (width, 6), (200, 80, 40)).save(file, kind)
    return Picture.from_bytes(file.getvalue())


async def draw(request: ImageRequest, run: Run, config: MineConfig) -> None:
    """Draw everything."""
    for index in range(request.count):
        run.progress(0.5, "sketching", index)
        made = picture(request.format or "png")
        run.image(made.with_words(request.seed), index)


async def hold_the_second(request: ImageRequest, run: Run, config: MineConfig) -> None:
    """Draw the second only when the first lies in the watched folder."""
    run.image(picture(), 0)
    await _first_file(config)
    run.image(picture(), 1)


async def refuse_the_second(request: ImageRequest, run: Run, config: MineConfig) -> None:
    """Draw all but the second."""
    for index in range(request.count):
        if index == 1:
            run.failed(REFUSED, index)
        else:
            run.image(picture(), index)


async def refuse(request: ImageRequest, run: Run, config: MineConfig) -> None:
    """Refuse the whole call, in the vendor's words."""
    raise ImagewayError.carrying(REFUSED)


async def break_down(request: ImageRequest, run: Run, config: MineConfig) -> None:
    """Have a bug."""
    raise KeyError("a bug of the plug-in")


async def be_interrupted(request: ImageRequest, run: Run, config: MineConfig) -> None:
    """Press Ctrl-C once the first picture is on disk, and never end by itself."""
    run.image(picture(), 0)
    await _first_file(config)
    await run.paying()
    signal.raise_signal(signal.SIGINT)
    await asyncio.Event().wait()


async def _first_file(config: MineConfig) -> None:
    async with asyncio.timeout(20):
        # Another program writes the file, so nothing in this one can be awaited.
        while not any(Path(config.watch).glob("*-1.png")):  # noqa: ASYNC110, ASYNC240
            await asyncio.sleep(0.005)


SCRIPT_BY_MODEL: Mapping[str, Callable[[ImageRequest, Run, MineConfig], Awaitable[None]]] = {
    "draws": draw,
    "holds-the-second": hold_the_second,
    "refuses-the-second": refuse_the_second,
    "refuses": refuse,
    "breaks": break_down,
    "is-interrupted": be_interrupted,
}


class Mine:
    """Plays the script of the model's name."""

    Config = MineConfig

    def __init__(self, config: MineConfig, http: Http, memo: Memo) -> None:
        self._config = config

    async def describe(self, model: str) -> Capabilities:
        """Everything but a style."""
        return Capabilities(
            options=frozenset(Option) - {Option.STYLE}, references=4, images_per_call=10
        )

    async def models(self) -> Sequence[ModelInfo]:
        """What the configuration says, or a bug."""
        if self._config.lists == "bug":
            raise KeyError("a bug of the plug-in")
        return [ModelInfo(name=self._config.lists)] if self._config.lists else []

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Play."""
        await SCRIPT_BY_MODEL[request.model](request, run, self._config)

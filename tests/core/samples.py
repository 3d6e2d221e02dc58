"""Real pictures, drawn on the spot, and a request's run that remembers what it was told."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from random import Random

from PIL import Image

from imageway.core.errors import Charged, ErrorCode, ErrorInfo
from imageway.core.events import Event
from imageway.core.picture import Picture
from imageway.core.run import Ledger, Run

PIXELS = (40, 24)


def encoded(
    kind: str, size: tuple[int, int] = PIXELS, mode: str = "RGB", **options: object
) -> bytes:
    """A picture of noise that is the same each time, in one of Pillow's formats."""
    channels = len(mode)
    noise = Random(7).randbytes(size[0] * size[1] * channels)
    file = BytesIO()
    Image.frombytes(mode, size, noise).save(file, kind, **options)
    return file.getvalue()


def _moving(kind: str) -> bytes:
    second = Image.new("RGB", PIXELS, "red")
    return encoded(kind, save_all=True, append_images=[second])


def _exif(words: str) -> bytes:
    exif = Image.Exif()
    exif[270] = words
    return exif.tobytes()


DRAW_BY_SAMPLE: dict[str, Callable[[], bytes]] = {
    "png": lambda: encoded("png"),
    "png with alpha": lambda: encoded("png", mode="RGBA"),
    "jpeg": lambda: encoded("jpeg"),
    "jpeg, progressive": lambda: encoded("jpeg", progressive=True),
    "jpeg with long exif": lambda: encoded("jpeg", exif=_exif("x" * 60_000)),
    "jpeg with a long profile": lambda: encoded("jpeg", icc_profile=bytes(200_000)),
    "webp, lossy": lambda: encoded("webp"),
    "webp, lossless": lambda: encoded("webp", lossless=True),
    "webp, extended": lambda: encoded("webp", mode="RGBA", exif=_exif("a note")),
    "webp, animated": lambda: _moving("webp"),
    "avif": lambda: encoded("avif"),
    "avif with alpha": lambda: encoded("avif", mode="RGBA"),
    "avif with a long profile": lambda: encoded("avif", icc_profile=bytes(20_000)),
    "avif, animated": lambda: _moving("avif"),
    "gif": lambda: encoded("gif"),
    "gif, animated": lambda: _moving("gif"),
}
MEDIA_TYPE_BY_SAMPLE = {
    name: f"image/{name.replace(',', '').split()[0]}" for name in DRAW_BY_SAMPLE
}
# Their size stands tens of kilobytes behind the beginning.
DEEP = frozenset({"jpeg with long exif", "jpeg with a long profile", "avif with a long profile"})


@cache
def sample(name: str) -> bytes:
    """One whole picture of PIXELS."""
    return DRAW_BY_SAMPLE[name]()


@cache
def dot(size: int = 1) -> Picture:
    """A small valid picture."""
    return Picture.from_bytes(encoded("png", (size, size)))


def failure(code: ErrorCode = ErrorCode.FAILED, charged: Charged = "no") -> ErrorInfo:
    """A failure with words of its own."""
    return ErrorInfo(code=code, message=f"it was {code}", charged=charged)


def listening(count: int) -> tuple[Run, list[Event]]:
    """The view of all indices of a new request, and what its reader has heard."""
    heard: list[Event] = []
    run = Run(Ledger(heard.append, count), tuple(range(count)))
    return run, heard

"""One image as it travels: base64 text or bytes, turned into the other only when someone asks."""

from __future__ import annotations

import asyncio
import binascii
from dataclasses import dataclass, field, replace
from urllib.parse import unquote_to_bytes

import pybase64

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.header import DEEPEST, SHORTEST, Header, NeedMore, describe_other, recognise

MAX_PIXELS = 50_000_000
# Decoding takes about a millisecond per megabyte; above this it leaves the event loop.
LARGE = 1 << 20
# A multiple of 3, so that its base64 starts at a group of four; cameras pad the ends of JPEGs.
TAIL = 768
# Inside the class the name `bytes` is its property.
Raw = bytes
TAKEN = "send a PNG, JPEG, WebP, AVIF or GIF image"


@dataclass(slots=True, eq=False)
class Picture:
    """An image that was recognised by its first bytes; width and height are in pixels."""

    header: Header
    seed: int | None = None
    revised_prompt: str | None = None
    _text: str | None = field(default=None, repr=False)
    _data: Raw | None = field(default=None, repr=False)

    @classmethod
    def from_bytes(cls, data: bytes, *, max_pixels: int = MAX_PIXELS) -> Picture:
        """Recognise raw bytes; raises bad_answer when they are no whole image."""
        return cls(_inspect(data, data[-TAIL:], len(data), max_pixels), _data=data)

    @classmethod
    def from_base64(cls, text: str, *, max_pixels: int = MAX_PIXELS) -> Picture:
        """Recognise base64 text by decoding only its ends; a data URL is taken too."""
        if text.startswith("data:"):
            return cls.from_data_url(text, max_pixels=max_pixels)
        return cls._from_text(_standard(text), max_pixels)

    @classmethod
    def _from_text(cls, text: str, max_pixels: int) -> Picture:
        """Decode the beginning, then more of it until the size is told, and the end."""
        length = len(text) // 4 * 3 - text[-2:].count("=")
        step = 512
        while True:
            head = _decode(text[:step])
            whole = step >= len(text)
            try:
                header = _inspect(
                    head, _decode(text[-(TAIL // 3 * 4) :]), length, max_pixels, whole=whole
                )
            except NeedMore:
                step *= 8
                continue
            return cls(header, _text=text)

    @classmethod
    def from_data_url(cls, url: str, *, max_pixels: int = MAX_PIXELS) -> Picture:
        """Recognise what a data URL holds; the type it claims is not believed."""
        head, comma, body = url.partition(",")
        if not head.startswith("data:") or not comma:
            raise _no_image(f"a data URL looks like data:image/png;base64,…, not {url[:40]!r}")
        if head.endswith(";base64"):
            return cls._from_text(_standard(body), max_pixels)
        return cls.from_bytes(unquote_to_bytes(body), max_pixels=max_pixels)

    @property
    def media_type(self) -> str:
        """The type that the bytes have, such as image/png."""
        return self.header.media_type

    @property
    def format(self) -> str:
        """The short name of the type, such as png."""
        return self.media_type.removeprefix("image/")

    @property
    def width(self) -> int:
        """The width in pixels."""
        return self.header.width

    @property
    def height(self) -> int:
        """The height in pixels."""
        return self.header.height

    @property
    def length(self) -> int:
        """The number of bytes, known without decoding."""
        if self._data is not None:
            return len(self._data)
        text = self._text or ""
        return len(text) // 4 * 3 - text[-2:].count("=")

    @property
    def weight(self) -> int:
        """The number of bytes it takes in memory now, in either form or both."""
        return len(self._text or "") + len(self._data or b"")

    @property
    def base64(self) -> str:
        """The picture as standard base64 text, encoded once."""
        if self._text is None:
            self._text = pybase64.b64encode_as_string(self._data or b"")
        return self._text

    @property
    def bytes(self) -> bytes:
        """The picture as bytes, decoded once; raises bad_answer where the text is no base64."""
        if self._data is None:
            self._data = _decode(self._text or "")
        return self._data

    async def read(self) -> Raw:
        """The bytes, decoded away from the event loop when they are many."""
        if self._data is None and self.length > LARGE:
            return await asyncio.to_thread(lambda: self.bytes)
        return self.bytes

    async def text(self) -> str:
        """The base64 text, encoded away from the event loop when it is long."""
        if self._text is None and self.length > LARGE:
            return await asyncio.to_thread(lambda: self.base64)
        return self.base64

    def with_words(self, seed: int | None, revised_prompt: str | None = None) -> Picture:
        """The same picture, with what its maker said of it."""
        return replace(self, seed=seed, revised_prompt=revised_prompt)


def _inspect(
    head: bytes, tail: bytes, length: int, max_pixels: int, *, whole: bool = True
) -> Header:
    """Recognise and measure; raises NeedMore while more bytes could tell."""
    kind = recognise(head) if length >= SHORTEST else None
    if kind is None:
        raise _no_image(_what_instead(head, length))
    try:
        width, height = kind.measure(head)
        complete = kind.is_whole(head, tail, length)
    except NeedMore:
        if not whole and len(head) < DEEPEST:
            raise
        raise _no_image(f"this {kind.media_type} ends before it tells its size") from None
    if width < 1 or height < 1 or not complete:
        raise _no_image(f"this {kind.media_type} is damaged or cut short ({length} bytes)")
    if width * height > max_pixels:
        raise ImagewayError(
            ErrorCode.TOO_LARGE,
            f"a picture of {width}x{height} has more than {max_pixels} pixels",
            hint="send a smaller picture",
        )
    return Header(kind.media_type, width, height)


def _what_instead(head: bytes, length: int) -> str:
    if length == 0:
        return "the picture is empty"
    return f"expected an image, got {describe_other(head)} ({length} bytes)"


def _standard(text: str) -> str:
    """Bring base64 with line breaks, URL-safe letters or missing padding to the standard form."""
    if "\n" in text or " " in text:
        text = "".join(text.split())
    if "-" in text or "_" in text:
        text = text.replace("-", "+").replace("_", "/")
    return text + "=" * (-len(text) % 4)


def _decode(text: str) -> bytes:
    try:
        return pybase64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _no_image(f"this is not base64: {error}") from error


def _no_image(message: str) -> ImagewayError:
    return ImagewayError(ErrorCode.BAD_ANSWER, message, hint=TAKEN)

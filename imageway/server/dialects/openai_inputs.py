"""Pictures that come along with a request: files, data URLs, and ids of our own files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imageway.client import blame
from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.core.picture import Picture
from imageway.core.request import MAX_REFERENCES, InputImage
from imageway.providers.config import Limits
from imageway.server.files import FileStore
from imageway.serving.multipart import Part

HOW = "send pictures as files of a form, or as data URLs such as data:image/png;base64,…"
WAYS = ("image_url", "file_id", "b64_json")


@dataclass(frozen=True, slots=True)
class Inputs:
    """Brings one caller's pictures in; nothing is ever fetched from elsewhere."""

    limits: Limits
    files: FileStore
    caller: str

    def many(self, value: object, param: str) -> tuple[InputImage, ...]:
        """One picture or a list of them."""
        if not isinstance(value, list):
            return (self.one(value, param),)
        items: Sequence[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]: each is checked
        if len(items) > MAX_REFERENCES:
            raise invalid(param, f"{param}: at most {MAX_REFERENCES} pictures, got {len(items)}")
        if len(items) == 1:
            return (self.one(items[0], param),)
        return tuple(self.one(item, f"{param}[{place}]") for place, item in enumerate(items))

    def one(self, value: object, param: str) -> InputImage:
        """One picture, recognised by its bytes; raises invalid_request or too_large."""
        try:
            return InputImage(picture=self._picture(value, param))
        except ImagewayError as error:
            raise error if error.info.param else blame(error, param) from error

    def _picture(self, value: object, param: str) -> Picture:
        match value:
            case Part(data=data) if data.startswith(b"data:"):
                return self._from_text(data.decode("latin-1"), param)
            case Part(data=data):
                self._check_length(len(data), param)
                return Picture.from_bytes(data, max_pixels=self.limits.pixels)
            case str():
                return self._from_text(value, param)
            case dict():
                return self._from_object(value, param)  # pyright: ignore[reportUnknownArgumentType]: each value is checked
            case _:
                raise invalid(param, f"{param}: expected a picture, got {str(value)[:40]!r}", HOW)

    def _from_text(self, text: str, param: str) -> Picture:
        """A data URL or bare base64; other URLs are refused, since nothing is fetched."""
        if text[:8].lower().startswith(("http:", "https:", "file:", "ftp:")):
            raise invalid(param, f"{param}: pictures are not fetched from {text[:60]!r}", HOW)
        self._check_length(len(text) // 4 * 3, param)
        return Picture.from_base64(text, max_pixels=self.limits.pixels)

    def _from_object(self, value: Mapping[str, object], param: str) -> Picture:
        given = [way for way in WAYS if value.get(way) is not None]
        if len(given) != 1:
            raise invalid(param, f"{param}: give exactly one of {', '.join(WAYS)}", HOW)
        inner = value[given[0]]
        if isinstance(inner, dict):
            inner = inner.get("url")  # pyright: ignore[reportUnknownVariableType, reportUnknownMemberType]: as in chat, checked below
        if not isinstance(inner, str):
            raise invalid(param, f"{param}: {given[0]} must be a text", HOW)
        return self._own(inner, param) if given[0] == "file_id" else self._from_text(inner, param)

    def _own(self, name: str, param: str) -> Picture:
        picture = self.files.find(name, self.caller)
        if picture is None:
            raise invalid(param, f"{param}: there is no file {name[:60]!r}", HOW)
        return picture

    def _check_length(self, length: int, param: str) -> None:
        if length > self.limits.input_image:
            raise ImagewayError(
                ErrorCode.TOO_LARGE,
                f"{param}: a picture may have {self.limits.input_image} bytes, this has {length}",
                hint="send a smaller one",
                details={"param": param},
            )

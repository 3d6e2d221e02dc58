"""What an emulator heard: one request as it came over the wire, kept for tests to look at."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field, replace
from hashlib import sha256

from aiohttp import BodyPartReader, web
from pydantic import JsonValue

from imageway.emulators.faults import Spot


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart form; a file has a file name."""

    name: str
    filename: str | None
    content_type: str | None
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """How many bytes came."""
        return len(self.content)

    @property
    def sha256(self) -> str:
        """A name for the content."""
        return sha256(self.content).hexdigest()

    @property
    def text(self) -> str:
        """The content as text."""
        return self.content.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class Heard:
    """One request; `raw` holds a body that is neither JSON nor a form."""

    number: int
    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: JsonValue = None
    parts: tuple[Part, ...] = ()
    raw: bytes = field(default=b"", repr=False)
    spot: Spot = Spot.LOOK

    def header(self, name: str) -> str | None:
        """The first header of this name, however it is capitalised."""
        found = (value for key, value in self.headers if key.lower() == name.lower())
        return next(found, None)

    @property
    def media_type(self) -> str:
        """The content type without its parameters."""
        return (self.header("Content-Type") or "").partition(";")[0].strip().lower()

    def fields(self) -> dict[str, JsonValue]:
        """The members of a JSON object; empty for any other body."""
        return self.body if isinstance(self.body, dict) else {}

    def text(self, name: str) -> str | None:
        """The text part of this name."""
        found = (part.text for part in self.parts if part.name == name and part.filename is None)
        return next(found, None)

    def files(self, *names: str) -> tuple[Part, ...]:
        """The file parts of these names, in the order they came."""
        return tuple(
            part for part in self.parts if part.filename is not None and part.name in names
        )


def hear_head(request: web.Request, number: int, spot: Spot = Spot.LOOK) -> Heard:
    """A request without its body."""
    headers = tuple((k.decode(), v.decode("utf-8", "replace")) for k, v in request.raw_headers)
    return Heard(number, request.method, request.path, request.query_string, headers, spot=spot)


async def hear_body(heard: Heard, request: web.Request) -> Heard:
    """Read a request to its end; one that is too large or no form raises aiohttp's 413 or 400."""
    if heard.media_type == "multipart/form-data":
        return replace(heard, parts=await _parts(request))
    raw = await request.read()
    if not heard.media_type.endswith("json"):
        return replace(heard, raw=raw)
    try:
        return replace(heard, body=json.loads(raw))
    except (ValueError, RecursionError):
        return replace(heard, raw=raw)


async def _parts(request: web.Request) -> tuple[Part, ...]:
    try:
        return tuple([part async for part in _read_parts(request)])
    except ValueError as error:
        raise web.HTTPBadRequest(text=str(error)) from error


async def _read_parts(request: web.Request) -> AsyncGenerator[Part]:
    room = request.client_max_size
    reader = await request.multipart()
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader):
            raise ValueError("a form inside a form")
        content = await _content(part, room)
        room -= len(content)
        yield Part(part.name or "", part.filename, part.headers.get("Content-Type"), content)


async def _content(part: BodyPartReader, room: int) -> bytes:
    content = bytearray()
    while chunk := await part.read_chunk(1 << 16):
        content += chunk
        if len(content) > room:
            raise web.HTTPRequestEntityTooLarge(max_size=room, actual_size=len(content))
    return bytes(content)

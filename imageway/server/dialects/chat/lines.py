"""The lines of a streamed chat answer: chunks as OpenAI writes them, and Open WebUI's events."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson
from pydantic import JsonValue

from imageway.core.picture import Picture

Json = dict[str, JsonValue]

DONE = b"data: [DONE]\n\n"


def line(*parts: bytes) -> bytes:
    """One event without a name; the parts are its JSON, which has no line breaks."""
    return b"".join((b"data: ", *parts, b"\n\n"))


def remark(text: str) -> bytes:
    """A comment: people who watch the wire see it, clients pass it over."""
    return b": " + " ".join(text.split()).encode() + b"\n\n"


def event_line(kind: str, data: Json) -> bytes:
    """An event of Open WebUI's page; every one is made here, from texts and numbers only."""
    return line(orjson.dumps({"event": {"type": kind, "data": data}}))


def status_line(description: str, *, done: bool = False) -> bytes:
    """What the page shows above the answer; it keeps each one with the chat."""
    return event_line("status", {"description": description, "done": done})


def shown_line(urls: Sequence[str]) -> bytes:
    """Pictures that the page shows in place of those before, and that no chat keeps."""
    files: list[JsonValue] = [{"type": "image", "url": url} for url in urls]
    return event_line("chat:message:files", {"files": files})


def error_line(message: str, code: str, members: Json | None = None) -> bytes:
    """A failure; a line that had choices too would be passed over."""
    return line(orjson.dumps({"error": {"message": message, "code": code, **(members or {})}}))


@dataclass(frozen=True, slots=True)
class Chunks:
    """Writes the chunks of one answer."""

    id: str
    model: str
    created: int = field(default_factory=lambda: int(time.time()))

    def opening(self) -> bytes:
        """The first chunk, as every client expects it."""
        return self._choice({"role": "assistant", "content": ""})

    def text(self, content: str) -> bytes:
        """A piece of text."""
        return self._choice({"content": content})

    def picture(self, content: str, media_type: str, base64: str) -> bytes:
        """A picture with its caption; without one Open WebUI sends the base64 on to the page."""
        head = orjson.dumps(self._head())[:-1]
        return line(
            head,
            b',"choices":[{"index":0,"finish_reason":null,"delta":{"content":',
            orjson.dumps(content),
            b',"images":[',
            *picture_item(media_type, base64),
            b"]}}]}",
        )

    def usage(self, usage: Json, beside: Json) -> bytes:
        """What it took; it has no choices, as OpenAI's has none."""
        whole: Json = {**self._head(), "choices": [], "usage": usage, "imageway": beside}
        return line(orjson.dumps(whole))

    def closing(self) -> bytes:
        """The last chunk."""
        return self._choice({}, "stop")

    def _choice(self, delta: Json, reason: str | None = None) -> bytes:
        choice: Json = {"index": 0, "delta": delta, "finish_reason": reason}
        return line(orjson.dumps({**self._head(), "choices": [choice]}))

    def _head(self) -> Json:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
        }


def picture_item(media_type: str, base64: str) -> tuple[bytes, bytes, bytes]:
    """An item of `images` in pieces; base64 is neither parsed nor escaped."""
    head = b'{"type":"image_url","image_url":{"url":"data:%s;base64,' % media_type.encode()
    return head, base64.encode("ascii"), b'"}}'


def data_url(picture: Picture) -> str:
    """A small picture as a text that stands for it."""
    return f"data:{picture.media_type};base64,{picture.base64}"

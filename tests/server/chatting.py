"""Chats with the gateway, as clients have them, and what comes back line by line."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import aiohttp
import orjson
from pydantic import JsonValue, TypeAdapter

from tests.server.lab import OBJECT, Answer, Json, Lab, png

PLAIN = "/v1/chat/completions"
PAGE = "/openwebui/v1/chat/completions"
CHAT_ID = "X_OpenWebUI_Chat_Id"
OBJECTS: TypeAdapter[list[Json]] = TypeAdapter(list[Json])


@dataclass(slots=True)
class Heard:
    """A streamed answer: its lines in their order, and its comments."""

    lines: list[Json] = field(default_factory=list[Json])
    remarks: list[str] = field(default_factory=list[str])
    is_done: bool = False

    @property
    def events(self) -> list[Json]:
        return [OBJECT.validate_python(line["event"]) for line in self.lines if "event" in line]

    @property
    def statuses(self) -> list[str]:
        return [str(data_of(each)["description"]) for each in self.events if kind(each) == "status"]

    @property
    def deltas(self) -> list[Json]:
        choices = [OBJECTS.validate_python(line.get("choices", [])) for line in self.lines]
        return [OBJECT.validate_python(each["delta"]) for some in choices for each in some]

    @property
    def text(self) -> str:
        return "".join(str(delta.get("content", "")) for delta in self.deltas)

    @property
    def urls(self) -> list[str]:
        found = [OBJECTS.validate_python(delta.get("images", [])) for delta in self.deltas]
        return [url_in(item) for items in found for item in items]

    @property
    def pictures(self) -> list[bytes]:
        return [base64.b64decode(url.partition(",")[2]) for url in self.urls]

    @property
    def errors(self) -> list[str]:
        found = [OBJECT.validate_python(line["error"]) for line in self.lines if "error" in line]
        return [str(error["message"]) for error in found]

    @property
    def usage(self) -> Json:
        return OBJECT.validate_python(next(line["usage"] for line in self.lines if "usage" in line))


def kind(event: Json) -> str:
    return str(event["type"])


def data_of(event: Json) -> Json:
    return OBJECT.validate_python(event["data"])


def url_in(item: Json) -> str:
    return str(OBJECT.validate_python(item["image_url"])["url"])


def messages(*texts: str) -> list[JsonValue]:
    """Texts of a person and a model in turn, the person's first."""
    roles = ("user", "assistant")
    return [{"role": roles[place % 2], "content": text} for place, text in enumerate(texts)]


def with_picture(text: str, *urls: str) -> JsonValue:
    """A message as chat UIs send it, with pictures."""
    parts: list[JsonValue] = [{"type": "text", "text": text}]
    parts.extend(picture_part(url) for url in urls)
    return {"role": "user", "content": parts}


def picture_part(url: str) -> JsonValue:
    return {"type": "image_url", "image_url": {"url": url}}


def url_of(colour: str = "red") -> str:
    return f"data:image/png;base64,{base64.b64encode(png(colour)).decode()}"


async def ask(it: Lab, said: str | Sequence[JsonValue], path: str = PLAIN, **more: str) -> Answer:
    """One answer that is not streamed; headers are written with underscores."""
    return await it.ask(path, _body(said), **more)


def _body(said: str | Sequence[JsonValue], **fields: JsonValue) -> Json:
    told = messages(said) if isinstance(said, str) else list(said)
    return {"model": "default", "messages": told, **fields}


async def hear(
    it: Lab,
    said: str | Sequence[JsonValue],
    path: str = PAGE,
    headers: dict[str, str] | None = None,
    fields: Json | None = None,
) -> Heard:
    """A streamed answer, read to its end; fields stand beside the messages."""
    heard = Heard()
    body = _body(said, stream=True, **(fields or {}))
    async with it.session.post(it.url + path, json=body, headers=headers) as response:
        assert response.status == 200, await response.text()
        async for line in lines(response, heard):
            heard.lines.append(line)
    return heard


async def lines(response: aiohttp.ClientResponse, heard: Heard) -> AsyncIterator[Json]:
    """The data lines as they come; comments and the end are written into `heard`."""
    async for line in response.content:
        if line.startswith(b": "):
            heard.remarks.append(line[2:].decode().strip())
        elif line == b"data: [DONE]\n":
            heard.is_done = True
        elif line.startswith(b"data: "):
            assert not heard.is_done
            yield OBJECT.validate_python(orjson.loads(line[6:]))
        else:
            assert line == b"\n"


def content(answer: Answer) -> str:
    """The text of an answer that was not streamed."""
    return str(message(answer)["content"])


def message(answer: Answer) -> Json:
    choice = OBJECTS.validate_python(answer.json["choices"])[0]
    return OBJECT.validate_python(choice["message"])

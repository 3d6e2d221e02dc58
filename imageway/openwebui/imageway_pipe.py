"""
title: imageway
author: imageway
description: Draws through an imageway gateway: progress, previews, edits, a Stop that stops.
version: 0.1.0
required_open_webui_version: 0.12.0
license: Apache-2.0
"""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from importlib import import_module
from pathlib import Path
from textwrap import shorten
from typing import Protocol, runtime_checkable

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout
from pydantic import BaseModel, Field, JsonValue

Json = dict[str, JsonValue]
Tell = Callable[[Json], Awaitable[object]]

JOB = "X-Imageway-Job"
# The gateway says at least a comment every few seconds.
TIMES = ClientTimeout(total=None, connect=5, sock_read=120)
SHORT = ClientTimeout(total=5)
FILE = re.compile(r"/api/v1/files/([0-9a-fA-F-]{8,64})(?:/content)?/?$")
# Pictures that are sent along for an edit; a gateway takes 32 MiB as base64.
MOST_BYTES = 20 * 2**20
LONGEST_TITLE = 50


class Pipe:
    """The gateway's models as models of Open WebUI."""

    class Valves(BaseModel):
        """What the administrator sets."""

        BASE_URL: str = "http://127.0.0.1:8088/openwebui/v1"
        API_KEY: str = Field(default="", json_schema_extra={"input": {"type": "password"}})
        MODELS: str = Field(default="", description="names to offer, with commas; empty: all")
        SIZE: str = Field(default="", description="such as 1024x1024 or 16:9; empty: the model's")
        COUNT: int = Field(default=1, ge=1, le=10, description="pictures for one message")
        STYLE: str = Field(default="", description="for models that know styles")

    class UserValves(BaseModel):
        """What each person may set for themselves; --settings of a message go before it."""

        SIZE: str = Field(default="", description="such as 1024x1024 or 16:9; empty: as usual")
        COUNT: int = Field(default=0, ge=0, le=10, description="for one message; 0: as usual")
        SEED: int = Field(default=-1, ge=-1, description="same seed, same picture; -1: any")
        STYLE: str = Field(default="", description="for models that know styles; empty: as usual")

    def __init__(self) -> None:
        self.valves = self.Valves()
        self.name = "imageway: "
        self._listed: list[dict[str, str]] = []
        self._cancelling: set[asyncio.Task[None]] = set()

    async def pipes(self) -> list[dict[str, str]]:
        """The models to choose from; the last known ones while the gateway is away."""
        try:
            async with self._session(SHORT) as session, session.get(self._at("models")) as answer:
                said = _document(await answer.read())
        except (ClientError, TimeoutError) as error:
            said = _failure(self._no_answer(error))
        match said:
            case {"data": [*models]}:
                self._listed = [*self._offered(models)]
                return self._listed
            case {"error": {"message": str(why)}}:
                pass
            case _:
                why = "BASE_URL is no gateway"
        return self._listed or [{"id": "unreachable", "name": why}]

    def _offered(self, models: list[JsonValue]) -> Iterator[dict[str, str]]:
        wanted = {name.strip() for name in self.valves.MODELS.split(",") if name.strip()}
        for model in models:
            match model:
                case {"id": str(name), **rest} if not wanted or name in wanted:
                    yield {"id": name, "name": str(rest.get("name") or name)}
                case _:
                    continue

    async def pipe(
        self,
        body: Json,
        __user__: Mapping[str, object] | None = None,
        __event_emitter__: Tell | None = None,
        __chat_id__: str | None = None,
        __message_id__: str | None = None,
        __task__: str | None = None,
        __task_body__: Json | None = None,
    ) -> str | AsyncGenerator[Json]:
        """Draw what the last message asks for; hidden tasks are answered without drawing."""
        if __task__:
            return _task_answer(str(__task__), __task_body__ or body)
        user = __user__ or {}
        place = (str(__chat_id__ or ""), str(__message_id__ or ""), str(user.get("id")))
        order = self._order(body, user.get("valves"))
        order["messages"] = await _with_earlier_pictures(body.get("messages"), *place)
        if not body.get("stream"):
            return await self._whole(order)
        return self._told(order, __event_emitter__ or _tell_nobody, place[0])

    def _order(self, body: Json, own: object) -> Json:
        """The request for the gateway, with the settings that are in force for this person."""
        usual, mine = self.valves, own if isinstance(own, self.UserValves) else self.UserValves()
        settings: Json = {
            "size": mine.SIZE or usual.SIZE,
            "n": mine.COUNT or usual.COUNT,
            "seed": mine.SEED if mine.SEED >= 0 else "",
            "style": mine.STYLE or usual.STYLE,
            # Behind the name of this function.
            "model": str(body.get("model")).partition(".")[2],
            "stream": bool(body.get("stream")),
        }
        return {name: value for name, value in settings.items() if value != ""}

    async def _told(self, order: Json, tell: Tell, chat: str) -> AsyncGenerator[Json]:
        """The answer in pieces; whoever stops reading ends the job, all of it."""
        job: str | None = None
        try:
            async with self._asked(order, chat) as answer:
                job = answer.headers.get(JOB)
                if answer.status >= 400:
                    yield _failure(_reason(await answer.read(), answer.status))
                    return
                async with aclosing(_lines(answer)) as lines:
                    async for line in lines:
                        if (piece := await _piece(line, tell)) is not None:
                            yield piece
        except (ClientError, TimeoutError) as error:
            yield _failure(self._no_answer(error))
        except (asyncio.CancelledError, GeneratorExit):
            if job is not None:
                await self._cancel(job)
            raise

    async def _whole(self, order: Json) -> str:
        """The answer as one text, for programs that do not stream."""
        try:
            async with self._asked(order, "") as answer:
                said = await answer.read()
        except (ClientError, TimeoutError) as error:
            raise RuntimeError(self._no_answer(error)) from error
        match _document(said):
            case {"choices": [{"message": {"content": str(text)}}, *_]}:
                return text
            case _:
                raise RuntimeError(_reason(said, answer.status))

    @asynccontextmanager
    async def _asked(self, order: Json, chat: str) -> AsyncGenerator[ClientResponse]:
        headers = {"X-OpenWebUI-Chat-Id": chat} if chat else {}
        async with self._session(TIMES) as session:
            address = self._at("chat/completions")
            async with session.post(address, json=order, headers=headers) as answer:
                yield answer

    async def _cancel(self, job: str) -> None:
        """Have the gateway end a job, also while we are being ended ourselves."""
        task = asyncio.create_task(self._delete(job))
        self._cancelling.add(task)
        task.add_done_callback(self._cancelling.discard)
        await asyncio.shield(task)

    async def _delete(self, job: str) -> None:
        root = self.valves.BASE_URL.rstrip("/").removesuffix("/v1").removesuffix("/openwebui")
        # Its connection is closed as well, and that alone ends what has cost nothing.
        with suppress(ClientError, TimeoutError):
            async with self._session(SHORT) as session:
                await session.delete(f"{root}/v1/jobs/{job}")

    def _session(self, times: ClientTimeout) -> ClientSession:
        key = self.valves.API_KEY
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return ClientSession(timeout=times, headers=headers)

    def _at(self, path: str) -> str:
        return f"{self.valves.BASE_URL.rstrip('/')}/{path}"

    def _no_answer(self, error: Exception) -> str:
        why = str(error) or type(error).__name__
        return (
            f"The imageway gateway at {self.valves.BASE_URL} does not answer ({why}). "
            "Start it with `imageway serve`, or set BASE_URL among the valves of this function."
        )


async def _tell_nobody(event: Json) -> None:
    """Programs that use Open WebUI's API hear no events."""


async def _lines(answer: ClientResponse) -> AsyncGenerator[bytes]:
    """The lines of an answer, however long; aiohttp's own reader ends at 128 KB."""
    begun: list[bytes] = []
    async for piece in answer.content.iter_any():
        *ended, rest = piece.split(b"\n")
        for line in ended:
            yield b"".join((*begun, line))
            begun.clear()
        begun.append(rest)


async def _piece(line: bytes, tell: Tell) -> Json | None:
    """What a line of the gateway is for the chat; only what is named here gets there."""
    match _document(line.removeprefix(b"data: ")) if line.startswith(b"data: {") else None:
        case {"event": {"type": "status", "data": {"description": str(text), "done": done}}}:
            await tell({"type": "status", "data": {"description": text, "done": done is True}})
        case {"event": {"type": "chat:message:files", "data": {"files": [*files]}}}:
            shown: list[JsonValue] = [{"type": "image", "url": url} for url in _pictures(files)]
            await tell({"type": "chat:message:files", "data": {"files": shown}})
        case {"error": {"message": str(why)}}:
            return _failure(why)
        case {"usage": usage, "choices": []}:
            return {"choices": [], "usage": usage}
        case {"choices": [{"delta": {"content": str(text), "images": [*images]}}]}:
            return _delta(text, images)
        case {"choices": [{"delta": {"content": str(text)}}]} if text:
            return _delta(text, [])
        case _:
            pass
    return None


def _delta(text: str, images: list[JsonValue]) -> Json:
    """A piece of the answer; Open WebUI keeps its pictures as files."""
    delta: Json = {"content": text}
    if images:
        delta["images"] = [_part(url) for url in _pictures(images)]
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]}


def _part(url: str) -> JsonValue:
    return {"type": "image_url", "image_url": {"url": url}}


def _pictures(items: list[JsonValue]) -> Iterator[str]:
    """The data URLs of pictures, and nothing else that a URL may be."""
    for item in items:
        match item:
            case {"image_url": {"url": str(url)}} | {"url": str(url)} if url.startswith("data:im"):
                yield url
            case _:
                continue


def _failure(message: str) -> Json:
    return {"error": {"message": message}}


def _reason(said: bytes, status: int) -> str:
    match _document(said):
        case {"error": {"message": str(message)}}:
            return message
        case _:
            return f"The imageway gateway answered with HTTP {status} and no reason."


def _document(text: bytes) -> JsonValue:
    try:
        found: JsonValue = json.loads(text)
    except ValueError:
        return None
    return found


def _task_answer(task: str, body: Json) -> str:
    """What Open WebUI wants to know of a chat, told from its words."""
    asked = _said_by("user", body.get("messages"))
    wish = _text(asked[-1].get("content")) if asked else ""
    answers: Mapping[str, Json] = {
        "title_generation": {"title": _title(wish)},
        "tags_generation": {"tags": ["Pictures"]},
        "follow_up_generation": {"follow_ups": []},
        "query_generation": {"queries": []},
        "image_prompt_generation": {"prompt": wish},
        "autocomplete_generation": {"text": ""},
    }
    return json.dumps(answers[task], ensure_ascii=False) if task in answers else ""


def _title(wish: str) -> str:
    """The wish without commands and settings, and of bounded length."""
    words = re.sub(r"^\s*/\w+|(?<!\S)--\w[\w-]*(?:\s+\S+)?", "", wish)
    return shorten(words, LONGEST_TITLE, placeholder="…") or "Pictures"


def _said_by(role: str, messages: JsonValue) -> list[Json]:
    said = messages if isinstance(messages, list) else []
    return [each for each in said if isinstance(each, dict) and each.get("role") == role]


def _text(content: JsonValue) -> str:
    match content:
        case str(text):
            return text
        case [*parts]:
            texts = (part.get("text") for part in parts if isinstance(part, dict))
            return " ".join(text for text in texts if isinstance(text, str))
        case _:
            return ""


@runtime_checkable
class _Chats(Protocol):
    async def get_messages_map_by_chat_id(self, id: str) -> dict[str, Json] | None: ...  # noqa: A002 - its name there


@runtime_checkable
class _Files(Protocol):
    async def get_file_by_id_and_user_id(self, id: str, user_id: str) -> object: ...  # noqa: A002 - its name there


@runtime_checkable
class _Storage(Protocol):
    def get_file(self, file_path: str) -> str: ...


def _theirs(module: str, name: str) -> object:
    found: object = getattr(import_module(f"open_webui.{module}"), name, None)
    return found


async def _with_earlier_pictures(
    messages: JsonValue, chat: str, message: str, user: str
) -> JsonValue:
    """The messages with the newest pictures of the chat in the answer that they belong to."""
    answers = _said_by("assistant", messages)
    if not (answers and chat and message):
        return messages
    try:
        back, urls = await _earlier_pictures(chat, message, user)
    except (ImportError, TypeError, OSError):
        # Another version of Open WebUI: the gateway remembers its own pictures of the chat.
        return messages
    if urls and back <= len(answers):
        answer = answers[-back]
        text: JsonValue = {"type": "text", "text": _text(answer.get("content"))}
        answer["content"] = [text, *map(_part, urls)]
    return messages


async def _earlier_pictures(chat: str, message: str, user: str) -> tuple[int, list[str]]:
    """The newest pictures that were drawn in a chat, and how many answers back that is."""
    chats = _theirs("models.chats", "Chats")
    messages = await chats.get_messages_map_by_chat_id(chat) if isinstance(chats, _Chats) else None
    back = 0
    for earlier in _before(messages or {}, message):
        if earlier.get("role") == "assistant":
            back += 1
            if urls := await _read_pictures(earlier.get("files"), user):
                return back, urls
    return 0, []


def _before(messages: Mapping[str, Json], message: str) -> Iterator[Json]:
    """The messages that lead to one, the nearest first."""
    place = messages.get(message, {}).get("parentId")
    for _ in messages:
        if not isinstance(place, str) or place not in messages:
            return
        yield messages[place]
        place = messages[place].get("parentId")


async def _read_pictures(items: JsonValue, user: str) -> list[str]:
    """The person's own picture files of a message as data URLs."""
    files, storage = _theirs("models.files", "Files"), _theirs("storage.provider", "Storage")
    if not (isinstance(files, _Files) and isinstance(storage, _Storage)):
        return []
    urls: list[str] = []
    room = MOST_BYTES
    for name in _file_names(items):
        path: object = getattr(await files.get_file_by_id_and_user_id(name, user), "path", None)
        if isinstance(path, str):
            local = Path(await asyncio.to_thread(storage.get_file, path))
            data = await asyncio.to_thread(local.read_bytes)
            room -= len(data)
            if room >= 0:
                urls.append(f"data:image/png;base64,{b64encode(data).decode()}")
    return urls


def _file_names(items: JsonValue) -> Iterator[str]:
    for item in items if isinstance(items, list) else []:
        match item:
            case {"type": "image", "url": str(url)} if found := FILE.search(url):
                yield found[1]
            case _:
                continue

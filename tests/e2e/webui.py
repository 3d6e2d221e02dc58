"""Open WebUI as its page uses it: its HTTP API, its Socket.IO events, and chats."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import aiohttp
from pydantic import JsonValue, TypeAdapter

Json = dict[str, JsonValue]
OBJECT: TypeAdapter[Json] = TypeAdapter(Json)
ANY: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)
# What a page sends along with the first message of a chat, when nobody changed a setting.
USUAL_TASKS: Json = {
    "title_generation": True,
    "tags_generation": True,
    "follow_up_generation": True,
}
PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Heard:
    """One event that the page would have drawn, and when."""

    at: float
    message: str
    type: str
    data: JsonValue


@dataclass(slots=True)
class Page:
    """What an open page hears by Socket.IO."""

    session: str = ""
    heard: list[Heard] = field(default_factory=list[Heard])
    connected: asyncio.Event = field(default_factory=asyncio.Event)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, payload: JsonValue) -> None:
        match payload:
            case [str(), {"message_id": message, "data": {"type": str(kind), "data": data}}]:
                self.heard.append(Heard(time.monotonic(), str(message), kind, data))
                self._stirred.set()
            case _:
                pass

    def of(self, message: str, kind: str) -> list[Heard]:
        return [each for each in self.heard if each.message == message and each.type == kind]

    async def until(self, message: str, kind: str, count: int = 1) -> list[Heard]:
        """Wait for so many events of a kind."""
        async with asyncio.timeout(PATIENCE):
            while len(found := self.of(message, kind)) < count:
                self._stirred.clear()
                await self._stirred.wait()
        return found

    async def until_done(self, message: str) -> None:
        """Wait until the answer is whole."""
        async with asyncio.timeout(PATIENCE):
            while not any(_is_end(each) for each in self.heard if each.message == message):
                self._stirred.clear()
                await self._stirred.wait()


def _is_end(heard: Heard) -> bool:
    """Status lines have a `done` of their own."""
    is_about_all = heard.type in {"chat:completion", "chat:message:error"}
    return is_about_all and isinstance(heard.data, dict) and heard.data.get("done") is True


@dataclass(frozen=True, slots=True)
class Asked:
    """A message that was sent, and the answer that it will have."""

    chat: str
    message: str
    answer: str
    at: float


@dataclass(slots=True)
class WebUI:
    """A person who is signed in at Open WebUI, with its page open."""

    url: str
    session: aiohttp.ClientSession
    token: str
    page: Page

    async def ask(self, method: str, path: str, body: JsonValue = None) -> JsonValue:
        """Ask its API; raises with its own words where it refuses."""
        sent = None if body is None else json.dumps(body)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        async with self.session.request(
            method, f"{self.url}{path}", data=sent, headers=headers
        ) as got:
            text = await got.text()
            if got.status >= 400:
                raise AssertionError(f"{method} {path}: HTTP {got.status} {text[:500]}")
            return ANY.validate_json(text)

    async def read(self, path: str) -> tuple[str, bytes]:
        """The type and the bytes of a file."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.session.get(f"{self.url}{path}", headers=headers) as got:
            assert got.status == 200, await got.text()
            return got.content_type, await got.read()

    async def upload(self, name: str, data: bytes, media_type: str) -> Json:
        """Upload a picture as the page does; returns what it then sends with the message."""
        form = aiohttp.FormData()
        form.add_field("file", data, filename=name, content_type=media_type)
        headers = {"Authorization": f"Bearer {self.token}"}
        address = f"{self.url}/api/v1/files/?process=false"
        async with self.session.post(address, data=form, headers=headers) as got:
            made = str(OBJECT.validate_json(await got.text())["id"])
        about: Json = {"type": "image", "id": made, "url": made, "name": name}
        return {**about, "content_type": media_type}

    async def models(self) -> dict[str, Json]:
        """What the model picker offers."""
        listed = OBJECT.validate_python(await self.ask("GET", "/api/models?refresh=true"))
        models = TypeAdapter(list[Json]).validate_python(listed["data"])
        return {str(model["id"]): model for model in models}

    async def say(
        self,
        model: str,
        text: str,
        after: Asked | None = None,
        tasks: Json | None = None,
        files: Sequence[Json] = (),
        tools: Sequence[str] = (),
    ) -> Asked:
        """Send a message as the page does: the first of a chat, or one after another."""
        message, answer = str(uuid4()), str(uuid4())
        parent = None if after is None else after.answer
        said: Json = {
            "id": message,
            "parentId": parent,
            "childrenIds": [],
            "role": "user",
            "content": text,
            "timestamp": int(time.time()),
            "models": [model],
            **({"files": list(files)} if files else {}),
        }
        earlier = [] if after is None else await self._messages(after.chat, after.answer)
        body: Json = {
            "stream": True,
            "model": model,
            "messages": [*earlier, {"role": "user", "content": text}],
            "params": {},
            "features": {},
            "session_id": self.page.session,
            "id": answer,
            "parent_id": parent,
            "user_message": said,
            "background_tasks": tasks or {},
            **({"tool_ids": list(tools)} if tools else {}),
            **({} if after is None else {"chat_id": after.chat}),
        }
        at = time.monotonic()
        begun = OBJECT.validate_python(await self.ask("POST", "/api/chat/completions", body))
        chat = begun.get("chat_id") or (after.chat if after else "")
        return Asked(str(chat), message, answer, at)

    async def _messages(self, chat: str, last: str) -> list[JsonValue]:
        """The messages that lead to one, as the page sends them: texts alone."""
        kept = await self.history(chat)
        found: list[JsonValue] = []
        place: JsonValue = last
        while isinstance(place, str) and place in kept:
            message = kept[place]
            found.insert(0, {"role": message["role"], "content": message.get("content", "")})
            place = message.get("parentId")
        return found

    async def history(self, chat: str) -> Mapping[str, Json]:
        """The messages that are kept of a chat, by their ids."""
        whole = OBJECT.validate_python(await self.ask("GET", f"/api/v1/chats/{chat}"))
        inner = OBJECT.validate_python(whole["chat"])
        messages = OBJECT.validate_python(inner["history"])["messages"]
        return TypeAdapter(dict[str, Json]).validate_python(messages)

    async def chat_json(self, chat: str) -> str:
        """A chat as it is kept."""
        return json.dumps(await self.ask("GET", f"/api/v1/chats/{chat}"))

    async def answered(self, asked: Asked) -> Json:
        """Wait for the end of an answer, and return what is kept of it."""
        await self.page.until_done(asked.answer)
        return (await self.history(asked.chat))[asked.answer]

    async def stop(self, asked: Asked) -> None:
        """Press Stop."""
        await self.ask("POST", f"/api/tasks/chat/{asked.chat}/stop")


@asynccontextmanager
async def signed_in(url: str) -> AsyncGenerator[WebUI]:
    """Sign in as the one person of an installation without accounts, and open a page."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as session:
        account = {"email": "admin@localhost", "password": "admin"}
        async with session.post(f"{url}/api/v1/auths/signin", json=account) as got:
            token = str(OBJECT.validate_json(await got.text())["token"])
        page = Page()
        async with session.ws_connect(
            f"{url}/ws/socket.io/?EIO=4&transport=websocket", max_msg_size=0
        ) as socket:
            await socket.send_str(f"40{json.dumps({'token': token})}")
            listening = asyncio.create_task(_listen(socket, page))
            async with asyncio.timeout(PATIENCE):
                await page.connected.wait()
            yield WebUI(url, session, token, page)
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def _listen(socket: aiohttp.ClientWebSocketResponse, page: Page) -> None:
    """Socket.IO in small: pings are answered, events are kept."""
    async for message in socket:
        text = str(message.data)
        if text == "2":
            await socket.send_str("3")
        elif text.startswith("40"):
            page.session = str(OBJECT.validate_json(text[2:])["sid"])
            page.connected.set()
        elif text.startswith("42"):
            page.hear(ANY.validate_json(text[2:].lstrip("0123456789")))

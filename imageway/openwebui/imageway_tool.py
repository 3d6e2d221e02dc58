"""
title: imageway pictures
author: imageway
description: Lets a text model draw and change pictures through an imageway gateway.
version: 0.1.0
required_open_webui_version: 0.12.0
license: Apache-2.0
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Protocol, runtime_checkable

from aiohttp import ClientError, ClientSession, ClientTimeout
from pydantic import BaseModel, Field, JsonValue

Json = dict[str, JsonValue]
Tell = Callable[[Json], Awaitable[object]]

# Pictures may wait in a line for long; a gateway that is away is known at once.
TIMES = ClientTimeout(total=1800, connect=5)
OK = 200


class Unfetched(Exception):
    """A picture was drawn and its link leads nowhere."""


class Tools:
    """What a text model may call."""

    class Valves(BaseModel):
        """What the administrator sets."""

        BASE_URL: str = "http://127.0.0.1:8088/v1"
        API_KEY: str = Field(default="", json_schema_extra={"input": {"type": "password"}})
        MODEL: str = Field(default="default", description="a route of the gateway")

    def __init__(self) -> None:
        self.valves = self.Valves()

    async def draw_pictures(
        self,
        prompt: str,
        count: int = 1,
        size: str = "",
        __user__: Mapping[str, object] | None = None,
        __event_emitter__: Tell | None = None,
        __request__: object = None,
    ) -> str:
        """
        Draw new pictures and show them to the user.

        :param prompt: what is to be seen, described in full sentences
        :param count: how many pictures, from 1 to 4
        :param size: width and height such as 1024x1024; empty: as the model likes
        """
        wish: Json = {"prompt": prompt, "n": count, **({"size": size} if size else {})}
        desk = Desk(__user__ or {}, __event_emitter__, __request__)
        return await self._drawn("images/generations", wish, desk)

    async def change_picture(
        self,
        picture: str,
        change: str,
        __user__: Mapping[str, object] | None = None,
        __event_emitter__: Tell | None = None,
        __request__: object = None,
    ) -> str:
        """
        Change a picture that was drawn before, and show the new one to the user.

        :param picture: the id of the picture as an earlier answer gave it, such as file-0a1b2c
        :param change: what is to be different, such as: make the sky darker
        """
        wish: Json = {"prompt": change, "image": {"file_id": picture}}
        desk = Desk(__user__ or {}, __event_emitter__, __request__)
        return await self._drawn("images/edits", wish, desk)

    async def _drawn(self, path: str, wish: Json, desk: Desk) -> str:
        """Have it drawn, show it, and say in words for the text model what came of it."""
        await desk.say("Drawing", done=False)
        order: Json = {**wish, "model": self.valves.MODEL, "response_format": "url"}
        names: list[str] = []
        pictures: list[bytes] = []
        missing: list[str] = []
        try:
            _, answer = await self._ask("POST", path, order)
            said: JsonValue = json.loads(answer)
            missing += [f"Not drawn: {why}." for why in _failures(said)]
            for item in _items(said):
                pictures.append(await self._picture(item))
                names.append(_name(item))
        except (ClientError, TimeoutError, ValueError) as error:
            base = self.valves.BASE_URL
            missing.append(f"Not drawn: the gateway at {base} does not answer: {error}.")
        except Unfetched as error:
            missing.append(f"Drawn, but not shown: {error}.")
        await desk.show(pictures)
        await desk.say(f"{len(pictures)} of {wish.get('n', 1)} pictures", done=True)
        return " ".join((*_shown(names), *missing))

    async def _picture(self, item: Json) -> bytes:
        """The bytes of a picture: from behind its link, or in the answer where it has none."""
        name, inside = _name(item), item.get("b64_json")
        if isinstance(inside, str):
            return b64decode(inside)
        status, data = await self._ask("GET", f"files/{name}")
        if not name or status != OK:
            raise Unfetched(f"the picture {name} cannot be fetched (status {status})")
        return data

    async def _ask(self, method: str, path: str, body: Json | None = None) -> tuple[int, bytes]:
        key = self.valves.API_KEY
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        address = f"{self.valves.BASE_URL.rstrip('/')}/{path}"
        async with (
            ClientSession(timeout=TIMES, headers=headers) as session,
            session.request(method, address, json=body) as answer,
        ):
            return answer.status, await answer.read()


@runtime_checkable
class _Users(Protocol):
    async def get_user_by_id(self, id: str) -> object: ...  # noqa: A002 - its name there


class Desk:
    """Where pictures and status lines are put down for one person."""

    def __init__(self, user: Mapping[str, object], tell: Tell | None, request: object) -> None:
        self._user, self._tell, self._request = user, tell, request

    async def say(self, text: str, *, done: bool) -> None:
        """Tell how far it is."""
        if self._tell is not None:
            await self._tell({"type": "status", "data": {"description": text, "done": done}})

    async def show(self, pictures: list[bytes]) -> None:
        """Keep pictures as the person's files and show them; all at once, for a page replaces."""
        if self._tell is None or not pictures:
            return
        users: object = import_module("open_webui.models.users").Users
        keep = import_module("open_webui.utils.files").get_image_url_from_base64
        person = (
            await users.get_user_by_id(str(self._user["id"])) if isinstance(users, _Users) else None
        )
        files: list[JsonValue] = []
        for data in pictures:
            url = f"data:image/png;base64,{b64encode(data).decode()}"
            files.append({"type": "image", "url": str(await keep(self._request, url, {}, person))})
        await self._tell({"type": "files", "data": {"files": files}})


def _items(said: JsonValue) -> list[Json]:
    """What the gateway tells of each picture."""
    match said:
        case {"data": [*items]}:
            return [item for item in items if isinstance(item, dict)]
        case _:
            return []


def _name(item: Json) -> str:
    """The id of a picture, out of its link; empty where it could not be kept and has none."""
    return str(item.get("url") or "").partition("/v1/files/")[2].partition("?")[0]


def _shown(names: list[str]) -> list[str]:
    """What the person sees now; only what has an id can be changed."""
    known = [name for name in names if name]
    others = len(names) - len(known)
    said = [f"The user sees the pictures {', '.join(known)} now."] if known else []
    if others:
        said.append(f"The user sees {others} of the pictures now that cannot be changed.")
    return said


def _failures(said: JsonValue) -> list[str]:
    """Why pictures did not come, in the gateway's words."""
    match said:
        case {"error": {"message": str(message)}}:
            return [message]
        case {"imageway": {"failures": [{"message": str()}, *_] as failures}}:
            return [
                "; ".join(str(each.get("message")) for each in failures if isinstance(each, dict))
            ]
        case _:
            return [] if _items(said) else ["the gateway gave no pictures and no reason"]

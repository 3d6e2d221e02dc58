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
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from importlib import import_module
from typing import Protocol, runtime_checkable

from aiohttp import ClientError, ClientSession, ClientTimeout
from pydantic import BaseModel, Field, JsonValue

Json = dict[str, JsonValue]
Tell = Callable[[Json], Awaitable[object]]

# Pictures may wait in a line for long; a gateway that is away is known at once.
TIMES = ClientTimeout(total=1800, connect=5)


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
        try:
            said = json.loads(await self._ask("POST", path, order))
            names = [*_names(said)]
            pictures = [await self._ask("GET", f"files/{name}") for name in names]
        except (ClientError, TimeoutError, ValueError) as error:
            said, names, pictures = None, [], []
            why = f"the gateway at {self.valves.BASE_URL} does not answer: {error}"
        else:
            why = "; ".join(_failures(said))
        await desk.show(pictures)
        await desk.say(f"{len(names)} of {wish.get('n', 1)} pictures", done=True)
        shown = f"The user sees the pictures {', '.join(names)} now. " if names else ""
        return f"{shown}Not drawn: {why}." if why else shown

    async def _ask(self, method: str, path: str, body: Json | None = None) -> bytes:
        key = self.valves.API_KEY
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        address = f"{self.valves.BASE_URL.rstrip('/')}/{path}"
        async with (
            ClientSession(timeout=TIMES, headers=headers) as session,
            session.request(method, address, json=body) as answer,
        ):
            return await answer.read()


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


def _names(said: JsonValue) -> list[str]:
    """The ids of the pictures, out of their links."""
    match said:
        case {"data": [*items]}:
            links = [item.get("url") for item in items if isinstance(item, dict)]
            return [
                str(link).partition("/v1/files/")[2].partition("?")[0] for link in links if link
            ]
        case _:
            return []


def _failures(said: JsonValue) -> list[str]:
    """Why pictures did not come, in the gateway's words."""
    match said:
        case {"error": {"message": str(message)}}:
            return [message]
        case {"imageway": {"failures": [*failures]}}:
            return [str(each.get("message")) for each in failures if isinstance(each, dict)]
        case _:
            return ["the gateway gave no pictures and no reason"]

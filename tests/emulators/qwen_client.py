"""A client of the Qwen emulators, for their tests: small pictures, a clock set by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import aiohttp
from pydantic import JsonValue

from imageway.emulators.qwen import QwenEmulator
from imageway.emulators.qwen_answers import Facts
from imageway.emulators.qwen_published import PublishedQwenEmulator

Body = dict[str, JsonValue]
NO_FIELDS: Mapping[str, JsonValue] = {}
NO_HEADERS: Mapping[str, str] = {}
BACKGROUND: Mapping[str, JsonValue] = {"async": True}
SMALL = replace(
    Facts(),
    sizes={
        "1:1": (64, 64),
        "16:9": (112, 64),
        "9:16": (64, 112),
        "4:3": (96, 72),
        "3:4": (72, 96),
        "3:2": (96, 64),
        "2:3": (64, 96),
    },
)


class Clock:
    """A clock that stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """What it shows."""
        return self.now


class SmallQwen(QwenEmulator):
    """The extended service with small pictures."""

    facts = SMALL

    @staticmethod
    def named(model: str) -> Facts:
        """The facts of one whose model has another name."""
        return replace(SMALL, model=model)


class SmallPublishedQwen(PublishedQwenEmulator):
    """The published service with small pictures."""

    facts = SMALL


@dataclass(frozen=True, slots=True)
class Event:
    """One event as it was read."""

    name: str
    data: Mapping[str, JsonValue]


async def generate(
    client: aiohttp.ClientSession,
    body: Mapping[str, JsonValue] = NO_FIELDS,
    headers: Mapping[str, str] = NO_HEADERS,
    **more: JsonValue,
) -> tuple[int, Body]:
    """Ask in the background, or for JSON; a prompt is supplied."""
    accept = {"Accept": "application/json", **headers}
    wish = {"prompt": "a red fox", **body, **more}
    async with client.post("/api/generate", json=wish, headers=accept) as response:
        return response.status, await response.json()


async def look(client: aiohttp.ClientSession, path: str) -> tuple[int, Body]:
    """Ask for JSON."""
    async with client.get(path) as response:
        return response.status, await response.json()


async def events(client: aiohttp.ClientSession, request_id: str) -> list[Event]:
    """Read the events of a request to their end."""
    async with client.get(f"/api/requests/{request_id}/events") as response:
        return read(await response.text())


def read(text: str) -> list[Event]:
    """The events of a text."""
    return [read_one(block) for block in text.split("\n\n") if "data:" in block]


def read_one(block: str) -> Event:
    """One event of several lines."""
    fields = dict(line.split(": ", 1) for line in block.strip().splitlines())
    return Event(fields["event"], json.loads(fields["data"]))


async def submit(client: aiohttp.ClientSession, **more: JsonValue) -> str:
    """Ask in the background; the id of the request."""
    status, answer = await generate(client, {**BACKGROUND, **more})
    assert status == 202
    return str(answer["request_id"])


def names(heard: list[Event]) -> list[str]:
    """The names of events, each run of the same once."""
    return [
        event.name
        for place, event in enumerate(heard)
        if not place or heard[place - 1].name != event.name
    ]

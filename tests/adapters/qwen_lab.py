"""The Qwen adapter behind its policies, and the emulated servers that it speaks to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from pydantic import JsonValue

from imageway.adapters.qwen import QwenAdapter, QwenConfig
from imageway.core.door import door
from imageway.core.events import Event
from imageway.core.fanout import fan_out
from imageway.core.http import Http
from imageway.core.limits import ends_with_its_reader
from imageway.core.memo import Memo
from imageway.core.negotiate import negotiate
from imageway.core.outgoing import Times
from imageway.core.request import ImageRequest
from imageway.core.result import ImageResult, fold
from imageway.core.run import Hooks, Run
from imageway.core.streaming import Handler, play
from imageway.emulators.base import Emulator
from imageway.emulators.heard import Heard
from imageway.emulators.serving import serve
from imageway.providers.jobs import Job, Jobs
from tests.core.samples import listening

Kind = TypeVar("Kind")

MODEL = "qwen-image-2512"
DOCUMENTED = frozenset(
    {"prompt", "negative_prompt", "aspect_ratio", "num_steps", "cfg_scale", "seed"}
    | {"format", "async", "allow_degrade", "max_wait_seconds"}
)


@dataclass(slots=True)
class Gate:
    """A sleep that lasts until it is opened; what does not sleep at all passes."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, seconds: float) -> None:
        """Wait, if there is anything to wait for."""
        if seconds:
            self.reached.set()
            await self.opened.wait()


@dataclass(slots=True)
class Lab:
    """An adapter that can be asked, and what was heard of the last request."""

    adapter: QwenAdapter
    handler: Handler
    urls: tuple[str, ...]
    memo: Memo
    events: list[Event] = field(default_factory=list[Event])
    slept: list[float] = field(default_factory=list[float])

    def start(self, prompt: str = "a red fox", /, **wishes: object) -> Job:
        """Begin a request."""
        request = ImageRequest.build({"prompt": prompt, "model": MODEL, **wishes})
        return Jobs().start(self.handler, request, "somebody")

    async def draw(self, prompt: str = "a red fox", /, **wishes: object) -> ImageResult:
        """Ask, and hear everything."""
        request = ImageRequest.build({"prompt": prompt, "model": MODEL, **wishes})
        run, self.events = listening(request.count)
        await play(self.handler, request, run)
        return fold(self.events)

    def of(self, kind: type[Kind]) -> list[Kind]:
        """What was heard of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


@asynccontextmanager
async def lab(
    *servers: Emulator | str,
    cost: Literal["paid", "local"] = "local",
    times: Times | None = None,
    key: str | None = None,
) -> AsyncGenerator[Lab]:
    """Serve the emulators, and set the adapter before them; a text is an address as it stands."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await asyncio.sleep(0)

    async with AsyncExitStack() as stack:
        urls = [
            each if isinstance(each, str) else await stack.enter_async_context(serve(each))
            for each in servers
        ]
        http = await stack.enter_async_context(Http(True, times or Times(), sleep))
        memo = Memo()
        stack.push_async_callback(memo.close)
        place = {"base_url": urls[0]} if len(urls) == 1 else {"instances": tuple(urls)}
        config = QwenConfig.model_validate({**place, "api_key": key})
        adapter = QwenAdapter(config, http, memo)
        handler = stacked(adapter, Hooks(free=cost == "local"))
        yield Lab(adapter, handler, tuple(urls), memo, slept=slept)


def stacked(adapter: QwenAdapter, hooks: Hooks) -> Handler:
    """What stands around an adapter at the least; nothing is asked twice here."""
    inner = ends_with_its_reader(door(adapter.generate))

    async def attempt(request: ImageRequest, run: Run) -> None:
        await inner(request, run.part(run.open).recording(hooks))

    return negotiate(fan_out(attempt, adapter.describe), adapter.describe)


def heard(emulator: Emulator, method: str, path: str = "/api/") -> list[Heard]:
    """The requests that came so, in order."""
    return [each for each in emulator.heard if each.method == method and each.path.startswith(path)]


def wishes(emulator: Emulator) -> list[dict[str, JsonValue]]:
    """The bodies that asked for pictures, each of nothing but what the contract names."""
    bodies = [each.fields() for each in heard(emulator, "POST", "/api/generate")]
    assert all(body.keys() <= DOCUMENTED for body in bodies)
    return bodies

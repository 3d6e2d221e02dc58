"""A house of scripted vendors: the whole stack over them, with a clock that jumps."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from pydantic import JsonValue

from imageway.client import Imageway
from imageway.core.events import Event
from imageway.core.memo import Memo
from imageway.core.request import ImageRequest
from imageway.core.result import ImageResult
from imageway.providers.accounting.accounts import Accounts
from imageway.providers.accounting.rates import Rates
from imageway.providers.accounting.spending import Spending
from imageway.providers.cache import Answers
from imageway.providers.config import Config
from imageway.providers.jobs import Job
from imageway.providers.keys import Keyring
from imageway.providers.loading import Source
from imageway.providers.registry import Provider
from imageway.providers.router import Router
from imageway.providers.snapshot import Snapshot
from imageway.providers.stack import candidate_stack
from imageway.providers.state import Surroundings, new_state
from tests.stack.vendor import Vendor

Json = Mapping[str, JsonValue]
USUAL: Json = {}
BEGIN = 1_706_832_000.0
NO_TABLES: Mapping[str, Json] = {}


class House:
    """Vendors in the order in which they are asked; made inside the loop that it runs on."""

    def __init__(
        self,
        *vendors: Vendor,
        defaults: Json = USUAL,
        tables: Mapping[str, Json] = NO_TABLES,
        state: Path | None = None,
        begin: float = BEGIN,
        **more: Json,
    ) -> None:
        self.vendors = vendors
        self.loop = asyncio.get_running_loop()
        self.begin = begin
        around = Surroundings(self.loop.time, asyncio.sleep, lambda: 1.0, self.date)
        source = _source(vendors, defaults, {**tables, **more})
        self.providers = {each.name: _provider(source, each, around, state) for each in vendors}
        keys = source.config.keys
        memory = source.config.cache
        self.snapshot = Snapshot(
            source,
            self.providers,
            Router(source, self.providers),
            Keyring(source, {}),
            Answers(memory.size, memory.keep, self.loop.time),
            Accounts(keys, Spending((state or Path("nowhere")) / "spending.db", self.date)),
            Rates({name: key.rate for name, key in keys.items() if key.rate}, self.loop.time),
        )
        self.way = Imageway(self.snapshot)

    def date(self) -> float:
        """Seconds since 1970, when the scene begins and from then on."""
        return self.begin + self.loop.time()

    def start(self, count: int = 1, seconds: float | None = None, **wishes: object) -> Job:
        """Begin a request."""
        request = ImageRequest.build({"prompt": "a fox", "count": count, **wishes})
        return self.way.start(request, seconds=seconds)

    def start_for(self, caller: str, count: int = 1) -> Job:
        """Begin a request of somebody with a key."""
        return self.way.start(ImageRequest(prompt="a fox", count=count), caller)

    async def breath(self) -> None:
        """Let what can run do so, in no time."""
        for _ in range(20):
            await asyncio.sleep(0)

    async def draw(self, count: int = 1, **wishes: object) -> ImageResult:
        """A request to its end."""
        return await self.start(count, None, **wishes).result()

    async def hear(self, job: Job) -> list[Event]:
        """Everything that a job tells, once it has ended."""
        async with job.subscribe() as events:
            return [event async for event in events]


def _source(vendors: Sequence[Vendor], defaults: Json, tables: Mapping[str, Json]) -> Source:
    """Tables of a vendor come under its name; others are the file's own."""
    names = [each.name for each in vendors]
    own = {name: {"adapter": "scripted", **tables.get(name, {})} for name in names}
    file = {name: table for name, table in tables.items() if name not in names}
    tries = [f"{name}/{name}-1" for name in names]
    return Source(
        Config.model_validate(
            {
                "defaults": defaults,
                "providers": own,
                "routes": {"default": {"try": tries}},
                **file,
            }
        ),
        Path("plugins.toml"),
    )


def _provider(
    source: Source, vendor: Vendor, around: Surroundings, folder: Path | None
) -> Provider:
    config = source.config.providers[vendor.name]
    policies = source.config.policies(config)
    state = new_state(vendor.name, policies, around, folder)
    stack = partial(candidate_stack, vendor, config, policies, state, None)
    memo = Memo(around.clock)
    return Provider(vendor.name, config, policies, state, adapter=vendor, stack=stack, memo=memo)

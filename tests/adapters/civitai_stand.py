"""CivitAI's adapter on a stand, its emulator before it; one clock for both, nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from imageway.adapters.civitai import CivitaiAdapter, CivitaiConfig
from imageway.core.errors import ErrorInfo
from imageway.core.events import Charged, Event, Note
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.outgoing import Times
from imageway.core.request import ImageRequest
from imageway.core.result import ImageResult, fold
from imageway.core.run import Ledger, Run
from imageway.core.streaming import Handler, play
from imageway.emulators.civitai import CivitaiEmulator
from imageway.emulators.faults import Spot
from imageway.emulators.heard import Heard
from imageway.emulators.serving import serve
from imageway.providers.cache import Answers
from imageway.providers.config import ProviderConfig
from imageway.providers.fallback import Candidate
from imageway.providers.stack import candidate_stack, request_stack
from imageway.providers.state import new_state
from imageway.providers.tables.policies import Policies
from tests.emulators.civitai_lab import SDXL, emulator

# One attempt, so that each test sees what the adapter itself makes of an answer.
ONCE = Policies.model_validate({"retry": {"attempts": 1}})


@dataclass(slots=True)
class Stand:
    """One adapter, its vendor, and what was heard of the last request."""

    vendor: CivitaiEmulator
    adapter: CivitaiAdapter
    url: str
    name: str = "civitai"
    heard: tuple[Event, ...] = ()
    policies: Policies = field(default_factory=lambda: ONCE)

    async def draw(
        self, prompt: str = "a lighthouse", model: str = SDXL, **wishes: object
    ) -> ImageResult:
        """Ask through the policies of a provider, as everybody does."""
        request = ImageRequest.build({"prompt": prompt, "model": model, **wishes})
        events: list[Event] = []
        ledger = Ledger(events.append, request.count)
        await play(self.handler(model), request, Run(ledger, tuple(range(request.count))))
        self.heard = tuple(events)
        return fold(events)

    def handler(self, model: str = SDXL) -> Handler:
        """The whole stack around the adapter."""
        state, answers = new_state(self.name, self.policies), Answers(most=0, seconds=0)
        config = ProviderConfig(adapter="civitai")
        inner = candidate_stack(self.adapter, config, self.policies, state)
        return request_stack([Candidate(self.name, model, inner)], answers, 500)

    async def refusal(
        self, prompt: str = "a lighthouse", model: str = SDXL, **wishes: object
    ) -> ErrorInfo:
        """Ask for what fails altogether."""
        error = (await self.draw(prompt, model, **wishes)).error
        assert error is not None
        return error

    @property
    def notes(self) -> list[str]:
        """What the last request's caller was told besides."""
        return [event.detail for event in self.heard if isinstance(event, Note)]

    @property
    def charged(self) -> float:
        """What the last request's caller was told that it cost."""
        return sum(event.amount for event in self.heard if isinstance(event, Charged))

    def at(self, spot: Spot) -> list[Heard]:
        """What the vendor heard at one step."""
        return self.vendor.heard_at(spot)

    @property
    def ordered(self) -> list[Heard]:
        """The calls that may cost."""
        return self.at(Spot.WORK)

    @property
    def input(self) -> Mapping[str, object]:
        """The input of the last order's one step."""
        steps = self.ordered[-1].fields()["steps"]
        assert isinstance(steps, list)
        step = steps[0]
        assert isinstance(step, dict)
        found = step["input"]
        assert isinstance(found, dict)
        return found


@asynccontextmanager
async def stand(vendor: CivitaiEmulator | None = None, **config: object) -> AsyncGenerator[Stand]:
    """An adapter in front of an emulator, as long as the block lasts."""
    vendor = emulator() if vendor is None else vendor

    async def sleep(seconds: float) -> None:
        vendor.ahead += seconds
        await asyncio.sleep(0)

    def now() -> datetime:
        return datetime.fromtimestamp(vendor.now(), UTC)

    times = Times(idle=5, first_byte=5)
    async with serve(vendor) as url, Http(private=True, times=times, sleep=sleep) as http:
        memo = Memo(vendor.now)
        made = CivitaiConfig.model_validate({**vendor.settings(url), **config})
        yield Stand(vendor, CivitaiAdapter(made, http, memo, now), url)
        await memo.close()

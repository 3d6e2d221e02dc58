"""Where an adapter is put to the proof: its emulator, its connections, and a clock of their own."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from typing import NoReturn

from imageway.core.adapter import Adapter
from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import USUAL_TIMES, Http
from imageway.core.memo import Memo
from imageway.core.options import Option
from imageway.core.outgoing import Times
from imageway.core.request import ImageRequest
from imageway.core.size import Size
from imageway.emulators.answer import Charge
from imageway.emulators.base import Emulator
from imageway.emulators.faults import Fault, Scripted, Spot
from imageway.emulators.heard import Heard
from imageway.emulators.serving import serve
from imageway.testing.asking import Asking, Terms, call_id
from imageway.testing.clockwork import Bell, Clockwork, Sleeper
from imageway.testing.needs import Facts
from imageway.testing.outcome import Outcome
from imageway.testing.subject import Subject

PROMPT = "a red fox in the snow, beside a small house"
SMALL = Size(96, 96)
USUAL_TERMS = Terms()
NOTHING: Mapping[str, object] = {}


class Unplugged(Http):
    """Connections for an adapter that says it has no wire: there are none."""

    def _open(self, *, reuse: bool) -> NoReturn:
        raise ImagewayError(
            ErrorCode.INTERNAL,
            "an adapter without an emulator tried to reach somebody",
            hint="give the kit its emulator",
        )


@dataclass(slots=True, eq=False)
class Lab:
    """One adapter, freshly built; polls and work are the sleeps of its waits and of its vendor."""

    subject: Subject
    adapter: Adapter
    can: Capabilities
    http: Http
    memo: Memo
    clock: Clockwork
    bell: Bell
    polls: Sleeper
    work: Sleeper
    emulator: Emulator | None = None
    url: str = ""
    calls: int = 0

    @property
    def vendor(self) -> Emulator:
        """The emulator, for scenarios that need a wire."""
        if self.emulator is None:
            raise TypeError(f"{self.subject.name!r} has no wire")
        return self.emulator

    @property
    def facts(self) -> Facts:
        """What decides which scenarios are played."""
        return Facts(self.can, self.adapter, self.emulator)

    @property
    def heard(self) -> Sequence[Heard]:
        """What the vendor has heard."""
        return () if self.emulator is None else self.emulator.heard

    @property
    def charges(self) -> Sequence[Charge]:
        """The vendor's bill."""
        return () if self.emulator is None else self.emulator.charges

    def heard_at(self, spot: Spot) -> list[Heard]:
        """What the vendor has heard at one step."""
        return [heard for heard in self.heard if heard.spot is spot]

    @property
    def last_number(self) -> int:
        """The number of what was heard last."""
        return self.heard[-1].number if self.heard else 0

    def next_call_id(self) -> str:
        """The id of the next call."""
        self.calls += 1
        return call_id(self.calls)

    def request(self, **wishes: object) -> ImageRequest:
        """A small request; an adapter without a wire has to work for what it shows."""
        fields: dict[str, object] = {"prompt": PROMPT, "model": self.subject.model}
        is_sized = wishes.keys() & {"size", "aspect", "references"}
        if self.emulator is None and Option.SIZE in self.can.options and not is_sized:
            fields["size"] = self.can.sizes.fit(SMALL)
        return ImageRequest.build({**fields, **wishes})

    def begin(self, request: ImageRequest, terms: Terms = USUAL_TERMS) -> Asking:
        """Start asking."""
        return Asking(self, request, terms)

    async def ask(self, **wishes: object) -> Outcome:
        """Ask and wait for the end."""
        return await self.begin(self.request(**wishes)).end()

    async def ask_on(self, terms: Terms, **wishes: object) -> Outcome:
        """Ask on special terms and wait for the end."""
        return await self.begin(self.request(**wishes), terms).end()

    def script(self, fault: Fault, **details: object) -> None:
        """Let the vendor go wrong; details are fields of Scripted."""
        self.vendor.add(Scripted.model_validate({"fault": fault, **details}))

    async def suffer(
        self,
        fault: Fault,
        wishes: Mapping[str, object] = NOTHING,
        times: int | None = None,
        **details: object,
    ) -> Outcome:
        """Ask once while the vendor has a fault, however often it is asked."""
        self.script(fault, times=times, **details)
        outcome = await self.ask(**wishes)
        self.vendor.playlist.clear()
        return outcome

    def another(self, times: Times = USUAL_TIMES) -> AbstractAsyncContextManager[Lab]:
        """A lab like this one that has nothing in common with it."""
        return open_lab(self.subject, times)

    def rebuilt(self, url: str | None = None) -> Lab:
        """The same lab with its adapter built anew, which remembers nothing."""
        memo = Memo(self.clock.time)
        return replace(
            self, adapter=self.subject.build(url or self.url, self.http, memo), memo=memo
        )

    @asynccontextmanager
    async def deserted(self) -> AsyncGenerator[Lab]:
        """The same adapter where nobody listens, at a port that stays free meanwhile."""
        with socket.socket() as bound:
            bound.bind(("127.0.0.1", 0))
            lab = self.rebuilt(f"http://127.0.0.1:{bound.getsockname()[1]}")
            yield lab
            await lab.memo.close()


@asynccontextmanager
async def open_lab(subject: Subject, times: Times = USUAL_TIMES) -> AsyncGenerator[Lab]:
    """Serve the emulator and build the adapter, as long as the block lasts."""
    clock = asyncio.get_running_loop()
    if not isinstance(clock, Clockwork):
        raise TypeError("a lab needs an event loop whose clock can be moved on: Clockwork")
    bell = Bell()
    polls, work = Sleeper(clock, bell), Sleeper(clock, bell)
    async with AsyncExitStack() as stack:
        emulator, url = None, ""
        if subject.emulator is not None:
            emulator = subject.emulator(clock=clock.date, sleep=work)
            emulator.stirred = bell.ring
            url = await stack.enter_async_context(serve(emulator))
        plugged = Http(private=True, times=times, sleep=polls)
        http = await stack.enter_async_context(Unplugged() if emulator is None else plugged)
        memo = Memo(clock.time)
        stack.push_async_callback(memo.close)
        adapter = subject.build(url, http, memo)
        can = await _described(subject, url, http)
        if emulator is not None:
            emulator.reset()
        yield Lab(subject, adapter, can, http, memo, clock, bell, polls, work, emulator, url)


async def _described(subject: Subject, url: str, http: Http) -> Capabilities:
    """Ask an adapter of its own, so that the other has heard nothing yet."""
    memo = Memo()
    try:
        return await subject.build(url, http, memo).describe(subject.model)
    finally:
        await memo.close()

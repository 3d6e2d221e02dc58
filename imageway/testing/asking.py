"""Asking an adapter once, with everything between a request and it that core has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextvars import copy_context
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from imageway.core.adapter import Resumes
from imageway.core.door import door
from imageway.core.errors import ErrorInfo, ImagewayError
from imageway.core.events import Event
from imageway.core.fanout import fan_out
from imageway.core.limits import deadline, ends_with_its_reader
from imageway.core.negotiate import negotiate
from imageway.core.powers import Lost
from imageway.core.request import ImageRequest
from imageway.core.result import fold
from imageway.core.run import Call, Hooks, Ledger, Run
from imageway.core.streaming import Handler, play
from imageway.emulators.answer import Charge
from imageway.emulators.heard import Heard
from imageway.testing.clockwork import asking, hurry
from imageway.testing.outcome import Outcome
from imageway.testing.scenario import expect
from imageway.testing.witness import Told, WitnessRun

if TYPE_CHECKING:
    from imageway.testing.lab import Lab

# So soon an adapter has ended when it is cancelled, and has told its vendor; a second, and as much
# again for a busy machine.
SOON = 2.0
NO_HOOKS = Hooks()


@dataclass(frozen=True, slots=True)
class Terms:
    """How it is asked; what is not negotiated is passed on as it stands, claimed or not.

    A caller that leaves does so in the moment when the adapter begins.
    """

    negotiated: bool = True
    hooks: Hooks = NO_HOOKS
    seconds: float | None = None
    resumes: Lost | None = None
    leaves: bool = False


class Asking:
    """One request under way."""

    def __init__(self, lab: Lab, request: ImageRequest, terms: Terms) -> None:
        self.lab, self.request, self.terms = lab, request, terms
        self.number = lab.clock.next_asking()
        self.events: list[Event] = []
        self.calls: list[Call] = []
        self.told: list[Told] = []
        self.raised: list[BaseException] = []
        self.thrown: list[ErrorInfo] = []
        self.ledger = Ledger(self._hear, request.count)
        self._heard_before = lab.last_number
        self._charges_before = len(lab.charges)
        self._began = lab.clock.time()
        self.task = self._begin()

    def _begin(self) -> asyncio.Task[None]:
        run = WitnessRun(
            self.ledger,
            tuple(range(self.request.count)),
            provider=self.lab.subject.name,
            model=self.request.model,
            hooks=self.terms.hooks,
            heard=self.told,
        )
        context = copy_context()
        context.run(asking.set, self.number)
        return self.lab.clock.create_task(play(self._stack(), self.request, run), context=context)

    def _hear(self, event: Event) -> None:
        self.events.append(event)
        self.lab.bell.ring()

    def _stack(self) -> Handler:
        describe = self.lab.adapter.describe
        handler = fan_out(self._attempt(ends_with_its_reader(door(self._witnessed))), describe)
        if self.terms.negotiated:
            handler = negotiate(handler, describe)
        return handler if self.terms.seconds is None else deadline(handler, self.terms.seconds)

    def _attempt(self, inner: Handler) -> Handler:
        async def handler(request: ImageRequest, run: Run) -> None:
            part = run.part(run.open)
            part.call.id = self.lab.next_call_id()
            self.calls.append(part.call)
            await inner(request, part)

        return handler

    async def _witnessed(self, request: ImageRequest, run: Run) -> None:
        try:
            await self._play(request, run)
        except ImagewayError as error:
            self.thrown.append(error.info)
            raise
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            self.raised.append(error)
            raise

    async def _play(self, request: ImageRequest, run: Run) -> None:
        adapter, lost = self.lab.adapter, self.terms.resumes
        if self.terms.leaves:
            self.ledger.leaving.set()
        if lost is not None and isinstance(adapter, Resumes):
            await adapter.resume(lost, run)
        else:
            await adapter.generate(request, run)

    async def until(self, happened: Callable[[], object]) -> None:
        """Wait until something is true, or all is over."""
        self.task.add_done_callback(lambda task: self.lab.bell.ring())
        await self.lab.bell.until(lambda: happened() or self.task.done())

    async def end(self) -> Outcome:
        """Wait for the end."""
        await asyncio.wait((self.task,))
        return self._outcome()

    async def end_in_a_hurry(self) -> Outcome:
        """Move the clock on until it ends."""
        await hurry(self.lab.clock, self.task)
        return self._outcome()

    async def cancel(self) -> Outcome:
        """Cancel, and see that it ends soon."""
        expect(not self.task.done(), "it ended before it could be cancelled")
        began = self.lab.clock.time()
        self.task.cancel()
        await asyncio.wait((self.task,), timeout=SOON)
        expect(self.task.done(), "cancelled, it went on for more than a second")
        taken = self.lab.clock.time() - began
        expect(taken <= SOON, f"cancelled, it took {taken:.1f} s to end")
        return self._outcome()

    def heard(self) -> tuple[Heard, ...]:
        """What the vendor has heard since."""
        return tuple(each for each in self.lab.heard if each.number > self._heard_before)

    def charges(self) -> tuple[Charge, ...]:
        """What the vendor has written on its bill since."""
        return tuple(self.lab.charges[self._charges_before :])

    def _outcome(self) -> Outcome:
        return Outcome(
            request=self.request,
            events=tuple(self.events),
            result=fold(self.events),
            heard=self.heard(),
            charges=self.charges(),
            calls=tuple(self.calls),
            told=tuple(self.told),
            raised=tuple(self.raised),
            thrown=tuple(self.thrown),
            seconds=self.lab.clock.time() - self._began,
        )


def call_id(number: int) -> str:
    """An id like any other, and the same in every fresh lab, so that requests can be compared."""
    return f"call_{sha256(str(number).encode()).hexdigest()[:32]}"

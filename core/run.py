"""What one request has got so far, and the views of it that handlers hold."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from uuid import uuid4

from imageway.core import events
from imageway.core.errors import Charged, ErrorCode, ErrorInfo, ImagewayError
from imageway.core.events import Event, NoteKind
from imageway.core.picture import Picture
from imageway.core.text import whole

Send = Callable[[Event], None]


def fresh_id(prefix: str) -> str:
    """An id that nobody else has and nobody can compute."""
    return f"{prefix}_{uuid4().hex}"


@dataclass(frozen=True, slots=True)
class Maker:
    """Who made a picture."""

    provider: str | None
    model: str | None


@dataclass(slots=True, eq=False)
class Ledger:
    """One a request, shared by all its views; what stands here survives every cancel.

    The deadline is a time of the running loop's clock; None means none. The key is the caller's
    own for this request, and the fingerprint tells two requests apart.
    """

    send: Send
    count: int
    id: str = field(default_factory=lambda: fresh_id("req"))
    caller: str | None = None
    deadline: float | None = None
    key: str | None = None
    fingerprint: str | None = None
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    pictures: dict[int, Picture] = field(default_factory=dict[int, Picture])
    makers: dict[int, Maker] = field(default_factory=dict[int, Maker])
    failures: dict[int, ErrorInfo] = field(default_factory=dict[int, ErrorInfo])
    told: set[int] = field(default_factory=set[int])
    earlier: dict[int, ErrorInfo] = field(default_factory=dict[int, ErrorInfo])
    paid: dict[int, Charged] = field(default_factory=dict[int, Charged])
    notes: set[events.Note] = field(default_factory=set[events.Note])
    ended: bool = False
    cancelled_because: ErrorInfo | None = None


@dataclass(slots=True, eq=False)
class Call:
    """One attempt at one vendor; its id is fresh, so a vendor never takes two for one."""

    id: str = field(default_factory=lambda: fresh_id("call"))
    charged: Charged = "no"
    ticket: str | None = None
    closed: bool = False
    heard_late: bool = False
    costs: list[events.Charged] = field(default_factory=list[events.Charged])
    furthest: dict[int | None, float] = field(default_factory=dict[int | None, float])


@dataclass(frozen=True, slots=True)
class Hooks:
    """What the journal wants to hear; a free call asks nobody before it is sent."""

    on_paying: Callable[[Run], Awaitable[None]] | None = None
    on_accepted: Callable[[Run, str], Awaitable[None]] | None = None
    free: bool = False


@dataclass(slots=True, eq=False)
class Run:
    """A view of the ledger for some indices; where a handler puts what it makes.

    Unless it is the last, somebody else is asked after a failure whose code is among `onward`;
    None stands for every code that another vendor may cure.
    """

    ledger: Ledger
    indices: tuple[int, ...]
    call: Call = field(default_factory=Call)
    provider: str | None = None
    model: str | None = None
    last: bool = True
    onward: frozenset[ErrorCode] | None = None
    hooks: Hooks = Hooks()

    @property
    def id(self) -> str:
        """The request's id."""
        return self.ledger.id

    @property
    def call_id(self) -> str:
        """This attempt's id, for vendors that take an external id or an idempotency key."""
        return self.call.id

    @property
    def caller(self) -> str | None:
        """Who asked, by the name of their key."""
        return self.ledger.caller

    @property
    def deadline(self) -> float | None:
        """When the caller stops waiting, by the running loop's clock."""
        return self.ledger.deadline

    @property
    def missing(self) -> tuple[int, ...]:
        """The indices without a picture whose failure nobody has been told."""
        done = self.ledger.pictures.keys() | self.ledger.told
        return tuple(index for index in self.indices if index not in done)

    @property
    def open(self) -> tuple[int, ...]:
        """The missing indices that have not failed here either."""
        return tuple(index for index in self.missing if index not in self.ledger.failures)

    def image(self, picture: Picture, index: int | None = None) -> None:
        """Hand over a picture the moment it is here; without an index, the next open one."""
        place = self._place(index)
        if place is None or self._is_late("picture", place not in self.missing):
            return
        self.ledger.failures.pop(place, None)
        self.ledger.pictures[place] = picture
        self.ledger.makers[place] = Maker(self.provider, self.model)
        self.ledger.send(events.ImageReady(place, picture, self.provider, self.model))

    def failed(self, error: ErrorInfo, index: int | None = None) -> None:
        """Record the vendor's verdict on one picture; it is final at this vendor."""
        place = self._place(index)
        if place is None or self._is_late("failure", place not in self.open):
            return
        stamped = error.of(self.provider, self.model).at_least(self.call.charged)
        is_final = not self.goes_on_after(stamped)
        earlier = self.ledger.earlier.get(place)
        if earlier is not None and (earlier.tells > stamped.tells or not stamped.tells):
            stamped = earlier.at_least(stamped.charged)
        self.ledger.failures[place] = stamped
        if is_final:
            self.give_up(place)

    def goes_on_after(self, error: ErrorInfo) -> bool:
        """Whether somebody else may be asked for a picture that failed so."""
        if self.last or not error.another_may_cure:
            return False
        return self.onward is None or error.passed_over or error.code in self.onward

    def preview(self, picture: Picture, index: int | None = None) -> None:
        """Show a picture unfinished."""
        place = self._place(index)
        if place in self.missing and not self._is_late("preview"):
            self.ledger.send(events.Preview(place, picture))

    def progress(self, fraction: float | None, stage: str = "", index: int | None = None) -> None:
        """Say how far it is, from 0 to 1 and never back; None when only the stage is known."""
        if self._is_late("progress"):
            return
        for place in self._spoken_of(index):
            furthest = None if fraction is None else self._furthest(place, fraction)
            self.ledger.send(events.Progress(place, furthest, whole(stage)))

    def queued(self, position: int, seconds: float | None = None) -> None:
        """Say how many are ahead."""
        if not self._is_late("queue position"):
            for place in self._spoken_of(None):
                self.ledger.send(events.Queued(place, position, seconds))

    def note(self, kind: NoteKind, detail: str) -> None:
        """Tell the caller something; what four parts say alike is told once, each retry is told."""
        note = events.Note(kind, whole(detail))
        if self.ledger.ended or (note in self.ledger.notes and kind != "retried"):
            return
        self.ledger.notes.add(note)
        self.ledger.send(note)

    def charge(self, amount: float, unit: str) -> None:
        """Say what the call cost, in the vendor's unit."""
        cost = events.Charged(amount, unit)
        self.call.costs.append(cost)
        if not self.ledger.ended:
            self.ledger.send(cost)

    async def accepted(self, ticket: str) -> None:
        """Return when the vendor's ticket is written down."""
        self.call.ticket = ticket
        if self.hooks.on_accepted is not None:
            await self.hooks.on_accepted(self, ticket)
        if not self._is_late("ticket"):
            self.ledger.send(events.Accepted(ticket))

    async def paying(self) -> None:
        """Ask leave to send what may cost money; raises when it must not be sent any more."""
        if self.hooks.free:
            return
        if self.ledger.leaving.is_set() or self.call.closed or self.ledger.ended:
            raise ImagewayError(ErrorCode.CANCELLED, "the caller left before anything was sent")
        if self.hooks.on_paying is not None:
            await self.hooks.on_paying(self)
        self.call.charged = "maybe"

    def settled(self, charged: Charged) -> None:
        """Record what is known of the charge, once something is."""
        if not self.hooks.free:
            self.call.charged = charged

    def part(
        self,
        indices: Iterable[int],
        *,
        provider: str | None = None,
        model: str | None = None,
        last: bool | None = None,
        onward: frozenset[ErrorCode] | None = None,
    ) -> Run:
        """A view of some of these indices with a call of its own."""
        return replace(
            self,
            indices=tuple(indices),
            call=Call(),
            provider=self.provider if provider is None else provider,
            model=self.model if model is None else model,
            last=self.last if last is None else last,
            onward=self.onward if onward is None else onward,
        )

    def recording(self, hooks: Hooks) -> Run:
        """The same call, with the journal listening."""
        return replace(self, hooks=hooks)

    def fail_rest(self, error: ErrorInfo) -> None:
        """Record the same failure for every index that is still open."""
        for place in self.open:
            self.failed(error, self.indices.index(place))

    def give_up(self, index: int) -> None:
        """Tell the reader that nobody else will be asked for this picture."""
        if index not in self.missing or index not in self.ledger.failures:
            return
        # What earlier vendors took for this picture was paid too, though it stopped nobody.
        failure = self.ledger.failures[index].at_least(self.ledger.paid.get(index, "no"))
        self.ledger.failures[index] = failure
        self.ledger.told.add(index)
        self.ledger.send(events.ImageFailed(index, failure))

    def ask_again(self) -> tuple[int, ...]:
        """Set aside the failures that another vendor may cure; returns what is missing now."""
        for place in self.missing:
            failure = self.ledger.failures.pop(place, None)
            if failure is not None:
                self.ledger.earlier[place] = failure
                if failure.charged != "no":
                    self.ledger.paid[place] = failure.charged
        return self.missing

    def _furthest(self, place: int | None, fraction: float) -> float:
        """Never less than before, whatever a vendor tells that queues its job again."""
        before = self.call.furthest.get(place, 0.0)
        furthest = self.call.furthest[place] = min(max(before, fraction), 1.0)
        return furthest

    def _place(self, index: int | None) -> int | None:
        """Translate an index of this view to the caller's; none is the next open one."""
        if index is not None:
            if not 0 <= index < len(self.indices):
                raise IndexError(f"index {index!r} is not one of {len(self.indices)} pictures")
            return self.indices[index]
        if self.open:
            return self.open[0]
        self._is_late("picture", already=True)
        return None

    def _spoken_of(self, index: int | None) -> tuple[int | None, ...]:
        if index is not None:
            place = self._place(index)
            return (place,) if place in self.missing else ()
        if len(self.indices) == self.ledger.count:
            return (None,) if self.ledger.count > 1 else self.missing
        return self.missing

    def _is_late(self, what: str, already: bool = False) -> bool:
        """Whether this must be dropped; the first drop of a call is noted."""
        late = already or self.call.closed or self.ledger.ended
        if late and not self.call.heard_late:
            self.call.heard_late = True
            who = self.provider or "the adapter"
            self.note("ignored", f"{who} sent a {what} that nobody waits for any more")
        return late

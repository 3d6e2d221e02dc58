"""How each of CivitAI's services is, learned from the calls that are made anyway."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from imageway.adapters.civitai.evidence import Failure, Seen, dated, failure_of
from imageway.adapters.civitai.evidence import seen as seen_in
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.powers import ServiceHealth
from imageway.core.reply import Explain, Reply

Status = Literal["up", "degraded", "down", "unknown"]
Call = Callable[[Explain], Awaitable[Reply]]
Answer = TypeVar("Answer")

# The two lists, whose questions may fail while the site is up, and the pages beside them.
LISTS = frozenset({"images", "models"})
SERVICES = ("account", "images", "models", "versions", "permissions")
# Refusals by the page itself; a 400 comes before it, and 451 from in front of it.
ANSWERS = frozenset({ErrorCode.NOT_FOUND, ErrorCode.UNAUTHENTICATED})
# What was heard longer ago says nothing of now.
FORGOTTEN_AFTER = 3600.0
# The longest that the edge goes on answering by itself: s-maxage and stale-while-revalidate.
EDGE_SECONDS = 450.0
# A proof that the host is up is good for so long.
PROVEN_FOR = 300.0
USUAL_THROTTLE = 60.0


@dataclass(slots=True, eq=False)
class Record:
    """What was heard of one service, and when; failures are counted since the last good answer."""

    good: float | None = None
    cached: float | None = None
    bad: float | None = None
    bad_since: float = 0.0
    bad_without_parameters: bool = False
    failures: int = 0
    failure: Failure | None = None
    throttled_until: float = 0.0

    @property
    def heard(self) -> float | None:
        """When anything was heard last."""
        times = [time for time in (self.good, self.cached, self.bad) if time is not None]
        return max(times, default=None)

    def answered(self, now: float) -> None:
        """The origin answered, so whatever was wrong is over."""
        self.good, self.bad, self.failure = now, None, None
        self.failures, self.bad_without_parameters, self.throttled_until = 0, False, 0.0

    def failed(self, failure: Failure, at: float) -> None:
        """The origin failed; what an edge kept from before its last good answer is no news."""
        if self.good is not None and at < self.good:
            return
        if self.failures == 0:
            self.bad_since = at
        self.bad, self.failure, self.failures = at, failure, self.failures + 1
        self.bad_without_parameters |= not failure.has_parameters


@dataclass(slots=True, eq=False)
class Services:
    """Listens to every call to one host; `where` is its name if it is not the usual one."""

    clock: Callable[[], float]
    explain: Explain
    where: str | None = None
    names: tuple[str, ...] = SERVICES
    host_up: float | None = None
    records: dict[str, Record] = field(default_factory=dict[str, Record])

    async def hear(
        self,
        name: str,
        call: Call,
        read: Callable[[Reply], Answer],
        *,
        has_parameters: bool = True,
    ) -> Answer:
        """Make a call and read its answer, and learn from how that ends."""
        noted: list[Seen] = []

        def explain(status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
            noted.append(seen_in(status, headers, body))
            return self.explain(status, headers, body)

        try:
            reply = await call(explain)
            noted.append(seen_in(reply.status, reply.headers, reply.body))
            found = read(reply)
        except ImagewayError as error:
            seen = noted[-1] if noted else None
            self._learn_failure(name, error, seen, has_parameters)
            raise dated(error, seen) from None
        self._learn_answer(name, noted[-1])
        return found

    def _record(self, name: str) -> Record:
        return self.records.setdefault(name, Record())

    def _learn_answer(self, name: str, seen: Seen) -> None:
        now, record = self.clock(), self._record(name)
        if seen.is_cached:
            record.cached = now
        else:
            self.host_up = now
            record.answered(now)

    def _learn_failure(
        self, name: str, error: ImagewayError, seen: Seen | None, has_parameters: bool
    ) -> None:
        now, record = self.clock(), self._record(name)
        at = now - (seen.age if seen is not None else 0.0)
        failure = failure_of(error.info, seen, has_parameters)
        if failure is None or failure.proves_host:
            self.host_up = max(at, self.host_up or at)
        if failure is None:
            if error.info.code in ANSWERS:
                record.answered(at)
        elif failure.kind == "throttled":
            record.throttled_until = now + (error.info.retry_after or USUAL_THROTTLE)
        else:
            record.failed(failure, at)

    def told(self) -> Iterator[ServiceHealth]:
        """How each is, in its order; those never heard of are unknown."""
        for name in self.names:
            yield self.health(name)

    def health(self, name: str) -> ServiceHealth:
        """How one is."""
        shown = name if self.where is None else f"{name} ({self.where})"
        told = self._health(name, self._record(name))
        return told.model_copy(update={"name": shown})

    def is_failing(self, name: str) -> bool:
        """Whether the last thing heard from its origin was a failure."""
        return self._record(name).bad is not None

    def failed_within(self, name: str, seconds: float) -> bool:
        """Whether it failed so recently that asking again would only cost time."""
        bad = self._record(name).bad
        return bad is not None and self.clock() - bad < seconds

    def _health(self, name: str, record: Record) -> ServiceHealth:
        now, heard = self.clock(), record.heard
        if now < record.throttled_until:
            return _told("degraded", "throttled", "CivitAI throttles us; it answers others")
        if heard is None:
            return _told("unknown", "unknown", "nothing was asked of it yet")
        if now - heard > FORGOTTEN_AFTER:
            last = "it failed" if record.bad is not None else "it was well"
            detail = f"nothing was heard for {spoken(now - heard)}; {last} then"
            return _told("unknown", "unknown", detail)
        if record.failure is not None:
            return self._failing(name, record, record.failure, now)
        return _well(record, now)

    def _failing(self, name: str, record: Record, failure: Failure, now: float) -> ServiceHealth:
        for_long = f"for {spoken(now - record.bad_since)} ({failure.words})"
        cached = record.cached is not None and record.cached >= record.bad_since
        besides = "; the edge cache still answers what it kept" if cached else ""
        if failure.kind == "busy":
            return _told("degraded", "overloaded", f"CivitAI sheds load {for_long}{besides}")
        is_up = failure.proves_host or self._is_host_proven(record, now)
        if name in LISTS and is_up and not record.bad_without_parameters:
            detail = f"host up, parametrised queries failing {for_long}{besides}"
            return _told("degraded", "parametrised_failing", detail)
        if cached and failure.kind != "network":
            detail = f"only the edge cache answers; the site itself fails {for_long}"
            return _told("degraded", "edge_cache", detail)
        host = "host up, this service fails" if is_up else "it fails"
        return _told("down", "down", f"{host} {for_long}")

    def _is_host_proven(self, record: Record, now: float) -> bool:
        proven = self.host_up
        return proven is not None and proven >= record.bad_since and now - proven < PROVEN_FOR


def _well(record: Record, now: float) -> ServiceHealth:
    if record.cached is not None and record.cached - (record.good or 0.0) > EDGE_SECONDS:
        detail = "only the edge cache has answered of late; it would do so in an outage too"
        return _told("unknown", "edge_cache", detail)
    since = now - (record.heard or now)
    return _told("up", "ok", f"answered {spoken(since)} ago" if since >= 1 else "answered just now")


def _told(status: Status, code: str, detail: str) -> ServiceHealth:
    return ServiceHealth(name="", status=status, code=code, detail=detail)


def spoken(seconds: float) -> str:
    """A length of time for people."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"

"""A switch that stops asking a vendor that is down, and tries it again with one call."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Literal, TypeVar

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import Handler

Answer = TypeVar("Answer")
State = Literal["closed", "open", "half-open"]

# What the vendor is to blame for; any other answer of its own shows that it lives.
BLAMED = frozenset(
    {
        ErrorCode.UNAVAILABLE,
        ErrorCode.TIMEOUT,
        ErrorCode.NETWORK,
        ErrorCode.BAD_ANSWER,
        ErrorCode.OUTCOME_UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When it opens, and for how many seconds."""

    window: float = 60.0
    min_calls: int = 5
    failure_ratio: float = 0.5
    open_for: float = 30.0
    most_open: float = 600.0


@dataclass(slots=True, eq=False)
class Breaker:
    """One provider's switch; it lives as long as the provider, across reloads."""

    name: str
    thresholds: Thresholds = Thresholds()
    clock: Callable[[], float] = monotonic
    # Hears how each call ended that shows something of the vendor; None is a good end.
    heard: Callable[[ErrorInfo | None], None] = lambda failure: None
    _outcomes: deque[tuple[float, bool]] = field(default_factory=deque[tuple[float, bool]])
    _failures: int = 0
    _open_until: float | None = None
    _open_for: float = 0.0
    _probing: bool = False

    @property
    def state(self) -> State:
        """Closed is well; half-open lets one call through to see."""
        if self._open_until is None:
            return "closed"
        return "open" if self.clock() < self._open_until else "half-open"

    def adjust(self, thresholds: Thresholds) -> None:
        """Go by other thresholds from now on; what was seen of the vendor still counts."""
        self.thresholds = thresholds
        self._open_for = min(self._open_for, thresholds.most_open)
        if self._open_until is not None:
            self._open_until = min(self._open_until, self.clock() + thresholds.most_open)

    async def ask(self, attempt: Callable[[], Awaitable[Answer]]) -> Answer:
        """Let an attempt through and learn from it; raises unavailable while it is open."""
        is_probe = self._admit()
        try:
            answer = await attempt()
        except ImagewayError as error:
            if speaks_of_the_vendor(error.info):
                self._learn(is_probe, failed=error.info.code in BLAMED)
                self.heard(error.info)
            else:
                self._give_back(is_probe)
            raise
        except BaseException:
            self._give_back(is_probe)
            raise
        self._learn(is_probe, failed=False)
        self.heard(None)
        return answer

    def _admit(self) -> bool:
        state = self.state
        if state == "closed":
            return False
        if state == "half-open" and not self._probing:
            self._probing = True
            return True
        seconds = self.seconds_left
        raise ImagewayError(
            ErrorCode.UNAVAILABLE,
            f"{self.name} has failed often lately and is left alone",
            hint=f"it is tried again in {seconds:.0f} seconds",
            retry_after=max(1.0, seconds),
        )

    @property
    def seconds_left(self) -> float:
        """How long it stays open."""
        return max(0.0, (self._open_until or 0.0) - self.clock())

    def _give_back(self, is_probe: bool) -> None:
        """Forget an attempt that ended before the vendor could show anything."""
        self._probing = self._probing and not is_probe

    def _learn(self, is_probe: bool, *, failed: bool) -> None:
        if is_probe:
            self._probing = False
            if failed:
                self._open(self._open_for * 2)
            else:
                self._open_until = None
            return
        if self._open_until is not None:
            return
        now = self.clock()
        self._outcomes.append((now, failed))
        self._failures += failed
        while self._outcomes[0][0] <= now - self.thresholds.window:
            self._failures -= self._outcomes.popleft()[1]
        calls = len(self._outcomes)
        enough = calls >= self.thresholds.min_calls
        if failed and enough and self._failures >= self.thresholds.failure_ratio * calls:
            self._open(self.thresholds.open_for)

    def _open(self, seconds: float) -> None:
        self._open_for = min(seconds, self.thresholds.most_open)
        self._open_until = self.clock() + self._open_for
        self._outcomes.clear()
        self._failures = 0


def speaks_of_the_vendor(info: ErrorInfo) -> bool:
    """Whether the vendor had its say: not when we cancelled, refused or broke down ourselves."""
    return info.origin == "vendor" or info.code in BLAMED


def breaker(inner: Handler, switch: Breaker) -> Handler:
    """Ask a vendor only while its breaker lets calls through."""

    async def handler(request: ImageRequest, run: Run) -> None:
        await switch.ask(lambda: inner(request, run))

    return handler

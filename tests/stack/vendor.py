"""A vendor that plays scripts under the whole stack, and keeps its own bill."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from pydantic import BaseModel

from imageway.core.bill import Bill
from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.options import Option
from imageway.core.powers import Health, ModelInfo
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.core.samples import dot


class NoConfig(BaseModel):
    """Nothing can be said."""


@dataclass(slots=True)
class Called:
    """One call as the vendor saw it: for which pictures, when, and whether it took money."""

    id: str
    request: ImageRequest
    indices: tuple[int, ...]
    at: float
    sent: bool = False
    sent_at: float = 0.0
    late: bool = False
    charges: int = 0
    ended: ErrorCode | None = None
    verdicts: dict[int, tuple[ErrorCode, bool]] = field(
        default_factory=dict[int, tuple[ErrorCode, bool]]
    )

    def judged(self, index: int, code: ErrorCode) -> None:
        """Remember the first verdict on a picture, and whether it came after the money."""
        self.verdicts.setdefault(self.indices[index], (code, self.charges > 0))

    def paid_for(self, index: int) -> bool:
        """Whether money was taken for this picture: what was judged before it was sent is free."""
        free = index in self.verdicts and not self.verdicts[index][1]
        return self.charges > 0 and index in self.indices and not free

    def verdict_on(self, index: int) -> ErrorCode:
        """What came of a picture that did not come."""
        if index in self.verdicts:
            return self.verdicts[index][0]
        return self.ended or ErrorCode.FAILED


Play = Callable[["Vendor", Called, ImageRequest, Run], Awaitable[None]]


async def draws(vendor: Vendor, called: Called, request: ImageRequest, run: Run) -> None:
    """A paid call that makes everything."""
    await vendor.pay(called, run)
    for index in range(request.count):
        run.image(dot().with_words(seed=request.seed), index)


def fails(code: ErrorCode, *, charged: bool = False, retry_after: float | None = None) -> Play:
    """A paid call that is refused, or that took the money and failed."""

    async def play(vendor: Vendor, called: Called, request: ImageRequest, run: Run) -> None:
        bill = await vendor.send(called, run)
        called.charges += int(charged)
        if not charged:
            bill.not_charged()
        error = ImagewayError(code, f"it was {code}", origin="vendor", retry_after=retry_after)
        raise bill.stamped(error)

    return play


def lost() -> Play:
    """The money is taken, and the answer never comes."""

    async def play(vendor: Vendor, called: Called, request: ImageRequest, run: Run) -> None:
        bill = await vendor.send(called, run)
        called.charges += 1
        raise bill.lost(ErrorCode.NETWORK, "the line went dead")

    return play


async def stalls(vendor: Vendor, called: Called, request: ImageRequest, run: Run) -> None:
    """The money is taken, and nothing more is heard."""
    await vendor.send(called, run)
    called.charges += 1
    await asyncio.sleep(1e6)


def unreachable() -> Play:
    """Nobody is there."""

    async def play(vendor: Vendor, called: Called, request: ImageRequest, run: Run) -> None:
        bill = Bill(run)
        await bill.open()
        bill.not_charged()
        raise bill.stamped(ImagewayError(ErrorCode.NETWORK, "refused", origin="vendor"))

    return play


def after(seconds: float, play: Play) -> Play:
    """The same, later."""

    async def later(vendor: Vendor, called: Called, request: ImageRequest, run: Run) -> None:
        await asyncio.sleep(seconds)
        await play(vendor, called, request, run)

    return later


@dataclass(eq=False)
class Vendor:
    """Plays its scripts in turn, and the last one for ever."""

    name: str
    plays: Sequence[Play] = (draws,)
    images_per_call: int = 1
    calls: list[Called] = field(default_factory=list[Called])
    questions: list[Exception] = field(default_factory=list[Exception])
    asked: int = 0
    Config = NoConfig

    async def describe(self, model: str) -> Capabilities:
        """Takes a seed and little else."""
        return Capabilities(options=frozenset({Option.SEED}), images_per_call=self.images_per_call)

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Play the next script."""
        play = self.plays[min(len(self.calls), len(self.plays) - 1)]
        called = Called(run.call_id, request, run.indices, asyncio.get_running_loop().time())
        called.late = run.ledger.leaving.is_set()
        self.calls.append(called)
        try:
            await play(self, called, request, run)
        except ImagewayError as error:
            called.ended = error.info.code
            raise
        except asyncio.CancelledError:
            called.ended = ErrorCode.OUTCOME_UNKNOWN
            raise
        except Exception:
            called.ended = ErrorCode.INTERNAL
            raise

    async def send(self, called: Called, run: Run) -> Bill:
        """Begin a call that may cost."""
        bill = Bill(run)
        await bill.open()
        called.sent = True
        called.sent_at = asyncio.get_running_loop().time()
        called.late |= run.ledger.leaving.is_set()
        return bill

    async def pay(self, called: Called, run: Run) -> None:
        """A call that costs and is known to."""
        bill = await self.send(called, run)
        called.charges += 1
        bill.paid()

    async def models(self) -> Sequence[ModelInfo]:
        """Lists one, unless a question is to fail."""
        self._answer()
        return (ModelInfo(name="one"),)

    async def check(self) -> Health:
        """Is up, unless a question is to fail."""
        self._answer()
        return Health(status="up", detail="fine")

    def _answer(self) -> None:
        self.asked += 1
        if self.questions:
            raise self.questions.pop(0)

    @property
    def charged(self) -> list[Called]:
        """What the vendor was paid for."""
        return [called for called in self.calls if called.charges]

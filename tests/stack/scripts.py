"""Random vendors: what one call may do, step by step, honest in its bill and in nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from imageway.core.bill import Bill
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.core.samples import dot
from tests.stack.vendor import Called, Play, Vendor

SECONDS = st.sampled_from([0.0, 0.1, 1.0, 7.0, 40.0, 400.0])
CODES = st.sampled_from(sorted(ErrorCode))


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for a while."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Pay:
    """Send what may cost; how it ends, and whether the vendor took money for it."""

    ends: str
    code: ErrorCode = ErrorCode.UNAVAILABLE
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Draw:
    """Hand over a picture; beyond the request it is the adapter's bug."""

    index: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Say no to one picture."""

    index: int
    code: ErrorCode


@dataclass(frozen=True, slots=True)
class Chat:
    """Progress, a preview and a note."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The vendor takes the job."""


@dataclass(frozen=True, slots=True)
class Later:
    """A callback that comes when nobody may wait for it any more."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Break:
    """A plug-in's bug."""


@dataclass(frozen=True, slots=True)
class Fail:
    """Raise, in the adapter's words and not the wire's."""

    code: ErrorCode


Step = Wait | Pay | Draw | Verdict | Chat | Ticket | Later | Break | Fail

# Money is taken by `done` and `charged refusal`, and sometimes by what gets lost.
ENDS = st.sampled_from(
    [
        "done",
        "done",
        "refused",
        "refused",
        "charged refusal",
        "unclear",
        "cut before",
        "cut after",
        "stall",
    ]
)
PAID = st.builds(
    Pay,
    ENDS,
    st.sampled_from([ErrorCode.UNAVAILABLE, ErrorCode.RATE_LIMITED, ErrorCode.FAILED]),
    st.sampled_from([None, None, 1.0, 30.0, 3600.0]),
)
FREE: SearchStrategy[Step] = st.one_of(
    st.builds(Wait, SECONDS),
    st.builds(Draw, st.sampled_from([None, None, 0, 1, 2, 3])),
    st.builds(Verdict, st.integers(0, 3), CODES),
    st.builds(Chat),
    st.builds(Ticket),
    st.builds(Later, SECONDS),
    st.builds(Break),
    st.builds(Fail, CODES),
)
HONEST: Sequence[Step] = (Pay("done"), Draw(None), Draw(None), Draw(None), Draw(None))


def _joined(before: Sequence[Step], paid: Pay, after: Sequence[Step]) -> Sequence[Step]:
    return (*before, paid, *after)


CALL: SearchStrategy[Sequence[Step]] = st.one_of(
    st.builds(_joined, st.lists(FREE, max_size=2), PAID, st.lists(FREE, max_size=4)),
    st.builds(_joined, st.just(()), PAID, st.lists(st.one_of(FREE, PAID), max_size=4)),
    st.lists(FREE, max_size=3),
    st.just(HONEST),
)
SCRIPT = st.lists(CALL, min_size=1, max_size=4)


def play_of(steps: Sequence[Step]) -> Play:
    """A call that takes these steps."""

    async def play(vendor: Vendor, called: Called, request: ImageRequest, run: Run) -> None:
        for step in steps:
            await _take(step, vendor, called, request, run)

    return play


async def _take(
    step: Step, vendor: Vendor, called: Called, request: ImageRequest, run: Run
) -> None:
    match step:
        case Wait(seconds):
            await asyncio.sleep(seconds)
        case Pay():
            await _pay(step, vendor, called, run)
        case Ticket():
            await run.accepted("job")
        case Break():
            raise KeyError("a bug")
        case Fail(code):
            raise ImagewayError(code, f"it was {code}", origin="vendor")
        case _:
            _tell(step, called, request.count, run)


def _tell(step: Step, called: Called, count: int, run: Run) -> None:
    """What an adapter says without waiting."""
    match step:
        case Draw(index) if index is None or index < count:
            run.image(dot(), index)
        case Verdict(index, code) if index < count:
            called.judged(index, code)
            run.failed(ErrorInfo(code=code, message="no", origin="vendor"), index)
        case Chat():
            run.progress(0.5, "painting")
            run.preview(dot())
            run.note("adjusted", "a little")
        case Later(seconds):
            asyncio.get_running_loop().call_later(seconds, run.image, dot())
        case _:
            pass


async def _pay(step: Pay, vendor: Vendor, called: Called, run: Run) -> None:
    bill = await vendor.send(called, run)
    match step.ends:
        case "done":
            called.charges += 1
            bill.paid()
        case "refused":
            bill.not_charged()
            raise _refusal(step, bill)
        case "charged refusal":
            called.charges += 1
            bill.paid()
            raise _refusal(step, bill)
        case "unclear":
            called.charges += 1
            raise _refusal(step, bill)
        case "cut before":
            raise bill.lost(ErrorCode.NETWORK, "cut")
        case "cut after":
            called.charges += 1
            raise bill.lost(ErrorCode.NETWORK, "cut")
        case _:
            called.charges += 1
            await asyncio.sleep(1e5)


def _refusal(step: Pay, bill: Bill) -> ImagewayError:
    return bill.stamped(
        ImagewayError(step.code, "refused", origin="vendor", retry_after=step.retry_after)
    )

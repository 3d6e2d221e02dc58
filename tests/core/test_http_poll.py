"""A poll waits ever longer, survives a few faults in a row, and knows which are no accident."""

from __future__ import annotations

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http

GONE = ErrorInfo(code=ErrorCode.NETWORK, message="gone", origin="vendor")


class Job:
    """Plays a script of answers and failures, the last for ever."""

    def __init__(self, *script: str | ErrorInfo | None) -> None:
        self._script = list(script)
        self.slept: list[float] = []
        self._http = Http(sleep=self._sleep)

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    async def _ask(self) -> str | None:
        said = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        if isinstance(said, ErrorInfo):
            raise ImagewayError.carrying(said)
        return said

    async def wait(self) -> str:
        return await self._http.poll(self._ask, every=1.0, most=2.0)


async def test_it_asks_until_something_is_there_and_ever_more_slowly() -> None:
    job = Job(None, None, None, None, "fox")
    assert await job.wait() == "fox"
    assert job.slept == [1.0, 1.5, 2.0, 2.0]


@pytest.mark.parametrize(
    "code",
    [ErrorCode.NETWORK, ErrorCode.TIMEOUT, ErrorCode.UNAVAILABLE, ErrorCode.RATE_LIMITED],
)
async def test_a_fault_that_may_pass_is_waited_out(code: ErrorCode) -> None:
    fault = GONE.model_copy(update={"code": code, "retry_after": 30.0})
    job = Job(fault, "fox")
    assert await job.wait() == "fox"
    assert job.slept == [30.0]


async def test_five_faults_in_a_row_are_survived_again_and_again() -> None:
    assert await Job(*[GONE] * 5, None, *[GONE] * 5, "fox").wait() == "fox"


@pytest.mark.parametrize(
    ("fault", "sleeps"),
    [
        (GONE, 5),
        (GONE.model_copy(update={"retry_after": 61.0}), 0),
        (GONE.model_copy(update={"charged": "maybe"}), 0),
        (GONE.model_copy(update={"origin": "imageway"}), 0),
        (GONE.model_copy(update={"code": ErrorCode.NOT_FOUND}), 0),
    ],
    ids=["six_in_a_row", "too_long", "paid", "ours", "final"],
)
async def test_other_faults_end_it(fault: ErrorInfo, sleeps: int) -> None:
    job = Job(fault)
    with pytest.raises(ImagewayError):
        await job.wait()
    assert len(job.slept) == sleeps

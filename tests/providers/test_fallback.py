"""The next model for the pictures that are still missing, index by index."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from imageway.core.errors import Charged, ErrorCode, ErrorInfo, ImagewayError
from imageway.core.events import Event, Finished, ImageFailed, ImageReady, Note
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import play
from imageway.providers.fallback import Candidate, fallback
from tests.core.samples import dot, failure, listening

Script = Callable[[ImageRequest, Run], None]


class Vendors:
    """Scripted candidates, asked in order; remembers what each was asked."""

    def __init__(self, *scripts: Script) -> None:
        self.asked: list[tuple[str, int, tuple[int, ...]]] = []
        self.candidates = [
            self._candidate(name, script) for name, script in zip("abc", scripts, strict=False)
        ]

    def _candidate(self, name: str, script: Script) -> Candidate:
        async def handler(request: ImageRequest, run: Run) -> None:
            self.asked.append((request.model, request.count, run.indices))
            script(request, run)

        return Candidate(name, f"{name}-1", handler)

    async def draw(self, count: int, *, left: bool = False) -> list[Event]:
        """What the reader of a request for so many pictures hears."""
        run, heard = listening(count)
        if left:
            run.ledger.leaving.set()
        await play(fallback(self.candidates), ImageRequest(prompt="a fox", count=count), run)
        return heard


def draws(request: ImageRequest, run: Run) -> None:
    for index in range(request.count):
        run.image(dot(), index)


def says_nothing(request: ImageRequest, run: Run) -> None:
    return


def raises(info: ErrorInfo) -> Script:
    def script(request: ImageRequest, run: Run) -> None:
        raise ImagewayError.carrying(info)

    return script


def fails(index: int, info: ErrorInfo) -> Script:
    """One picture fails first, then the others come."""

    def script(request: ImageRequest, run: Run) -> None:
        run.failed(info, index)
        for other in range(request.count):
            if other != index:
                run.image(dot(), other)

    return script


def leaves(inner: Script) -> Script:
    """The caller leaves while the vendor is at work."""

    def script(request: ImageRequest, run: Run) -> None:
        run.ledger.leaving.set()
        inner(request, run)

    return script


def makers(heard: list[Event]) -> dict[int, str | None]:
    return {event.index: event.provider for event in heard if isinstance(event, ImageReady)}


def verdicts(heard: list[Event]) -> dict[int, ErrorInfo]:
    return {event.index: event.error for event in heard if isinstance(event, ImageFailed)}


async def test_the_next_is_asked_only_for_what_is_missing() -> None:
    vendors = Vendors(fails(1, failure()), draws)
    heard = await vendors.draw(3)
    assert vendors.asked == [("a-1", 3, (0, 1, 2)), ("b-1", 1, (1,))]
    assert makers(heard) == {0: "a", 1: "b", 2: "a"}
    assert verdicts(heard) == {}


async def test_nobody_else_is_asked_when_everything_came() -> None:
    vendors = Vendors(draws, draws)
    await vendors.draw(2)
    assert len(vendors.asked) == 1


async def test_a_note_says_what_was_left_open_and_why() -> None:
    heard = await Vendors(fails(1, failure()), draws).draw(2)
    (note,) = [event for event in heard if isinstance(event, Note)]
    assert note == Note(
        "fallback", "a/a-1 left 1 of 2 open (failed: it was failed); asking the next"
    )


async def test_a_call_that_fails_as_a_whole_is_made_up_for_as_a_whole() -> None:
    heard = await Vendors(raises(failure(ErrorCode.UNAVAILABLE)), draws).draw(2)
    assert makers(heard) == {0: "b", 1: "b"}


async def test_a_vendor_that_ends_in_silence_is_followed_by_the_next() -> None:
    heard = await Vendors(says_nothing, draws).draw(1)
    assert makers(heard) == {0: "b"}


@pytest.mark.parametrize(
    "code",
    [ErrorCode.REJECTED, ErrorCode.INVALID_REQUEST, ErrorCode.TOO_LARGE, ErrorCode.OUTCOME_UNKNOWN],
)
async def test_a_refusal_is_never_routed_around(code: ErrorCode) -> None:
    vendors = Vendors(fails(0, failure(code)), draws)
    heard = await vendors.draw(2)
    assert len(vendors.asked) == 1
    assert verdicts(heard)[0].code is code


@pytest.mark.parametrize(
    ("code", "charged", "cured"),
    [
        (ErrorCode.FAILED, "no", True),
        (ErrorCode.FAILED, "maybe", False),
        (ErrorCode.FAILED, "yes", True),
        (ErrorCode.TIMEOUT, "maybe", False),
        (ErrorCode.BAD_ANSWER, "yes", False),
    ],
)
async def test_nothing_is_paid_for_twice(code: ErrorCode, charged: Charged, cured: bool) -> None:
    heard = await Vendors(raises(failure(code, charged)), draws).draw(1)
    assert bool(makers(heard)) is cured


async def test_a_refused_picture_does_not_keep_the_others_from_the_next() -> None:
    def mixed(request: ImageRequest, run: Run) -> None:
        run.failed(failure(ErrorCode.REJECTED), 0)
        run.failed(failure(), 1)

    vendors = Vendors(mixed, draws)
    heard = await vendors.draw(2)
    assert vendors.asked[1] == ("b-1", 1, (1,))
    assert (makers(heard), verdicts(heard)[0].code) == ({1: "b"}, ErrorCode.REJECTED)


@pytest.mark.parametrize("code", [ErrorCode.UNSUPPORTED, ErrorCode.NOT_FOUND])
async def test_who_could_never_have_helped_does_not_hide_what_went_wrong(code: ErrorCode) -> None:
    quota = failure(ErrorCode.QUOTA_EXHAUSTED)
    heard = await Vendors(raises(quota), raises(failure(code))).draw(1)
    assert verdicts(heard)[0].code is ErrorCode.QUOTA_EXHAUSTED
    assert heard[-1] == Finished(verdicts(heard)[0])
    assert verdicts(heard)[0].provider == "a"


async def test_otherwise_the_last_word_is_the_last_vendor_s() -> None:
    heard = await Vendors(
        raises(failure(ErrorCode.UNAVAILABLE)), raises(failure(ErrorCode.RATE_LIMITED))
    ).draw(1)
    assert verdicts(heard)[0].code is ErrorCode.RATE_LIMITED


async def test_a_failure_of_the_last_candidate_is_told_at_once() -> None:
    heard = await Vendors(fails(0, failure())).draw(2)
    assert [type(event) for event in heard] == [ImageFailed, ImageReady, Finished]


async def test_a_failure_that_the_next_may_cure_is_held_back() -> None:
    held = await Vendors(fails(0, failure()), raises(failure())).draw(2)
    assert [type(event) for event in held] == [ImageReady, Note, ImageFailed, Finished]


async def test_nobody_is_asked_after_the_caller_left() -> None:
    vendors = Vendors(leaves(raises(failure(ErrorCode.UNAVAILABLE))), draws)
    heard = await vendors.draw(1)
    assert len(vendors.asked) == 1
    assert verdicts(heard)[0].code is ErrorCode.UNAVAILABLE


async def test_nobody_is_asked_for_a_caller_who_left_before() -> None:
    vendors = Vendors(draws)
    heard = await vendors.draw(2, left=True)
    assert vendors.asked == []
    assert {error.code for error in verdicts(heard).values()} == {ErrorCode.CANCELLED}


async def test_what_was_not_begun_because_the_caller_left_was_cancelled() -> None:
    heard = await Vendors(leaves(says_nothing), draws).draw(1)
    assert verdicts(heard)[0].code is ErrorCode.CANCELLED

"""Whatever vendors and callers do: a picture ends once, a run ends once, nothing is paid twice."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from imageway.core.errors import PASSES_OVER, ErrorCode
from imageway.core.events import Event, Finished, ImageFailed, ImageReady
from imageway.core.request import ImageRequest
from imageway.providers.jobs import Job
from imageway.providers.tables.conditions import CURABLE
from tests.stack.house import House, Json
from tests.stack.scripts import HONEST, SCRIPT, Draw, Pay, Step, Verdict, Wait, play_of
from tests.stack.seller import Seller
from tests.stack.vendor import Called, Vendor
from tests.virtual import run_virtually

# A long hunt: PROMISES=20000 python -m pytest tests/stack/test_promises.py
EXAMPLES = int(os.environ.get("PROMISES", "300"))
# After a charge only these two send a picture elsewhere: the money bought nothing.
BOUGHT_NOTHING = {ErrorCode.FAILED, ErrorCode.NOT_ENTITLED}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A vendor's script, how many pictures one call of it makes, and how many calls at once."""

    calls: Sequence[Sequence[Step]]
    images_per_call: int = 1
    at_once: int = 4
    queue: int = 50
    min_calls: int = 5


@dataclass(frozen=True, slots=True)
class Scene:
    """What is asked of whom, and what the caller does meanwhile."""

    count: int
    candidates: Sequence[Candidate]
    seed: int | None = None
    patience: float | None = None
    leaves: float | None = None
    cancels: float | None = None
    onward: frozenset[ErrorCode] | None = None
    tops_up: bool = True
    cents: int | None = None


MOMENTS = st.sampled_from([None, None, None, None, None, 0.0, 0.05, 0.5, 3.0, 20.0, 100.0])
CANDIDATES = st.builds(
    Candidate,
    SCRIPT,
    st.integers(1, 4),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([0, 50]),
    st.sampled_from([1, 5]),
)
SCENES = st.builds(
    Scene,
    st.integers(1, 4),
    st.lists(CANDIDATES, min_size=1, max_size=3),
    st.sampled_from([None, 7]),
    MOMENTS,
    MOMENTS,
    MOMENTS,
    st.one_of(st.none(), st.none(), st.frozensets(st.sampled_from(sorted(CURABLE)))),
    st.booleans(),
    st.sampled_from([None, None, None, 0, 1, 2, 4]),
)
LATE_REFUSAL = Scene(2, [Candidate([[Pay("done"), Draw(1), Verdict(0, ErrorCode.FAILED)]])])
SLOW = Scene(1, [Candidate([[Pay("stall")]]), Candidate([HONEST])], leaves=3.0)
RETRIED = Scene(1, [Candidate([[Pay("refused", retry_after=30.0)], HONEST])], leaves=3.0)
PROBED = Scene(
    2,
    [Candidate([[Pay("refused", retry_after=30.0)], [Wait(40), *HONEST]], min_calls=1, at_once=1)],
    cancels=31.0,
)
TWICE = Scene(1, [Candidate([[Pay("done"), Wait(7), Pay("done"), Draw(None)]])], leaves=3.0)
QUEUED = Scene(4, [Candidate([[Wait(40), *HONEST]], at_once=1, queue=0)], cancels=100.0)

REFUSING = Candidate([[Pay("refused", ErrorCode.RATE_LIMITED, 3600.0)]])
ALONE = Scene(1, [REFUSING, Candidate([HONEST])], onward=frozenset({ErrorCode.FAILED}))
LAST_CENT = Scene(4, [Candidate([HONEST]), Candidate([HONEST])], cents=2)


@settings(max_examples=EXAMPLES)
@given(SCENES)
@example(LATE_REFUSAL)
@example(SLOW)
@example(QUEUED)
@example(TWICE)
@example(RETRIED)
@example(PROBED)
@example(ALONE)
@example(LAST_CENT)
def test_every_promise_is_kept_whatever_happens(scene: Scene) -> None:
    with TemporaryDirectory() as folder:
        run_virtually(_play(scene, Path(folder)))


async def _play(scene: Scene, folder: Path) -> None:
    named = list(zip("abc", scene.candidates, strict=False))
    house = House(
        *(_vendor(name, each) for name, each in named),
        tables={name: _table(each) for name, each in named},
        state=folder,
        routes={"default": _route(scene, [name for name, _ in named])},
        keys={} if scene.cents is None else {"family": _key(scene.cents)},
    )
    wishes = {} if scene.seed is None else {"seed": scene.seed}
    request = ImageRequest.build({"prompt": "a fox", "count": scene.count, **wishes})
    job = house.way.start(request, "family", scene.patience)
    _schedule(house.loop, scene, job)
    events = await house.hear(job)
    await job.ended()
    await asyncio.sleep(1e4)
    _ends_once(events, scene.count)
    _is_never_paid_twice(house)
    _says_what_may_have_been_charged(house, events)
    _begins_nothing_after_leaving(house, scene)
    await _leaves_nothing_behind(house)
    _goes_on_only_where_the_route_does(house, scene)
    _spends_no_more_than_there_is(house, scene)
    await house.way.close(0)


def _route(scene: Scene, names: Sequence[str]) -> dict[str, JsonValue]:
    onward = CURABLE if scene.onward is None else scene.onward
    codes: Json = {"fall_back_on": [str(code) for code in sorted(onward)]}
    return {"try": [f"{name}/{name}-1" for name in names], "top_up": scene.tops_up, **codes}


def _key(cents: int) -> dict[str, JsonValue]:
    return {"token": {"env": "FAMILY"}, "budget": {"usd_per_day": cents / 100}}


def _vendor(name: str, candidate: Candidate) -> Vendor:
    return Seller(
        name, [play_of(call) for call in candidate.calls], 0.01, "USD", candidate.images_per_call
    )


def _table(candidate: Candidate) -> Json:
    concurrency: Json = {"at_once": candidate.at_once, "queue": candidate.queue}
    return {"concurrency": dict(concurrency), "breaker": {"min_calls": candidate.min_calls}}


def _schedule(loop: asyncio.AbstractEventLoop, scene: Scene, job: Job) -> None:
    if scene.leaves is not None:
        loop.call_later(scene.leaves, job.leave)
    if scene.cancels is not None:
        loop.call_later(scene.cancels, job.cancel)


def _ends_once(events: list[Event], count: int) -> None:
    ends = Counter(each.index for each in events if isinstance(each, ImageReady | ImageFailed))
    assert ends == Counter(range(count))
    assert [type(each) for each in events].count(Finished) == 1
    last = events[-1]
    assert isinstance(last, Finished)
    came = any(isinstance(each, ImageReady) for each in events)
    assert (last.error is None) == came


def _is_never_paid_twice(house: House) -> None:
    """After a charge a picture is asked of nobody, or of another where the money bought nothing."""
    for index in {index for _, call in _calls(house) for index in call.indices}:
        asked = [(name, call) for name, call in _calls(house) if index in call.indices]
        for place, (name, call) in enumerate(asked):
            later = asked[place + 1 :]
            if call.paid_for(index) and later:
                assert all(other != name for other, _ in later), f"{name} was asked again"
                assert call.verdict_on(index) in BOUGHT_NOTHING, f"{later[0][0]} was asked too"


def _goes_on_only_where_the_route_does(house: House, scene: Scene) -> None:
    """Another vendor is asked only after a code of the route's, or what was never asked for."""
    for index in range(scene.count):
        asked = [(name, call) for name, call in _calls(house) if index in call.indices]
        for (name, call), (other, _) in pairwise(asked):
            code = call.verdict_on(index)
            if name != other and call.sent and scene.onward is not None:
                assert code in scene.onward | PASSES_OVER, f"{other} was asked after {code}"


def _spends_no_more_than_there_is(house: House, scene: Scene) -> None:
    if scene.cents is None:
        return
    found = house.snapshot.accounts.spending.sum("family", "USD", "day")
    taken = sum(len(call.indices) for _, call in _calls(house) if call.charges)
    assert found.spent + found.reserved <= scene.cents / 100
    assert taken <= round((found.spent + found.reserved) * 100)


def _calls(house: House) -> list[tuple[str, Called]]:
    return [(vendor.name, call) for vendor in house.vendors for call in vendor.calls]


def _says_what_may_have_been_charged(house: House, events: list[Event]) -> None:
    for event in events:
        if isinstance(event, ImageFailed):
            charged = any(call.paid_for(event.index) for _, call in _calls(house))
            assert not charged or event.error.charged != "no", event


def _begins_nothing_after_leaving(house: House, scene: Scene) -> None:
    moments = [each for each in (scene.leaves, scene.cancels, scene.patience) if each is not None]
    end = min(moments, default=float("inf"))
    late = [call for _, call in _calls(house) if call.late or max(call.at, call.sent_at) > end]
    assert late == []


async def _leaves_nothing_behind(house: House) -> None:
    for provider in house.providers.values():
        slots = provider.state.slots
        assert (slots.running, slots.waiting) == (0, 0)
        # An hour later anybody may ask again: nobody kept the probe's place.
        await provider.state.breaker.ask(_well)
    others = asyncio.all_tasks() - {asyncio.current_task()}
    assert others == set()


async def _well() -> None:
    return

"""Whom a route asks next: by code, by health, by line, by what was asked, and by flags."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import pytest

from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.options import Option
from imageway.core.result import ImageResult
from imageway.providers.jobs import Job
from imageway.providers.tables.conditions import CURABLE
from tests.core.samples import dot
from tests.stack.house import House, Json
from tests.stack.vendor import Vendor, after, draws, fails, unreachable
from tests.virtual import run_virtually

BUSY = fails(ErrorCode.UNAVAILABLE)
EDIT: Mapping[str, object] = {"references": [{"picture": dot()}], "mask": {"picture": dot()}}


def routes(**by_name: Json) -> Json:
    return {name: dict(route) for name, route in by_name.items()}


def makers(result: ImageResult) -> list[str | None]:
    return [each.provider for each in result.images]


def told(result: ImageResult) -> list[str]:
    return [note.detail for note in result.notes if note.kind == "fallback"]


def code_of(result: ImageResult) -> str | None:
    return None if result.error is None else str(result.error.code)


@pytest.mark.parametrize("code", sorted(CURABLE))
def test_a_route_goes_on_after_what_another_may_cure_and_after_nothing_that_it_leaves_out(
    code: ErrorCode,
) -> None:
    async def scene() -> None:
        for allowed in (sorted(CURABLE), sorted(CURABLE - {code})):
            first, second = Vendor("a", [fails(code, retry_after=3600)]), Vendor("b")
            route: Json = {"try": ["a/a-1", "b/b-1"], "fall_back_on": [*map(str, allowed)]}
            result = await House(first, second, routes=routes(default=route)).draw()
            assert len(second.calls) == (code in allowed)
            assert code_of(result) == (None if code in allowed else str(code))

    run_virtually(scene())


def test_a_refused_connection_is_waited_for_where_nobody_is_asked_after_it() -> None:
    async def scene() -> None:
        first, second = Vendor("a", [unreachable(), draws]), Vendor("b")
        route: Json = {"try": ["a/a-1", "b/b-1"], "fall_back_on": ["rate_limited"]}
        result = await House(first, second, routes=routes(default=route)).draw()
        assert (makers(result), len(first.calls)) == (["a"], 2)

    run_virtually(scene())


def test_what_nobody_else_is_asked_for_is_told_at_once() -> None:
    async def scene() -> None:
        first = Vendor("a", [fails(ErrorCode.FAILED), fails(ErrorCode.NOT_FOUND)])
        second = Vendor("b", [after(100, draws)])
        route: Json = {"try": ["a/a-1", "b/b-1"], "fall_back_on": ["not_found"]}
        house = House(first, second, routes=routes(default=route))
        job = house.start(2)
        async with job.subscribe() as events:
            kinds = [(type(event).__name__, house.loop.time()) async for event in events]
        assert ("ImageFailed", 0.0) in kinds
        assert ("ImageReady", 100.0) in kinds

    run_virtually(scene())


def test_each_route_decides_about_its_own_list() -> None:
    """`photo` goes on after nothing; the route around it goes on from `photo` as a whole."""

    async def scene() -> None:
        first, second, third = Vendor("a", [fails(ErrorCode.FAILED)]), Vendor("b"), Vendor("c")
        table = routes(
            photo={"try": ["a/a-1", "b/b-1"], "fall_back_on": []},
            default={"try": ["photo", "c/c-1"]},
        )
        house = House(first, second, third, routes=table)
        assert makers(await house.draw()) == ["c"]
        assert code_of(await house.draw(model="photo")) == "failed"
        assert second.calls == []

    run_virtually(scene())


def test_without_top_up_some_pictures_are_all_that_come() -> None:
    async def scene() -> None:
        first, second = Vendor("a", [draws, fails(ErrorCode.FAILED)]), Vendor("b")
        route: Json = {"try": ["a/a-1", "b/b-1"], "top_up": False}
        result = await House(first, second, routes=routes(default=route)).draw(2)
        assert (result.status, makers(result)) == ("partial", ["a"])
        assert second.calls == []

    run_virtually(scene())


def test_without_top_up_the_next_is_asked_where_nothing_came_at_all() -> None:
    async def scene() -> None:
        first, second = Vendor("a", [fails(ErrorCode.FAILED)]), Vendor("b")
        route: Json = {"try": ["a/a-1", "b/b-1"], "top_up": False}
        result = await House(first, second, routes=routes(default=route)).draw(2)
        assert makers(result) == ["b", "b"]

    run_virtually(scene())


@pytest.mark.parametrize(
    ("features", "asked"),
    [
        ({}, 1),
        ({"fallback": False}, 0),
        ({"fallback": {"providers": ["a"]}}, 1),
        ({"fallback": {"providers": ["b"]}}, 0),
        ({"fallback": {"keys": ["anybody"]}}, 1),
        ({"fallback": {"keys": ["family"]}}, 0),
        ({"fallback": {"percent": 0}}, 0),
    ],
)
def test_falling_back_around_a_vendor_is_a_flag(features: Json, asked: int) -> None:
    async def scene() -> None:
        first, second = Vendor("a", [fails(ErrorCode.FAILED)]), Vendor("b")
        await House(first, second, features=features).draw()
        assert len(second.calls) == asked

    run_virtually(scene())


def test_topping_up_is_a_flag() -> None:
    async def scene() -> None:
        first, second = Vendor("a", [draws, fails(ErrorCode.FAILED)]), Vendor("b")
        result = await House(first, second, features={"top_up": {"keys": ["family"]}}).draw(2)
        assert (result.status, second.calls) == ("partial", [])

    run_virtually(scene())


class Editor(Vendor):
    """Takes references and a mask."""

    async def describe(self, model: str) -> Capabilities:
        return Capabilities(
            options=frozenset({Option.SEED, Option.REFERENCES, Option.MASK}), references=2
        )


def test_who_cannot_do_what_is_asked_is_passed_over_before_anything_is_sent() -> None:
    async def scene() -> None:
        first, second = Vendor("a"), Editor("b")
        route: Json = {"try": ["a/a-1", "b/b-1"], "fall_back_on": []}
        result = await House(first, second, routes=routes(default=route)).draw(1, **EDIT)
        assert (makers(result), first.calls) == (["b"], [])
        assert told(result) == [
            "a/a-1 was not asked (unsupported: 'a-1' takes no references); asking the next"
        ]

    run_virtually(scene())


def test_who_could_not_have_served_is_told_where_an_earlier_failure_is_the_one_shown() -> None:
    async def scene() -> None:
        first, second = Editor("a", [fails(ErrorCode.FAILED)]), Vendor("b")
        result = await House(first, second).draw(1, **EDIT)
        assert code_of(result) == "failed"
        assert told(result) == [
            "a/a-1 left 1 of 1 open (failed: it was failed); asking the next",
            "b/b-1 could not take over (unsupported: 'b-1' takes no references)",
        ]

    run_virtually(scene())


async def _fails() -> None:
    raise ImagewayError(ErrorCode.UNAVAILABLE, "down", origin="vendor")


async def opened(house: House, name: str) -> None:
    """Let a vendor have failed often."""
    breaker = house.providers[name].state.breaker
    for _ in range(breaker.thresholds.min_calls):
        with suppress(ImagewayError):
            await breaker.ask(_fails)


def test_who_is_left_alone_comes_last_and_a_note_says_so() -> None:
    async def scene() -> None:
        first, second = Vendor("a"), Vendor("b")
        house = House(first, second)
        await opened(house, "a")
        result = await house.draw()
        assert (makers(result), first.calls) == (["b"], [])
        assert told(result) == [
            "a/a-1 is passed by: a has failed often lately and is left alone for 30 s"
        ]

    run_virtually(scene())


def test_who_is_left_alone_is_tried_when_the_others_have_failed_and_its_time_has_come() -> None:
    async def scene() -> None:
        first, second = Vendor("a"), Vendor("b", [after(40, fails(ErrorCode.FAILED))])
        house = House(first, second)
        await opened(house, "a")
        assert makers(await house.draw()) == ["a"]

    run_virtually(scene())


def test_who_is_still_left_alone_does_not_hide_what_went_wrong() -> None:
    async def scene() -> None:
        house = House(Vendor("a"), Vendor("b", [fails(ErrorCode.FAILED)]))
        await opened(house, "a")
        result = await house.draw()
        assert (code_of(result), result.error and result.error.provider) == ("failed", "b")
        assert any("could not take over (unavailable" in each for each in told(result))

    run_virtually(scene())


def test_the_order_stays_where_the_route_does_not_go_on_after_unavailable() -> None:
    async def scene() -> None:
        route: Json = {"try": ["a/a-1", "b/b-1"], "fall_back_on": ["failed"]}
        second = Vendor("b")
        house = House(Vendor("a"), second, routes=routes(default=route))
        await opened(house, "a")
        assert (code_of(await house.draw()), second.calls) == ("unavailable", [])

    run_virtually(scene())


def test_a_disabled_provider_is_passed_by_with_a_note_when_its_turn_comes() -> None:
    async def scene() -> None:
        first, second, third = Vendor("a"), Vendor("b"), Vendor("c")
        house = House(first, second, third)
        for name in "ac":
            house.providers[name].state.pause.begin()
        result = await house.draw()
        assert makers(result) == ["b"]
        assert told(result) == ["a/a-1 is passed by: a is disabled"]

    run_virtually(scene())


SHORTEST: Json = {"try": ["a/a-1", "b/b-1"], "order": "least_wait"}
ONE_AT_A_TIME: Json = {"concurrency": {"at_once": 1}, "cost": "local"}


def test_equal_engines_are_asked_where_the_line_is_shortest() -> None:
    async def scene() -> None:
        first, second = Vendor("a", [after(10, draws)]), Vendor("b", [after(10, draws)])
        tables = {"a": ONE_AT_A_TIME, "b": ONE_AT_A_TIME}
        house = House(first, second, tables=tables, routes=routes(default=SHORTEST))
        jobs: list[Job] = []
        for _ in range(6):
            jobs.append(house.start())
            await house.breath()
        results = [await job.result() for job in jobs]
        assert [makers(each) for each in results] == [["a"], ["b"]] * 3
        assert house.loop.time() == 30

    run_virtually(scene())


def test_a_slow_engine_s_line_counts_by_what_it_takes() -> None:
    async def scene() -> None:
        slow, fast = Vendor("a", [after(100, draws)]), Vendor("b", [after(10, draws)])
        tables = {"a": ONE_AT_A_TIME, "b": ONE_AT_A_TIME}
        house = House(slow, fast, tables=tables, routes=routes(default=SHORTEST))
        for name, seconds in (("a", 100.0), ("b", 10.0)):
            house.providers[name].state.slots.usual_seconds = seconds
        jobs: list[Job] = []
        for _ in range(4):
            jobs.append(house.start())
            await house.breath()
        results = [await job.result() for job in jobs]
        assert [makers(each) for each in results] == [["a"], ["b"], ["b"], ["b"]]

    run_virtually(scene())


def test_an_engine_that_is_left_alone_is_not_the_one_with_the_shortest_line() -> None:
    async def scene() -> None:
        second = Vendor("b", [after(10, draws)])
        house = House(Vendor("a"), second, routes=routes(default=SHORTEST))
        await opened(house, "a")
        house.start()
        await house.breath()
        assert makers(await house.draw()) == ["b"]

    run_virtually(scene())

"""How a provider is: the latest that was heard of it counts, whoever heard it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.powers import Health, ServiceHealth
from imageway.providers.probing import BEAT, PROBE_SECONDS, probe_now_and_then
from imageway.providers.report import report
from imageway.providers.state import Surroundings
from tests.providers.stand import HOUSE, Stand
from tests.stack.house import House
from tests.stack.vendor import Play, Vendor, draws, fails
from tests.virtual import run_virtually

POSTED = ServiceHealth(name="posting", status="down", code="outage")


class Asked(Vendor):
    """A vendor that can be asked for free how it is, and says what it is told to."""

    def __init__(self, name: str, plays: Sequence[Play] = (draws,)) -> None:
        super().__init__(name, plays)
        self.answer: Health | ImagewayError = Health(status="up", detail="all is well")
        self.checks: list[float] = []

    async def check(self) -> Health:
        self.checks.append(asyncio.get_running_loop().time())
        if isinstance(self.answer, ImagewayError):
            raise self.answer
        return self.answer


class Knowing(Vendor):
    """A vendor whose adapter has learned how its services are."""

    def services(self) -> Sequence[ServiceHealth]:
        return (POSTED,)


class Broken(Vendor):
    """A plug-in with a bug."""

    def services(self) -> Sequence[ServiceHealth]:
        raise ZeroDivisionError


def health(house: House) -> Health | None:
    return report(house.snapshot).providers[0].health


async def watched(house: House, seconds: float, chance: float = 0.5) -> None:
    loop = asyncio.get_running_loop()
    around = Surroundings(loop.time, asyncio.sleep, lambda: chance)
    asking = asyncio.create_task(probe_now_and_then(house.way.in_force, around))
    await asyncio.sleep(seconds)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)


def test_of_whom_nothing_was_heard_nothing_is_said() -> None:
    async def scene() -> None:
        assert health(House(Vendor("a"))) is None

    run_virtually(scene())


def test_its_own_traffic_shows_how_it_is() -> None:
    async def scene() -> None:
        house = House(Vendor("a", [draws, fails(ErrorCode.UNAUTHENTICATED), draws]))
        for status in ("up", "down", "up"):
            await house.draw()
            found = health(house)
            assert found is not None
            assert found.status == status

    run_virtually(scene())


def test_a_refusal_of_the_content_shows_that_it_is_well() -> None:
    async def scene() -> None:
        house = House(Vendor("a", [fails(ErrorCode.REJECTED)]))
        await house.draw()
        found = health(house)
        assert found is not None
        assert (found.status, "rejected" in found.detail) == ("up", True)

    run_virtually(scene())


def test_while_it_is_left_alone_it_is_down() -> None:
    async def scene() -> None:
        house = House(
            Vendor("a", [fails(ErrorCode.UNAVAILABLE)] * 9),
            a={"breaker": {"min_calls": 1}, "retry": {"attempts": 1}},
        )
        await house.draw()
        found = health(house)
        assert found is not None
        assert (found.status, "is left alone" in found.detail) == ("down", True)

    run_virtually(scene())


def test_it_is_asked_at_once_and_then_at_every_interval() -> None:
    async def scene() -> None:
        vendor = Asked("a")
        await watched(House(vendor, health={"interval": "60s"}), 150)
        assert vendor.checks == [0, 60, 120]
        assert vendor.calls == []

    run_virtually(scene())


def test_gateways_that_began_together_do_not_ask_together() -> None:
    async def scene() -> None:
        early, late = Asked("a"), Asked("a")
        await asyncio.gather(
            watched(House(early), 100, chance=0.0), watched(House(late), 100, chance=1.0)
        )
        assert (early.checks, late.checks) == ([0, 48, 96], [0, 72])

    run_virtually(scene())


def test_an_interval_of_nought_asks_nobody() -> None:
    async def scene() -> None:
        vendor = Asked("a")
        await watched(House(vendor, health={"interval": "0s"}), 1000)
        assert vendor.checks == []

    run_virtually(scene())


def test_who_is_switched_off_is_not_asked() -> None:
    async def scene() -> None:
        vendor = Asked("a")
        house = House(vendor)
        house.providers["a"].state.pause.begin(3600)
        await watched(house, 1000)
        assert vendor.checks == []
        assert health(house) is None

    run_virtually(scene())


def test_what_the_vendor_says_of_itself_and_its_services_is_shown() -> None:
    async def scene() -> None:
        vendor = Asked("a")
        vendor.answer = Health(status="degraded", detail="busy", services=(POSTED,))
        house = House(vendor)
        await watched(house, 2)
        assert health(house) == vendor.answer

    run_virtually(scene())


def test_no_answer_is_an_answer_and_is_not_asked_for_twice() -> None:
    async def scene() -> None:
        vendor = Asked("a")
        vendor.answer = ImagewayError(ErrorCode.NETWORK, "refused", origin="vendor")
        house = House(vendor)
        await watched(house, 30)
        found = health(house)
        assert found is not None
        assert (found.status, len(vendor.checks)) == ("down", 1)
        assert house.providers["a"].state.repeating.budget.left == 3

    run_virtually(scene())


def test_a_vendor_that_does_not_answer_is_given_up() -> None:
    class Silent(Asked):
        async def check(self) -> Health:
            await asyncio.Event().wait()
            raise AssertionError

    async def scene() -> None:
        house = House(Silent("a"))
        await watched(house, PROBE_SECONDS + BEAT)
        found = health(house)
        assert found is not None
        assert (found.status, "no answer within 10 seconds" in found.detail) == ("down", True)

    run_virtually(scene())


def test_a_free_answer_closes_the_breaker_again() -> None:
    async def scene() -> None:
        vendor = Asked("a", [fails(ErrorCode.UNAVAILABLE)])
        house = House(vendor, a={"breaker": {"min_calls": 1}, "retry": {"attempts": 1}})
        await house.draw()
        assert house.providers["a"].state.breaker.state == "open"
        await watched(house, 100)
        assert [each.breaker for each in report(house.snapshot).providers] == ["closed"]
        assert len(vendor.calls) == 1

    run_virtually(scene())


def test_what_an_adapter_has_learned_of_services_is_shown_without_asking() -> None:
    async def scene() -> None:
        found = health(House(Knowing("a")))
        assert found is not None
        assert (found.status, found.services) == ("degraded", (POSTED,))
        assert health(House(Broken("a"))) is None

    run_virtually(scene())


async def test_a_provider_that_was_rebuilt_has_no_past(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    vitals = it.provider().state.vitals
    vitals.hear(ErrorInfo(code=ErrorCode.UNAUTHENTICATED, message="no", origin="vendor"))
    await it.taken(HOUSE + "concurrency = { at_once = 1 }\n")
    assert vitals.latest is not None
    await it.taken(HOUSE + "pace = 1\n")
    assert it.provider().state.vitals is vitals
    assert vitals.latest is None

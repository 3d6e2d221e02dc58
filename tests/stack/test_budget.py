"""What callers may spend: budgets for a key, to the last cent."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.result import ImageResult
from tests.stack.house import House, Json
from tests.stack.seller import Seller, charging, code_of, makers
from tests.stack.vendor import Vendor, after, draws, fails, lost, stalls
from tests.virtual import run_virtually

# On 26 November 2026, by UTC.
NOON = 1_795_694_400.0
UNTIL_MIDNIGHT = 12 * 3600


def house(folder: Path, *vendors: Vendor, budget: Json, **tables: Json) -> House:
    """One key, `family`, with a budget."""
    key: Json = {"token": {"env": "FAMILY"}, "budget": dict(budget)}
    return House(*vendors, state=folder, begin=NOON, tables=tables, keys={"family": dict(key)})


async def ask(house: House, count: int = 1) -> ImageResult:
    return await house.start_for("family", count).result()


def spent(house: House, unit: str = "USD") -> tuple[float, float]:
    found = house.snapshot.accounts.spending.sum("family", unit, "day")
    return found.spent, found.reserved


def test_of_fifty_that_race_exactly_one_gets_the_last_cent(tmp_path: Path) -> None:
    """B16."""

    async def scene() -> None:
        vendor = Seller("a", [after(3, draws)], price=0.01)
        home = house(tmp_path, vendor, budget={"usd_per_day": 1.0}, a=WIDE)
        assert (await ask(home, 99)).status == "succeeded"
        results = await asyncio.gather(*(ask(home) for _ in range(50)))
        assert [code_of(each) for each in results].count(None) == 1
        assert {code_of(each) for each in results} == {None, "quota_exhausted"}
        assert len(vendor.charged) == 100
        assert spent(home) == (1.0, 0.0)
        await home.way.close(0)

    run_virtually(scene())


WIDE: Json = {"concurrency": {"at_once": 200, "queue": 200}}


def test_what_is_refused_says_how_much_is_left_and_when_it_begins_anew(tmp_path: Path) -> None:
    async def scene() -> None:
        home = house(tmp_path, Seller("a"), budget={"usd_per_day": 0.07})
        await ask(home)
        result = await ask(home)
        assert result.error is not None
        info = result.error
        assert info.message == (
            "the key 'family' may spend 0.07 USD a day; 0.04 USD are spent or reserved, and this "
            "would cost 0.04 USD"
        )
        assert info.hint == "it begins anew at 2026-11-27 00:00 UTC"
        assert (info.origin, info.rule.status) == ("imageway", 402)
        assert info.retry_after == UNTIL_MIDNIGHT
        await home.way.close(0)

    run_virtually(scene())


def test_a_new_day_has_a_new_budget_and_a_month_has_not(tmp_path: Path) -> None:
    async def scene() -> None:
        budget: Json = {"usd_per_day": 0.04, "usd_per_month": 0.08}
        home = house(tmp_path, Seller("a"), budget=budget)
        told: list[str | None] = []
        for _ in range(3):
            told += [code_of(await ask(home)), code_of(await ask(home))]
            await asyncio.sleep(24 * 3600)
        assert told == [None, "quota_exhausted", None] + ["quota_exhausted"] * 3
        await asyncio.sleep(3 * 24 * 3600)
        assert code_of(await ask(home)) is None
        await home.way.close(0)

    run_virtually(scene())


def test_a_clock_that_is_put_back_over_midnight_opens_no_new_day_twice(tmp_path: Path) -> None:
    """C12."""

    async def scene() -> None:
        home = house(tmp_path, Seller("a"), budget={"usd_per_day": 0.04})
        assert code_of(await ask(home)) is None
        home.begin += UNTIL_MIDNIGHT + 1800
        assert code_of(await ask(home)) is None
        home.begin -= 3600
        refused = await ask(home)
        assert refused.error is not None
        assert refused.error.retry_after == 1800
        home.begin += 3600
        assert code_of(await ask(home)) == "quota_exhausted"
        await home.way.close(0)

    run_virtually(scene())


def test_the_real_charge_is_settled_and_the_cap_holds_for_the_next_call(tmp_path: Path) -> None:
    """F38."""

    async def scene() -> None:
        vendor = Seller("a", [charging((900, "tokens"), (0.09, "USD"))])
        home = house(tmp_path, vendor, budget={"usd_per_day": 0.10})
        assert code_of(await ask(home)) is None
        assert (spent(home), spent(home, "tokens")) == ((0.09, 0.0), (900.0, 0.0))
        assert code_of(await ask(home)) == "quota_exhausted"
        await home.way.close(0)

    run_virtually(scene())


def test_what_cost_nothing_is_given_back_also_before_the_repeat(tmp_path: Path) -> None:
    async def scene() -> None:
        vendor = Seller("a", [fails(ErrorCode.UNAVAILABLE), draws])
        home = house(tmp_path, vendor, budget={"usd_per_day": 0.04})
        assert (await ask(home)).status == "succeeded"
        assert spent(home) == (0.04, 0.0)
        refusing = Seller("a", [fails(ErrorCode.REJECTED)])
        other = house(tmp_path / "other", refusing, budget={"usd_per_day": 0.04})
        assert code_of(await ask(other)) == "rejected"
        assert spent(other) == (0.0, 0.0)
        await home.way.close(0)
        await other.way.close(0)

    run_virtually(scene())


def test_what_nobody_knows_the_outcome_of_stays_reserved_for_its_day(tmp_path: Path) -> None:
    async def scene() -> None:
        home = house(tmp_path, Seller("a", [lost(), draws]), budget={"usd_per_day": 0.04})
        assert code_of(await ask(home)) == "outcome_unknown"
        assert spent(home) == (0.0, 0.04)
        assert code_of(await ask(home)) == "quota_exhausted"
        await asyncio.sleep(24 * 3600)
        assert code_of(await ask(home)) is None
        await home.way.close(0)

    run_virtually(scene())


def test_a_call_that_is_cancelled_after_it_was_sent_stays_reserved(tmp_path: Path) -> None:
    async def scene() -> None:
        home = house(tmp_path, Seller("a", [stalls]), budget={"usd_per_day": 1.0})
        job = home.start_for("family")
        await asyncio.sleep(1)
        job.cancel()
        await job.ended()
        assert spent(home) == (0.0, 0.04)
        await home.way.close(0)

    run_virtually(scene())


def test_what_was_spent_and_reserved_survives_a_restart(tmp_path: Path) -> None:
    async def scene() -> None:
        budget: Json = {"usd_per_day": 0.10}
        first = house(tmp_path, Seller("a", [draws, lost()]), budget=budget)
        await ask(first)
        await ask(first)
        await first.way.close(0)
        second = house(tmp_path, Seller("a"), budget=budget)
        assert spent(second) == (0.04, 0.04)
        assert code_of(await ask(second)) == "quota_exhausted"
        await second.way.close(0)

    run_virtually(scene())


def test_what_was_reserved_is_on_the_disk_before_the_call_is_sent(tmp_path: Path) -> None:
    """A crash in the middle of a call leaves it reserved."""

    async def scene() -> None:
        home = house(tmp_path, Seller("a", [stalls]), budget={"usd_per_day": 1.0})
        job = home.start_for("family")
        await asyncio.sleep(1)
        after_a_crash = house(tmp_path, Seller("a"), budget={"usd_per_day": 1.0})
        assert spent(after_a_crash) == (0.0, 0.04)
        job.cancel()
        await job.ended()
        await home.way.close(0)

    run_virtually(scene())


def test_nothing_is_sent_that_cannot_be_written_down(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    async def scene() -> None:
        vendor = Seller("a")
        home = house(tmp_path / "file", vendor, budget={"usd_per_day": 1.0})
        result = await ask(home)
        assert code_of(result) == "unavailable"
        assert not any(called.sent for called in vendor.calls)
        assert spent(home) == (0.0, 0.0)

    run_virtually(scene())


def test_local_work_costs_a_budget_nothing(tmp_path: Path) -> None:
    async def scene() -> None:
        home = house(tmp_path, Vendor("a"), budget={"usd_per_day": 0.0}, a={"cost": "local"})
        assert (await ask(home, 4)).status == "succeeded"

    run_virtually(scene())
    assert list(tmp_path.iterdir()) == []


def test_when_the_money_is_gone_the_route_goes_on_to_what_costs_none(tmp_path: Path) -> None:
    async def scene() -> None:
        home = house(
            tmp_path,
            Seller("a", price=0.04),
            Vendor("b"),
            budget={"usd_per_day": 0.08},
            b={"cost": "local"},
        )
        assert makers(await ask(home, 4)) == ["a", "a", "b", "b"]
        assert makers(await ask(home)) == ["b"]
        await home.way.close(0)

    run_virtually(scene())


def test_a_budget_may_warn_instead(tmp_path: Path) -> None:
    async def scene() -> None:
        budget: Json = {"usd_per_day": 0.05, "on_limit": "warn"}
        home = house(tmp_path, Seller("a"), budget=budget)
        assert [note.kind for note in (await ask(home)).notes] == []
        assert [note.kind for note in (await ask(home)).notes] == ["degraded"]
        assert spent(home) == (0.08, 0.0)
        await home.way.close(0)

    run_virtually(scene())


@pytest.mark.parametrize(("unknown", "code"), [("refuse", "quota_exhausted"), ("allow", None)])
def test_under_a_budget_an_unknown_price_is_refused_unless_it_is_allowed(
    tmp_path: Path, unknown: str, code: str | None
) -> None:
    async def scene() -> None:
        vendor = Seller("a", [charging((0.3, "USD"))], price=None)
        budget: Json = {"usd_per_day": 1.0, "unknown": unknown}
        home = house(tmp_path, vendor, budget=budget)
        assert code_of(await ask(home)) == code
        assert spent(home) == ((0.3, 0.0) if code is None else (0.0, 0.0))
        await home.way.close(0)

    run_virtually(scene())


def test_each_key_has_its_own_money_and_whoever_has_no_key_has_no_account(tmp_path: Path) -> None:
    async def scene() -> None:
        home = house(tmp_path, Seller("a"), budget={"usd_per_day": 0.04})
        assert (await home.draw()).status == "succeeded"
        assert spent(home) == (0.0, 0.0)
        assert code_of(await ask(home)) is None
        await home.way.close(0)

    run_virtually(scene())


def test_buzz_is_counted_in_buzz(tmp_path: Path) -> None:
    async def scene() -> None:
        vendor = Seller("a", [charging((7, "buzz"))], price=8, unit="buzz")
        home = house(tmp_path, vendor, budget={"usd_per_day": 1.0, "buzz_per_day": 20})
        for _ in range(2):
            assert code_of(await ask(home)) is None
        assert spent(home, "buzz") == (14.0, 0.0)
        assert code_of(await ask(home)) == "quota_exhausted"
        await home.way.close(0)

    run_virtually(scene())


def test_nobody_spends_while_it_is_unknown_what_was_spent(tmp_path: Path) -> None:
    (tmp_path / "spending.db").write_bytes(b"no database at all" * 100)

    async def scene() -> None:
        vendor = Seller("a")
        home = house(
            tmp_path, vendor, Vendor("b"), budget={"usd_per_day": 1.0}, b={"cost": "local"}
        )
        result = await ask(home)
        assert makers(result) == ["b"]
        assert "spending.db cannot be read" in result.notes[0].detail
        assert not any(called.sent for called in vendor.calls)
        await home.way.close(0)

    run_virtually(scene())
    assert (tmp_path / "spending.db").read_bytes().startswith(b"no database")

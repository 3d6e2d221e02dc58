"""The verdict on a version: every kind of it, in the words of three eras, and never a silent no."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import JsonValue

from imageway.adapters.civitai.dates import Unreadable, read_date, spoken
from imageway.adapters.civitai.gate import gate_of
from imageway.adapters.civitai.wire import VersionPage
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.powers import Quote, Verdict
from imageway.emulators.civitai_control import Purchase
from imageway.emulators.civitai_people import User
from imageway.emulators.faults import Fault, Spot
from tests.adapters.civitai_stand import Stand, stand

NOW = datetime(2026, 11, 21, 23, 1, 39, tzinfo=UTC)
END = datetime(2026, 12, 5, 23, 1, 39, tzinfo=UTC)


@pytest.fixture
async def found() -> AsyncIterator[Stand]:
    async with stand() as made:
        yield made


@pytest.mark.parametrize(
    ("version", "verdict", "allowed"),
    [
        ("128078", "free", True),
        ("777040", "free", True),
        ("777090", "owner", True),
        ("777091", "owner", True),
        ("777002", "missing", False),
        ("777030", "missing", False),
        ("777010", "trial_possible", True),
        ("777020", "trial_possible", True),
        ("777050", "not_generatable", False),
        ("777060", "not_generatable", False),
        ("789101", "missing", False),
        ("789012", "free", True),
    ],
)
@pytest.mark.parametrize("era", [0, 1, 2])
async def test_every_verdict_is_the_same_in_every_era(
    found: Stand, version: str, verdict: Verdict, allowed: bool, era: int
) -> None:
    found.vendor.facts = replace(found.vendor.facts, era=era)  # type: ignore[arg-type]  # one of three
    told = await found.adapter.entitlement(version)
    assert (told.verdict, told.allowed) == (verdict, allowed)
    assert told.reason


@pytest.mark.parametrize("era", [0, 1, 2])
async def test_an_older_site_whose_mini_tells_no_gates_is_read_by_its_marks(
    found: Stand, era: int
) -> None:
    facts = replace(found.vendor.facts, era=era, mini_tells_gates=False, new_mini=False)  # type: ignore[arg-type]  # one of three
    found.vendor.facts = facts
    told = await found.adapter.entitlement("777002")
    assert (told.verdict, told.until) == ("missing", END)
    assert (await found.adapter.entitlement("128078")).verdict == "free"
    found.vendor.sell(Purchase(version=777002))
    assert (await found.adapter.entitlement("777002", recheck=True)).verdict == "purchased"


async def test_a_gate_with_an_end_tells_it_and_where_to_buy(found: Stand) -> None:
    told = await found.adapter.entitlement("777002")
    assert (told.until, told.permanent, told.trial_limit) == (END, False, 0)
    assert told.where == f"{found.url}/models/555001?modelVersionId=777002"
    assert told.title == "Harbour Lights XL v2.0 EA"


async def test_a_gate_without_an_end_is_permanent(found: Stand) -> None:
    told = await found.adapter.entitlement("777020")
    assert (told.until, told.permanent) == (None, True)


async def test_the_price_is_told_where_the_era_told_it(found: Stand) -> None:
    assert (await found.adapter.entitlement("777002")).price is None
    async with stand() as older:
        older.vendor.facts = replace(older.vendor.facts, era=1)
        told = await older.adapter.entitlement("777002")
        assert told.price == Quote(amount=150, unit="buzz", firm=False)
        error = await older.refusal(model="777002")
        assert "buy it for 150 Buzz at" in (error.hint or "")


async def test_a_purchase_is_seen_at_once_where_the_edge_holds_nothing(found: Stand) -> None:
    found.vendor.sell(Purchase(version=777002))
    assert (await found.adapter.entitlement("777002")).verdict == "purchased"


async def test_a_recheck_looks_behind_the_edge(found: Stand) -> None:
    await found.adapter.entitlement("777002")
    found.vendor.sell(Purchase(version=777002))
    assert (await found.adapter.entitlement("777002")).verdict == "missing"
    assert (await found.adapter.entitlement("777002", recheck=True)).verdict == "purchased"


async def test_a_recheck_that_still_finds_a_no_asks_the_generator(found: Stand) -> None:
    found.vendor.facts = replace(found.vendor.facts, edge_keys_by_query=False)
    await found.adapter.entitlement("777002")
    found.vendor.sell(Purchase(version=777002))
    told = await found.adapter.entitlement("777002", recheck=True)
    assert (told.verdict, told.allowed) == ("purchased", True)
    assert found.ordered == []


async def test_the_generator_is_asked_about_a_lora_with_a_checkpoint_of_its_family(
    found: Stand,
) -> None:
    told = await found.adapter.entitlement("789101", recheck=True)
    assert (told.verdict, told.allowed) == ("missing", False)
    assert "not enabled for generation" in (told.vendor_message or "")
    asked = found.at(Spot.LOOK)[-1].fields()
    assert "101055@128078" in str(asked)


async def test_used_up_trials_are_a_no(found: Stand) -> None:
    found.vendor.user.trials[777010] = 3
    told = await found.adapter.entitlement("777010")
    assert (told.verdict, told.allowed, told.trial_limit) == ("missing", False, 3)


async def test_asking_uses_no_trial(found: Stand) -> None:
    await found.adapter.entitlement("777010")
    assert found.vendor.user.trials == {}


async def test_a_date_that_is_none_is_unknown_and_is_shown(found: Stand) -> None:
    found.vendor.facts = replace(found.vendor.facts, bad_dates=True, entitlement_refusal="detail")
    found.vendor.script(Fault.UNAVAILABLE, spot=Spot.LOOK, after=2)
    told = await found.adapter.entitlement("777002")
    assert (told.verdict, told.allowed) == ("unknown", None)
    assert told.reason == "the end of its early access reads 'soon', which is no date"


async def test_what_is_unknown_is_decided_by_the_generator(found: Stand) -> None:
    found.vendor.facts = replace(found.vendor.facts, bad_dates=True)
    error = await found.refusal(model="777002")
    assert error.code is ErrorCode.NOT_ENTITLED
    assert "not enabled for generation" in (error.vendor_message or "")
    found.vendor.sell(Purchase(version=777002))
    assert (await found.draw(model="777002")).status == "succeeded"


async def test_somebody_elses_private_version_is_not_offered_for_sale(found: Stand) -> None:
    found.vendor.people.add(User(8, "stranger", "sk-stranger", wallets={"yellow": 100}))
    async with stand(found.vendor, api_key="sk-stranger") as other:
        told = await other.adapter.entitlement("777091")
        assert (told.verdict, told.where) == ("not_generatable", None)
        error = await other.refusal(model="777091")
        assert error.code is ErrorCode.NOT_ENTITLED
        assert "private to its creator" in error.message


async def test_turned_off_the_check_says_so_and_asks_nobody() -> None:
    async with stand(early_access="off") as found:
        told = await found.adapter.entitlement("777002")
        assert (told.allowed, told.reason) == (None, "the check of early access is turned off")
        assert found.vendor.heard == []


async def test_an_air_of_elsewhere_is_nothing_that_the_site_sells(found: Stand) -> None:
    told = await found.adapter.entitlement("urn:air:sdxl:model:huggingface:org/name@main")
    assert (told.allowed, told.verdict) == (None, "unknown")


async def test_an_unknown_version_raises(found: Stand) -> None:
    with pytest.raises(ImagewayError, match="no published version"):
        await found.adapter.entitlement("777070")


PAGE: Mapping[str, JsonValue] = {"id": 1}


@pytest.mark.parametrize(
    ("marks", "closed", "ends_at"),
    [
        ({"paidAccess": None}, False, None),
        ({"paidAccess": {"permanent": True, "endsAt": None}}, True, None),
        ({"paidAccess": {"permanent": False, "endsAt": "2026-12-05T23:01:39.000Z"}}, True, END),
        ({"paidAccess": {"permanent": False, "endsAt": "2026-11-21T23:01:39.000Z"}}, False, NOW),
        ({"availability": "EarlyAccess"}, True, None),
        ({"availability": "EarlyAccess", "earlyAccessEndsAt": None}, True, None),
        (
            {"availability": "EarlyAccess", "earlyAccessEndsAt": "2026-12-05T23:01:39.0000000Z"},
            True,
            END,
        ),
        ({"earlyAccessDeadline": "2026-12-05T23:01:39Z", "earlyAccessTimeFrame": 5}, True, END),
        ({"earlyAccessDeadline": None, "earlyAccessTimeFrame": 0}, False, None),
        ({"availability": "Public", "earlyAccessEndsAt": None}, False, None),
        ({}, None, None),
        # The newest kind of mark counts first.
        ({"paidAccess": None, "availability": "EarlyAccess"}, False, None),
    ],
)
def test_a_gate_is_read_from_the_marks_of_every_era(
    marks: Mapping[str, JsonValue], closed: bool | None, ends_at: datetime | None
) -> None:
    gate = gate_of(VersionPage.model_validate({**PAGE, **marks}), NOW)
    assert (gate.closed, gate.ends_at) == (closed, ends_at)


@pytest.mark.parametrize(
    "marks",
    [
        {"paidAccess": "yes"},
        {"paidAccess": {"endsAt": "soon"}},
        {"availability": "EarlyAccess", "earlyAccessEndsAt": 17},
        {"earlyAccessDeadline": {"date": 1}},
    ],
)
def test_a_mark_that_cannot_be_read_is_unknown_with_its_text(
    marks: Mapping[str, JsonValue],
) -> None:
    gate = gate_of(VersionPage.model_validate({**PAGE, **marks}), NOW)
    assert gate.closed is None
    assert gate.unreadable


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        (None, None),
        ("", None),
        ("2026-12-05T23:01:39Z", END),
        ("2026-12-05T23:01:39.0000000Z", END),
        ("2026-12-05T23:01:39.000", END),
        ("2026-12-06T00:01:39+01:00", END),
    ],
)
def test_a_date_may_be_text_null_or_absent(text: JsonValue, moment: datetime | None) -> None:
    assert read_date(text) == moment


@pytest.mark.parametrize("value", ["soon", 5, True, [], {}])
def test_a_date_that_is_none_raises_with_what_stood_there(value: JsonValue) -> None:
    with pytest.raises(Unreadable, match=r".+"):
        read_date(value)


def test_a_date_is_spoken_in_full() -> None:
    assert spoken(END) == "5 December 2026, 23:01 UTC"

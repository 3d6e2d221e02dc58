"""The red border: a version in early access, from not bought to drawn, and every step between."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.emulators.civitai_catalogue import Gate, Tier
from imageway.emulators.civitai_control import Purchase
from imageway.emulators.faults import Fault, Spot
from tests.adapters.civitai_stand import Stand, stand
from tests.emulators.civitai_lab import GATED, SDXL, TRIAL

LORA = "urn:air:sdxl:lora:civitai:123457@789101"
END = "2026-12-05T23:01:39Z"


@pytest.fixture
async def found() -> AsyncIterator[Stand]:
    async with stand() as made:
        yield made


def verdict(error: ErrorInfo) -> dict[str, object]:
    told = error.details["entitlement"]
    assert isinstance(told, dict)
    return dict(told)


async def test_not_bought_it_is_refused_before_anything_is_ordered(found: Stand) -> None:
    error = await found.refusal(model=GATED)
    assert error.code is ErrorCode.NOT_ENTITLED
    assert "until 5 December 2026, 23:01 UTC" in error.message
    assert f"{found.url}/models/555001?modelVersionId=777002" in (error.hint or "")
    assert (error.charged, found.ordered) == ("no", [])
    assert verdict(error) == {
        "allowed": False,
        "verdict": "missing",
        "reason": "it is in early access until 5 December 2026, 23:01 UTC, "
        "and this account has not bought it",
        "model": GATED,
        "title": "Harbour Lights XL v2.0 EA",
        "until": END,
        "permanent": False,
        "trial_limit": 0,
        "where": f"{found.url}/models/555001?modelVersionId=777002",
    }


async def test_bought_a_second_ago_with_the_edge_still_saying_no_it_generates(
    found: Stand,
) -> None:
    await found.refusal(model=GATED)
    found.vendor.sell(Purchase(version=777002))
    found.vendor.ahead += 1
    assert (await found.refusal(model=GATED)).code is ErrorCode.NOT_ENTITLED
    assert (await found.draw(model=GATED, recheck=True)).status == "succeeded"


async def test_where_the_edge_cannot_be_side_stepped_the_generator_decides(found: Stand) -> None:
    found.vendor.facts = replace(found.vendor.facts, edge_keys_by_query=False)
    await found.refusal(model=GATED)
    found.vendor.sell(Purchase(version=777002))
    assert (await found.draw(model=GATED, recheck=True)).status == "succeeded"


async def test_a_recheck_without_a_purchase_is_refused_in_the_generators_words(
    found: Stand,
) -> None:
    error = await found.refusal(model=GATED, recheck=True)
    assert error.code is ErrorCode.NOT_ENTITLED
    assert "not enabled for generation" in (error.vendor_message or "")
    assert verdict(error)["vendor_message"] == error.vendor_message
    assert found.ordered == []


async def test_a_purchase_that_has_not_reached_the_generator_is_told_as_that(found: Stand) -> None:
    found.vendor.facts = replace(found.vendor.facts, edge_keys_by_query=False)
    await found.refusal(model=GATED)
    found.vendor.sell(Purchase(version=777002, seen_after=120))
    error = await found.refusal(model=GATED, recheck=True)
    assert "may take some minutes" in error.message
    found.vendor.ahead += 121
    assert (await found.draw(model=GATED, recheck=True)).status == "succeeded"


async def test_after_a_recheck_the_yes_is_remembered(found: Stand) -> None:
    await found.refusal(model=GATED)
    found.vendor.sell(Purchase(version=777002))
    await found.draw(model=GATED, recheck=True)
    assert (await found.draw(model=GATED)).status == "succeeded"


async def test_a_no_is_never_remembered(found: Stand) -> None:
    found.vendor.facts = replace(found.vendor.facts, edge=False)
    await found.refusal(model=GATED)
    found.vendor.sell(Purchase(version=777002))
    assert (await found.draw(model=GATED)).status == "succeeded"


async def test_a_trial_that_is_left_generates_and_says_so(found: Stand) -> None:
    assert (await found.draw(model=TRIAL)).status == "succeeded"
    assert found.notes == ["'Night Ferry XL v1' is not bought: one of its 3 free trials is used"]


async def test_used_up_trials_are_told_before_anything_is_ordered(found: Stand) -> None:
    for _ in range(3):
        await found.draw(model=TRIAL)
    error = await found.refusal(model=TRIAL)
    assert error.code is ErrorCode.NOT_ENTITLED
    assert "no free trial is left" in error.message
    assert verdict(error)["trial_limit"] == 3
    assert (len(found.ordered), error.charged) == (3, "no")


@pytest.mark.parametrize("kind", ["messages", "detail", "forbidden", "problem"])
async def test_used_up_trials_are_told_whatever_the_generator_answers(
    found: Stand, kind: str
) -> None:
    found.vendor.facts = replace(found.vendor.facts, entitlement_refusal=kind)  # type: ignore[arg-type]  # one of four
    found.vendor.user.trials[777010] = 3
    error = await found.refusal(model=TRIAL)
    assert error.code is ErrorCode.NOT_ENTITLED
    assert "not enabled for generation" in (error.vendor_message or "")


async def test_an_end_that_passes_while_it_runs_does_no_harm(found: Stand) -> None:
    soon = Gate(found.vendor.now() + 60, generation=Tier(price=150, trials=0))
    found.vendor.catalogue.change(777002, gate=soon)
    found.vendor.sell(Purchase(version=777002))
    found.vendor.seconds_per_picture = 120
    assert (await found.draw(model=GATED)).status == "succeeded"


async def test_an_end_that_passes_while_a_fact_is_remembered_opens_the_gate(found: Stand) -> None:
    soon = Gate(found.vendor.now() + 30, generation=Tier(price=150, trials=0))
    found.vendor.catalogue.change(777002, gate=soon)
    await found.refusal(model=GATED)
    found.vendor.ahead += 31
    assert (await found.draw(model=GATED)).status == "succeeded"


async def test_a_gate_that_is_put_up_later_is_seen_within_a_minute(found: Stand) -> None:
    await found.draw()
    found.vendor.catalogue.change(128078, gate=Gate(generation=None))
    found.vendor.ahead += 61
    error = await found.refusal()
    assert "sold for good" in error.message
    assert verdict(error)["permanent"] is True


async def test_a_mixed_request_names_the_lora_that_is_gated(found: Stand) -> None:
    error = await found.refusal(extras={"civitai": {"loras": {LORA: 0.8}}})
    assert error.code is ErrorCode.NOT_ENTITLED
    assert verdict(error)["title"] == "Fog Bank v2 EA"
    assert verdict(error)["model"] == LORA
    assert "others" not in error.details


async def test_of_two_that_are_gated_both_are_told(found: Stand) -> None:
    error = await found.refusal(model=GATED, extras={"civitai": {"loras": [LORA]}})
    assert verdict(error)["model"] == GATED
    assert isinstance(error.details["others"], list)
    assert len(error.details["others"]) == 1


async def test_the_policy_public_version_swaps_the_lora_and_says_so() -> None:
    async with stand(early_access="public_version") as found:
        result = await found.draw(extras={"civitai": {"loras": {LORA: 0.8}}})
        assert result.status == "succeeded"
        assert found.input["loras"] == {"urn:air:sdxl:lora:civitai:123457@789100": 0.8}
        assert found.notes == [
            "'Fog Bank v2 EA' is in early access; 'Fog Bank v1' is used in its place"
        ]


async def test_the_policy_public_version_swaps_the_checkpoint_too() -> None:
    async with stand(early_access="public_version") as found:
        await found.draw(model=GATED)
        assert found.input["model"] == "urn:air:sdxl:checkpoint:civitai:555001@777001"


@pytest.mark.parametrize("era", [0, 1, 2])
async def test_a_free_version_is_found_in_the_lists_of_every_era(era: int) -> None:
    async with stand(early_access="public_version") as found:
        found.vendor.facts = replace(found.vendor.facts, era=era)  # type: ignore[arg-type]  # one of three
        assert (await found.draw(model=GATED)).status == "succeeded"


async def test_without_a_free_version_the_policy_public_version_refuses_like_any() -> None:
    async with stand(early_access="public_version") as found:
        error = await found.refusal(model="urn:air:sdxl:checkpoint:civitai:555004@777030")
        assert error.code is ErrorCode.NOT_ENTITLED


async def test_a_bought_version_is_not_swapped() -> None:
    async with stand(early_access="public_version") as found:
        found.vendor.sell(Purchase(version=777002))
        await found.draw(model=GATED)
        assert found.input["model"] == GATED


async def test_the_policy_off_asks_nobody_and_tells_the_generators_refusal() -> None:
    async with stand(early_access="off") as found:
        error = await found.refusal(model=GATED)
        assert error.code is ErrorCode.UNSUPPORTED
        assert "not enabled for generation" in (error.vendor_message or "")
        assert found.at(Spot.LOOK) == []
        assert (await found.draw(model=SDXL)).status == "succeeded"


async def test_the_site_being_down_keeps_nobody_from_generating(found: Stand) -> None:
    found.vendor.script(Fault.UNAVAILABLE, times=2, spot=Spot.LOOK)
    assert (await found.draw()).status == "succeeded"
    assert found.notes == [
        f"{SDXL!r}: the site could not be asked whether it is in early access; "
        "the generator decides"
    ]


async def test_a_trial_is_kept_where_another_version_is_free() -> None:
    async with stand(early_access="public_version") as found:
        trial = Gate(found.vendor.now() + 60, generation=Tier(trials=3))
        found.vendor.catalogue.change(777002, gate=trial)
        await found.draw(model=GATED)
        assert found.input["model"] == "urn:air:sdxl:checkpoint:civitai:555001@777001"


async def test_where_no_other_version_can_be_looked_for_the_verdict_stands() -> None:
    async with stand(early_access="public_version") as found:
        # me, mini, permission, its page; then the model's page is the one that fails.
        found.vendor.script(Fault.UNAVAILABLE, spot=Spot.LOOK, after=4)
        error = await found.refusal(model=GATED)
        assert error.code is ErrorCode.NOT_ENTITLED

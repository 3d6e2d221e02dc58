"""CivitAI's gates, purchases and trials, and how long its edge goes on saying no."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace

import pytest
from pydantic import JsonValue

from imageway.emulators.civitai import CivitaiEmulator
from imageway.emulators.civitai_control import Purchase
from imageway.emulators.civitai_people import User
from tests.emulators.civitai_lab import GATED, TRIAL, Client, client_of, emulator

CHECK = "/api/v1/permissions/check?entityIds=777002&userId=9001"


@pytest.fixture
def vendor() -> CivitaiEmulator:
    return emulator()


@pytest.fixture
async def client(vendor: CivitaiEmulator) -> AsyncIterator[Client]:
    async with client_of(vendor) as made:
        yield made


async def test_only_me_says_that_a_key_is_bad(client: Client) -> None:
    client.key = "sk-nobodys"
    assert (await client.get("/api/v1/me")).status == 401
    assert (await client.get("/api/v1/model-versions/128078")).status == 200


@pytest.mark.parametrize(
    ("era", "marks"),
    [
        (0, {"earlyAccessTimeFrame": 14, "earlyAccessDeadline": "2026-12-05T23:01:39.000Z"}),
        (1, {"availability": "EarlyAccess", "earlyAccessEndsAt": "2026-12-05T23:01:39.000Z"}),
        (2, {"paidAccess": {"permanent": False, "endsAt": "2026-12-05T23:01:39.000Z"}}),
    ],
)
async def test_each_era_marks_a_gate_in_its_own_way(
    vendor: CivitaiEmulator, client: Client, era: int, marks: Mapping[str, JsonValue]
) -> None:
    vendor.facts = replace(vendor.facts, era=era)  # type: ignore[arg-type]  # one of three
    told = (await client.get("/api/v1/model-versions/777002")).fields
    assert {name: told.get(name) for name in marks} == marks
    others = {"earlyAccessDeadline", "earlyAccessEndsAt", "paidAccess"} - marks.keys()
    assert not others & told.keys()


@pytest.mark.parametrize(
    ("version", "needs", "limit"),
    [
        (128078, False, None),
        (777002, True, 0),
        (777010, True, 3),
        (777020, True, 10),
        (777030, True, None),
        (777040, False, None),
        (777050, True, None),
    ],
)
async def test_mini_tells_whether_generating_is_gated_and_how_many_trials_there_are(
    client: Client, version: int, needs: bool, limit: int | None
) -> None:
    told = (await client.get(f"/api/v1/model-versions/mini/{version}")).fields
    assert (told["checkPermission"], told.get("freeTrialLimit")) == (needs, limit)


async def test_mini_can_generate_what_was_not_bought(client: Client) -> None:
    assert (await client.get("/api/v1/model-versions/mini/777002")).fields["canGenerate"] is True
    assert (await client.get("/api/v1/model-versions/mini/777060")).fields["canGenerate"] is False


async def test_an_unpublished_version_is_not_there(client: Client) -> None:
    said = await client.get("/api/v1/model-versions/mini/777070")
    assert (said.status, said.body) == (404, {"error": "Model not found"})


async def test_the_edge_goes_on_saying_no_for_seven_and_a_half_minutes(
    vendor: CivitaiEmulator, client: Client
) -> None:
    assert (await client.get(CHECK)).body == {"777002": False}
    vendor.sell(Purchase(version=777002))
    seen: list[tuple[JsonValue, str]] = []
    for seconds in (0, 299, 2, 148, 2):
        vendor.ahead += seconds
        said = await client.get(CHECK)
        seen.append((said.fields["777002"], said.headers["cf-cache-status"]))
    assert seen[:3] == [(False, "HIT"), (False, "HIT"), (False, "STALE")]
    assert seen[3] == (True, "HIT")


async def test_nobody_asking_meanwhile_the_edge_asks_anew_after_450_seconds(
    vendor: CivitaiEmulator, client: Client
) -> None:
    await client.get(CHECK)
    vendor.sell(Purchase(version=777002))
    vendor.ahead += 451
    said = await client.get(CHECK)
    assert (said.body, said.headers["cf-cache-status"]) == ({"777002": True}, "EXPIRED")


async def test_another_parameter_is_another_page(vendor: CivitaiEmulator, client: Client) -> None:
    await client.get(CHECK)
    vendor.sell(Purchase(version=777002))
    assert (await client.get(f"{CHECK}&fresh=1")).body == {"777002": True}
    vendor.facts = replace(vendor.facts, edge_keys_by_query=False)
    vendor.edge.clear()
    vendor.user.access.clear()
    await client.get(CHECK)
    vendor.sell(Purchase(version=777002))
    assert (await client.get(f"{CHECK}&fresh=2")).body == {"777002": False}


async def test_the_check_knows_the_user_by_their_id_alone(
    vendor: CivitaiEmulator, client: Client
) -> None:
    vendor.sell(Purchase(version=777002))
    assert (await client.get("/api/v1/permissions/check?entityIds=777002")).body == {
        "777002": False
    }
    client.key = None
    assert (await client.get(CHECK)).body == {"777002": True}


async def test_an_owner_who_asks_for_a_mixed_list_is_refused_their_own(client: Client) -> None:
    path = "/api/v1/permissions/check?userId=9001&entityIds="
    assert (await client.get(f"{path}777090")).body == {"777090": True}
    assert (await client.get(f"{path}777090,777002")).body == {"777090": False, "777002": False}


@pytest.mark.parametrize(("ids", "told"), [("", []), ("1", {"1": False})])
async def test_an_empty_list_is_a_list_and_a_stranger_is_a_no(
    client: Client, ids: str, told: JsonValue
) -> None:
    assert (await client.get(f"/api/v1/permissions/check?entityIds={ids}")).body == told


async def test_a_gate_that_generates_for_free_is_a_no_at_the_check(client: Client) -> None:
    path = "/api/v1/permissions/check?entityIds=777040&userId=9001"
    assert (await client.get(path)).body == {"777040": False}


async def test_an_order_of_what_was_not_bought_is_refused_and_bought_it_is_taken(
    vendor: CivitaiEmulator, client: Client
) -> None:
    said = await client.order(model=GATED)
    assert said.status == 400
    assert "not enabled for generation" in str(said.fields["errors"])
    assert vendor.user.spent == 0
    vendor.sell(Purchase(version=777002))
    assert (await client.order(model=GATED)).status == 202


async def test_the_orchestrator_may_hear_of_a_purchase_late(
    vendor: CivitaiEmulator, client: Client
) -> None:
    vendor.sell(Purchase(version=777002, seen_after=60))
    assert (await client.order(model=GATED)).status == 400
    vendor.ahead += 61
    assert (await client.order(model=GATED)).status == 202


async def test_trials_are_used_up_and_nobody_tells_how_many_are_left(
    vendor: CivitaiEmulator, client: Client
) -> None:
    assert [(await client.order(model=TRIAL)).status for _ in range(4)] == [202, 202, 202, 400]
    told = (await client.get("/api/v1/model-versions/mini/777010")).fields
    assert told["freeTrialLimit"] == 3
    assert vendor.user.trials == {777010: 3}


async def test_a_question_uses_no_trial(vendor: CivitaiEmulator, client: Client) -> None:
    await client.order("?whatif=true", model=TRIAL)
    assert vendor.user.trials == {}


async def test_the_gate_opens_when_its_end_has_passed(
    vendor: CivitaiEmulator, client: Client
) -> None:
    vendor.ahead += 15 * 86_400
    assert (await client.order(model=GATED)).status == 202
    assert (await client.get("/api/v1/model-versions/mini/777002")).fields[
        "checkPermission"
    ] is False


async def test_a_private_version_is_its_owners_alone(
    vendor: CivitaiEmulator, client: Client
) -> None:
    mine = "urn:air:sdxl:checkpoint:civitai:555010@777091"
    assert (await client.order(model=mine)).status == 202
    vendor.people.add(User(8, "stranger", "sk-stranger", wallets={"yellow": 100}))
    client.key = "sk-stranger"
    assert (await client.order(model=mine)).status == 400


@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [("detail", 400, dict), ("forbidden", 403, str), ("problem", 403, dict)],
)
async def test_the_refusal_of_a_right_has_several_shapes(
    vendor: CivitaiEmulator, client: Client, kind: str, status: int, body: type
) -> None:
    vendor.facts = replace(vendor.facts, entitlement_refusal=kind)  # type: ignore[arg-type]  # one of four
    said = await client.order(model=GATED)
    assert said.status == status
    assert isinstance(said.body, body)


async def test_the_orchestrators_copy_of_a_resource_tells_of_its_gate(client: Client) -> None:
    said = await client.get(
        "/v2/resources/urn%3Aair%3Asdxl%3Acheckpoint%3Acivitai%3A555001%40777002"
    )
    assert (said.fields["checkPermission"], said.fields["freeTrialLimit"]) == (True, 0)


async def test_a_download_of_what_was_not_bought_is_refused_with_its_date(client: Client) -> None:
    said = await client.get("/api/download/models/777002")
    assert (said.status, said.fields["error"]) == (403, "Early Access")
    assert (await client.get("/api/download/models/128078")).status == 307

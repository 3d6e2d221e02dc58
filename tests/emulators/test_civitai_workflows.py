"""CivitAI's workflows: strict orders, one debit for each key, states, partial ends, refunds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from io import BytesIO

import aiohttp
import pytest
from PIL import Image
from pydantic import JsonValue

from imageway.emulators.civitai import CivitaiEmulator
from imageway.emulators.civitai_workflows import Script
from imageway.emulators.faults import Fault
from tests.emulators.civitai_lab import (
    WORKFLOWS,
    Client,
    Said,
    client_of,
    emulator,
    images,
    order,
    order_of,
    path_of,
)


@pytest.fixture
def vendor() -> CivitaiEmulator:
    return emulator()


@pytest.fixture
async def client(vendor: CivitaiEmulator) -> AsyncIterator[Client]:
    async with client_of(vendor) as made:
        yield made


async def ended(client: Client, said: Said) -> Said:
    """Poll until it is over."""
    for _ in range(10):
        said = await client.get(f"{WORKFLOWS}/{said.fields['id']}")
        if said.status == 200:
            return said
    raise AssertionError("it does not end")


async def test_an_order_goes_on_by_polls_and_its_pictures_have_their_ids_from_the_start(
    client: Client,
) -> None:
    first = await client.order(quantity=2, width=512, height=768)
    assert (first.status, first.fields["status"]) == (202, "unassigned")
    second = await client.get(f"{WORKFLOWS}/{first.fields['id']}")
    assert (second.status, second.fields["status"]) == (202, "processing")
    last = await ended(client, second)
    assert last.fields["status"] == "succeeded"
    assert [each["id"] for each in images(first)] == [each["id"] for each in images(last)]
    assert [each["available"] for each in images(last)] == [True, True]


async def test_a_picture_is_fetched_without_a_key_and_has_its_size(client: Client) -> None:
    last = await ended(client, await client.order(width=512, height=768, outputFormat="jpeg"))
    link = path_of(images(last)[0]["url"])
    async with client.session.get(link) as response:
        opened = Image.open(BytesIO(await response.read()))
    assert (opened.format, opened.size) == ("JPEG", (512, 768))


async def test_a_link_ends_and_can_be_refreshed(vendor: CivitaiEmulator, client: Client) -> None:
    last = await ended(client, await client.order())
    vendor.ahead += vendor.facts.url_seconds + 1
    assert (await client.get(path_of(images(last)[0]["url"]))).status == 403
    blob = images(last)[0]["id"]
    fresh = await client.ask("POST", f"/v2/consumer/blobs/{blob}/refresh")
    assert (await client.get(path_of(fresh.fields["url"]))).status == 200


@pytest.mark.parametrize("relative", [True, False])
async def test_a_blob_redirects_its_owner_to_the_content(
    vendor: CivitaiEmulator, client: Client, relative: bool
) -> None:
    vendor.facts = replace(vendor.facts, relative_redirect=relative)
    last = await ended(client, await client.order())
    said = await client.get(f"/v2/consumer/blobs/{images(last)[0]['id']}")
    assert said.status == 308
    assert said.headers["Location"].startswith("/" if relative else "http://")
    client.key = "sk-nobodys"
    assert (await client.get(f"/v2/consumer/blobs/{images(last)[0]['id']}")).status == 401


@pytest.mark.parametrize(
    ("wish", "told"),
    [
        ({"width": 4096}, "steps[0].input.width"),
        ({"steps": 151}, "steps[0].input.steps"),
        ({"quantity": 13}, "steps[0].input.quantity"),
        ({"sampleMethod": "eulerA"}, "steps[0].input.sampleMethod"),
        ({"loras": []}, "steps[0].input.loras"),
        ({"model": "civitai"}, "steps[0].input.model"),
        ({"seed": -1}, "steps[0].input.seed"),
        ({"outputFormat": "webp"}, "steps[0].input.outputFormat"),
        ({"clipSkip": 2}, "steps[0].input.clipSkip"),
        ({"engine": "flux"}, "steps[0].input"),
    ],
)
async def test_a_wrong_field_is_refused_by_its_path(
    vendor: CivitaiEmulator, client: Client, wish: dict[str, JsonValue], told: str
) -> None:
    said = await client.ask("POST", WORKFLOWS, order_of(wish))
    assert said.status == 400
    assert isinstance(said.fields["errors"], dict)
    assert list(said.fields["errors"]) == [told]
    assert (vendor.user.spent, vendor.charges) == (0, [])


async def test_unknown_fields_may_be_ignored_instead(
    vendor: CivitaiEmulator, client: Client
) -> None:
    assert (await client.order(nonsense=1)).status == 400
    vendor.facts = replace(vendor.facts, refuses_unknown_fields=False)
    assert (await client.order(nonsense=1)).status == 202


async def test_the_wallets_may_have_to_be_named(vendor: CivitaiEmulator, client: Client) -> None:
    vendor.facts = replace(vendor.facts, needs_currencies=True)
    assert (await client.order()).status == 400


async def test_the_same_key_brings_the_same_workflow_and_no_second_debit(
    vendor: CivitaiEmulator, client: Client
) -> None:
    first, second = await client.order(key="call_1"), await client.order(key="call_1", quantity=4)
    assert (second.status, second.fields["id"]) == (200, first.fields["id"])
    assert first.fields["externalId"] == "9001-call_1"
    assert vendor.user.spent == 8
    assert len(vendor.charges) == 1


async def test_a_question_costs_nothing_and_claims_no_key(
    vendor: CivitaiEmulator, client: Client
) -> None:
    said = await client.order("?whatif=true", key="call_1", quantity=3)
    assert (said.status, said.fields["id"]) == (200, None)
    assert isinstance(said.fields["cost"], dict)
    assert said.fields["cost"]["total"] == 24
    assert vendor.user.spent == 0
    assert (await client.order(key="call_1")).status == 202


async def test_a_question_may_claim_a_key(vendor: CivitaiEmulator, client: Client) -> None:
    vendor.facts = replace(vendor.facts, whatif_claims_key=True)
    await client.order("?whatif=true", key="call_1")
    assert (await client.order(key="call_1")).status == 200
    assert vendor.user.spent == 0


async def test_a_debit_is_split_over_wallets(vendor: CivitaiEmulator, client: Client) -> None:
    said = await client.order(quantity=4)
    assert isinstance(said.fields["transactions"], dict)
    lines = said.fields["transactions"]["list"]
    assert isinstance(lines, list)
    told = [(each["accountType"], each["amount"]) for each in lines if isinstance(each, dict)]
    assert told == [("blue", 20), ("yellow", 12)]
    assert vendor.user.wallets["blue"] == 0


@pytest.mark.parametrize(
    ("kind", "status"), [("text", 403), ("problem", 403), ("payment_required", 402)]
)
async def test_an_empty_purse_is_refused_and_a_question_says_so(
    vendor: CivitaiEmulator, client: Client, kind: str, status: int
) -> None:
    vendor.facts = replace(vendor.facts, funds_refusal=kind)  # type: ignore[arg-type]  # one of three
    vendor.user.wallets.update({"blue": 1, "yellow": 2})
    assert (await client.order()).status == status
    said = await client.order("?whatif=true")
    assert isinstance(said.fields["transactions"], dict)
    assert said.fields["transactions"]["insufficientBuzz"] is True


async def test_some_pictures_are_blocked_and_others_missing_in_a_success(
    vendor: CivitaiEmulator, client: Client
) -> None:
    vendor.play(Script(("ok", "blocked:ChildReference", "missing"), errors=("worker lost",)))
    last = await ended(client, await client.order(quantity=3))
    told = [(each["available"], each.get("blockedReason")) for each in images(last)]
    assert (last.fields["status"], told) == (
        "succeeded",
        [(True, None), (False, "ChildReference"), (False, None)],
    )
    assert vendor.user.spent == 24


async def test_what_is_blocked_may_be_paid_back(vendor: CivitaiEmulator, client: Client) -> None:
    vendor.facts = replace(vendor.facts, blocked_refund="full")
    vendor.play(Script(("blocked:NsfwLevel", "ok")))
    await ended(client, await client.order(quantity=2))
    assert vendor.user.spent == 8


@pytest.mark.parametrize(("refund", "spent"), [("none", 16), ("partial", 8), ("full", 0)])
async def test_a_failure_is_paid_back_as_the_switch_says(
    vendor: CivitaiEmulator, client: Client, refund: str, spent: int
) -> None:
    vendor.facts = replace(vendor.facts, failed_refund=refund)  # type: ignore[arg-type]  # one of three
    vendor.play(Script(("ok", "missing"), "failed"))
    last = await ended(client, await client.order(quantity=2))
    assert last.fields["status"] == "failed"
    assert vendor.user.spent == spent


async def test_a_mature_picture_is_withheld_until_it_is_released(
    vendor: CivitaiEmulator, client: Client
) -> None:
    vendor.play(Script(("mature",)))
    last = await ended(client, await client.order())
    assert images(last)[0]["blockedReason"] == "MatureContent"
    path = f"{WORKFLOWS}/{last.fields['id']}"
    await client.ask("PUT", path, {"allowMatureContent": True})
    assert images(await client.get(path))[0]["available"] is True
    assert "url" not in images(await client.get(f"{path}?hideMatureContent=true"))[0]


async def test_cancelled_before_it_began_it_is_paid_back(
    vendor: CivitaiEmulator, client: Client
) -> None:
    said = await client.order()
    path = f"{WORKFLOWS}/{said.fields['id']}"
    assert (await client.ask("PUT", path, {"status": "canceled"})).status == 204
    assert vendor.user.spent == 0
    assert (await client.get(path)).fields["status"] == "canceled"


async def test_cancelled_on_its_way_what_was_done_is_billed(
    vendor: CivitaiEmulator, client: Client
) -> None:
    said = await client.order(quantity=2)
    path = f"{WORKFLOWS}/{said.fields['id']}"
    await client.get(path)
    await client.ask("PUT", path, {"status": "canceled"})
    assert vendor.user.spent == 8


async def test_an_end_is_final(client: Client) -> None:
    last = await ended(client, await client.order())
    path = f"{WORKFLOWS}/{last.fields['id']}"
    assert (await client.ask("PUT", path, {"status": "canceled"})).status == 409
    assert (await client.get(path)).fields["status"] == "succeeded"


async def test_deleting_hides_and_pays_nothing_back(
    vendor: CivitaiEmulator, client: Client
) -> None:
    said = await client.order()
    path = f"{WORKFLOWS}/{said.fields['id']}"
    await client.ask("DELETE", path)
    assert (await client.get(path)).status == 404
    assert vendor.user.spent == 8


async def test_workflows_are_found_by_all_of_their_tags_and_the_index_lags(
    vendor: CivitaiEmulator, client: Client
) -> None:
    vendor.facts = replace(vendor.facts, list_lag=5)
    body = order()
    body["tags"] = ["imageway", "iw-1"]
    await client.ask("POST", WORKFLOWS, body)
    path = f"{WORKFLOWS}?tags=imageway&tags=iw-1"
    assert (await client.get(path)).fields["items"] == []
    vendor.ahead += 6
    found = (await client.get(path)).fields["items"]
    assert isinstance(found, list)
    assert len(found) == 1
    assert (await client.get(f"{path}&tags=other")).fields["items"] == []


async def test_waiting_is_in_seconds_or_a_flag(vendor: CivitaiEmulator, client: Client) -> None:
    said = await client.order()
    path = f"{WORKFLOWS}/{said.fields['id']}"
    assert (await client.get(f"{path}?wait=20")).status == 202
    vendor.facts = replace(vendor.facts, boolean_wait=True)
    assert (await client.get(f"{path}?wait=20")).status == 400
    assert (await client.get(f"{path}?wait=true")).status == 200


async def test_a_long_wait_ends_with_the_work(vendor: CivitaiEmulator, client: Client) -> None:
    vendor.seconds_per_picture, vendor.polls_until_done = 30, 0
    said = await client.order()
    path = f"{WORKFLOWS}/{said.fields['id']}"
    assert (await client.get(f"{path}?wait=20")).status == 202
    before = vendor.now()
    assert (await client.get(f"{path}?wait=20")).status == 200
    assert vendor.now() - before == 10


async def test_an_answer_that_is_lost_was_paid_and_the_key_finds_it(
    vendor: CivitaiEmulator, client: Client
) -> None:
    vendor.script(Fault.HANG_UP)
    with pytest.raises(aiohttp.ClientError):
        await client.order(key="call_1")
    assert vendor.user.spent == 8
    assert (await client.order(key="call_1")).status == 200
    assert vendor.user.spent == 8


async def test_a_page_of_a_proxy_may_come_after_the_money_is_gone(
    vendor: CivitaiEmulator, client: Client
) -> None:
    vendor.script(Fault.HTML, charged=True)
    assert (await client.order(key="call_1")).status == 502
    assert vendor.user.spent == 8
    vendor.script(Fault.SERVER_ERROR)
    assert (await client.order(key="call_2")).status == 500
    assert vendor.user.spent == 8


async def test_callbacks_are_kept_until_somebody_sends_them(
    vendor: CivitaiEmulator, client: Client
) -> None:
    vendor.callbacks.delivery = "twice"
    body = order()
    body["callbacks"] = [{"url": "https://example.org/hook", "type": ["workflow:succeeded"]}]
    await ended(client, await client.ask("POST", WORKFLOWS, body))
    sent: list[str] = []

    async def post(url: str, event: dict[str, JsonValue]) -> None:
        sent.append(f"{url} {event['status']}")

    assert await vendor.callbacks.deliver(post) == 2
    assert sent == ["https://example.org/hook succeeded"] * 2


async def test_a_refusal_of_the_content_is_told_with_the_pictures(
    vendor: CivitaiEmulator, client: Client
) -> None:
    vendor.script(Fault.REFUSED)
    said = await ended(client, await client.order(quantity=2))
    assert [each.get("blockedReason") for each in images(said)] == ["ChildReference"] * 2


async def test_only_so_many_workflows_may_wait(vendor: CivitaiEmulator, client: Client) -> None:
    vendor.facts = replace(vendor.facts, most_queued=1)
    assert [(await client.order()).status for _ in range(2)] == [202, 429]

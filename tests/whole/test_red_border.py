"""The red border, told the same way by the library, the command line, the gateway and a stream."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import JsonValue

from imageway.client import Imageway
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.events import Finished
from imageway.emulators.civitai_control import Purchase
from imageway.emulators.faults import Fault, Spot
from imageway.providers.loading import load
from imageway.providers.snapshot import provision
from tests.emulators.civitai_lab import GATED
from tests.whole.harbour import Harbour, Json, harbour

pytestmark = pytest.mark.slow

MODEL = "/v1/models/harbour"


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[Harbour]:
    async with harbour(tmp_path) as found:
        yield found


def inside(value: JsonValue, *names: str) -> Json:
    """A member within members."""
    for name in names:
        assert isinstance(value, dict), value
        value = value[name]
    assert isinstance(value, dict), value
    return value


async def test_the_verdict_is_the_same_wherever_it_is_shown(it: Harbour) -> None:
    told = (await it.way.entitlement("harbour")).told()
    assert (told["verdict"], told["until"]) == ("missing", "2026-12-05T23:01:39Z")
    result = await it.way.generate("a lighthouse", model="harbour")
    assert result.error is not None
    assert result.error.details["entitlement"] == told
    _, model = await it.get(MODEL)
    assert model["entitlement"] == told
    status, answer = await it.draw()
    assert status == 403
    assert inside(json.loads(answer), "error", "details")["entitlement"] == told
    status, streamed = await it.draw(stream=True)
    assert inside(json.loads(streamed), "error", "details")["entitlement"] == told
    shown = json.loads((await it.run("entitlement", "harbour", "--json")).out)
    assert {name: shown[name] for name in told} == told
    drawn = json.loads((await it.run("generate", "a lighthouse", "-m", "harbour", "--json")).out)
    assert inside(drawn, "error", "details")["entitlement"] == told
    assert it.vendor.board.workflows == {}


async def test_a_stream_of_the_library_ends_with_the_whole_verdict(it: Harbour) -> None:
    async with it.way.stream("a lighthouse", model="harbour") as events:
        heard = [event async for event in events]
    end = heard[-1]
    assert isinstance(end, Finished)
    assert end.error is not None
    assert end.error.details["entitlement"] == (await it.way.entitlement("harbour")).told()


async def test_the_command_line_tells_it_in_words(it: Harbour) -> None:
    said = await it.run("entitlement", GATED)
    assert said.code == 1
    lines = said.out.splitlines()
    assert lines[0] == "Harbour Lights XL v2.0 EA, at civitai"
    assert lines[1] == "  usable       no (missing)"
    assert lines[3] == "  until        2026-12-05 23:01 UTC"
    assert lines[-1].endswith("/models/555001?modelVersionId=777002")
    assert (await it.run("entitlement", "128078")).code == 0


async def test_a_refusal_on_the_command_line_says_what_to_do(it: Harbour) -> None:
    said = await it.run("generate", "a lighthouse", "-m", "harbour")
    assert said.code == 1
    first, hint, *_ = said.err.splitlines()
    assert first.startswith("imageway: 'Harbour Lights XL v2.0 EA': it is in early access until")
    assert "buy it at" in hint
    assert "ask again with recheck" in hint


async def test_to_look_ahead_tells_right_and_price_and_orders_nothing(it: Harbour) -> None:
    told = (await it.way.entitlement("harbour")).told()
    explained = json.loads((await it.run("explain", "harbour", "--json")).out)
    assert explained["models"][0]["entitlement"] == told
    planned = json.loads((await it.run("plan", "a lighthouse", "-m", "harbour", "--json")).out)
    [candidate] = planned["candidates"]
    assert candidate["entitlement"] == told
    assert (
        candidate["unpriced"]
        == "CivitAI's generator does not run one of the resources for this account"
    )
    free = json.loads((await it.run("plan", "a lighthouse", "-m", "civitai/128078", "--json")).out)
    assert free["candidates"][0]["price"] == {"amount": 8.0, "unit": "buzz", "firm": True}
    checked = await it.run("check", "--live")
    assert checked.code == 0, checked.err
    assert "civitai is up" in checked.out
    assert it.vendor.board.workflows == {}
    assert it.vendor.charges == []


async def test_bought_a_second_ago_the_library_draws_with_a_recheck(it: Harbour) -> None:
    assert (await it.way.generate("a lighthouse", model="harbour")).error is not None
    it.vendor.sell(Purchase(version=777002))
    assert (await it.way.generate("a lighthouse", model="harbour")).error is not None
    result = await it.way.generate("a lighthouse", model="harbour", recheck=True)
    assert result.status == "succeeded"
    assert [(each.amount, each.unit) for each in result.usage] == [(8, "buzz")]


async def test_bought_a_second_ago_the_gateway_draws_with_a_recheck(it: Harbour) -> None:
    assert (await it.draw())[0] == 403
    it.vendor.sell(Purchase(version=777002))
    assert (await it.draw())[0] == 403
    assert (await it.draw(recheck=True))[0] == 200
    status, streamed = await it.draw(recheck=True, stream=True)
    assert status == 200
    assert "event: image_generation.completed" in streamed


async def test_bought_a_second_ago_the_command_line_draws_with_a_recheck(it: Harbour) -> None:
    # Each command is a program of its own, so that only the edge remembers the no.
    assert (await it.run("generate", "x", "-m", "harbour")).code == 1
    it.vendor.sell(Purchase(version=777002))
    assert (await it.run("generate", "x", "-m", "harbour")).code == 1
    assert (await it.run("entitlement", "harbour", "--recheck")).code == 0
    assert (await it.run("generate", "x", "-m", "harbour", "--recheck")).code == 0


async def test_a_model_page_may_be_rechecked(it: Harbour) -> None:
    await it.get(MODEL)
    it.vendor.sell(Purchase(version=777002))
    _, model = await it.get(f"{MODEL}?recheck=true")
    assert inside(model, "entitlement")["verdict"] == "purchased"


async def test_a_model_of_which_no_list_tells_is_shown_with_its_verdict(it: Harbour) -> None:
    status, model = await it.get("/v1/models/civitai/128078")
    assert (status, model["owned_by"]) == (200, "civitai")
    assert inside(model, "entitlement")["verdict"] == "free"


async def test_a_model_that_does_not_exist_is_404_in_the_adapters_words(it: Harbour) -> None:
    status, answer = await it.get("/v1/models/civitai/999")
    assert (status, inside(answer, "error")["code"]) == (404, "model_not_found")
    assert "no published version" in str(inside(answer, "error")["message"])


async def test_a_vendor_that_is_down_has_no_verdict_and_its_route_is_shown(it: Harbour) -> None:
    it.vendor.script(Fault.UNAVAILABLE, times=None, spot=Spot.LOOK)
    status, model = await it.get(MODEL)
    assert status == 200
    assert inside(model, "entitlement")["verdict"] == "unknown"


async def test_the_feature_turned_off_asks_nobody_and_lets_the_generator_decide(
    tmp_path: Path,
) -> None:
    async with harbour(tmp_path, feature="false") as it:
        verdict = await it.way.entitlement("harbour")
        assert (verdict.allowed, verdict.reason) == (
            None,
            "the check of early access is turned off",
        )
        result = await it.way.generate("a lighthouse", model="harbour")
        assert result.error is not None
        assert result.error.code is ErrorCode.UNSUPPORTED
        it.vendor.sell(Purchase(version=777002))
        assert (await it.way.generate("a lighthouse", model="harbour")).images


async def test_without_anybody_who_knows_rights_that_is_said(tmp_path: Path) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text('[providers.demo]\nadapter = "demo"\n')
    way = Imageway(provision(load(file), {}))
    for name in ("128078", "demo/demo"):
        with pytest.raises(ImagewayError) as caught:
            await way.entitlement(name)
        assert caught.value.info.code is ErrorCode.UNSUPPORTED
    await way.close(0)

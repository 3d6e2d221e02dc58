"""GET /v1/providers and the same facts in /metrics."""

from __future__ import annotations

from imageway.providers.report import Reports
from tests.server.lab import Lab, lab


async def test_each_provider_says_how_it_stands(it: Lab) -> None:
    await it.draw()
    answer = await it.ask("/v1/providers")
    lab, shop = Reports.model_validate_json(answer.body).providers
    assert (lab.name, lab.state, lab.breaker, lab.running, lab.waiting) == (
        "lab",
        "ready",
        "closed",
        0,
        0,
    )
    assert (shop.state, shop.reason) == ("disabled", "set SHOP_TOKEN in the environment")


async def test_strangers_are_not_told() -> None:
    async with lab(
        keys={"family": {"token": {"env": "FAMILY"}}}, environment={"FAMILY": "x"}
    ) as it:
        assert (await it.ask("/v1/providers")).status == 401


async def test_the_same_facts_are_numbers_for_prometheus(it: Lab) -> None:
    text = (await it.ask("/metrics")).body.decode()
    assert 'imageway_provider_ready{provider="lab"} 1.0' in text
    assert 'imageway_provider_breaker_open{provider="lab"} 0.0' in text
    assert 'imageway_provider_repeats_left{provider="lab"} 3.0' in text


async def test_what_callers_were_told_besides_is_counted(it: Lab) -> None:
    await it.draw(style="vivid")
    text = (await it.ask("/metrics")).body.decode()
    assert 'imageway_notes_total{kind="ignored"} 1.0' in text

"""Models as data: their ends, their prices, and the page that tells of them."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import JsonValue

from imageway.adapters.openai.models import END_BY_NAME, MODEL_BY_NAME, NEW_PRICES, OLD_PRICES
from imageway.adapters.openai.prices import dollars
from imageway.adapters.openai.readme import rewrite
from imageway.adapters.openai.wire import Usage
from imageway.core.adapter import Adapter, ChecksHealth, ListsModels, Quotes
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.size import Size
from imageway.emulators.faults import Fault
from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.vllm import VllmEmulator
from tests.adapters.openai_lab import bare, bench, lab
from tests.checkout import ROOT
from tests.core.samples import listening
from tests.loopback import loopback
from tests.vendor import Vendor

README = ROOT / "adapters" / "openai" / "README.md"


def asking(model: str, **wishes: object) -> ImageRequest:
    return ImageRequest.build({"prompt": "mug", "model": model, **wishes})


async def notes(model: str, today: date) -> list[str]:
    async with lab(OpenAIEmulator(), today=lambda: today) as found:
        result = await found.draw(model=model, count=2)
    return [note.detail for note in result.notes]


def test_the_readme_has_the_tables_of_the_data() -> None:
    page = README.read_text(encoding="utf-8")
    assert rewrite(page) == page, "run: python -m imageway.adapters.openai.readme"


def test_every_model_that_replaces_another_lives() -> None:
    for end in END_BY_NAME.values():
        assert end.instead in MODEL_BY_NAME
        assert end.instead not in END_BY_NAME


def test_the_adapter_has_the_powers_that_its_vendor_has() -> None:
    adapter = bare()
    for power in (Adapter, ListsModels, ChecksHealth, Quotes):
        assert isinstance(adapter, power)


@pytest.mark.parametrize("days_before", [1, 60])
async def test_a_model_that_ends_within_60_days_is_noted_once(days_before: int) -> None:
    today = date.fromordinal(date(2026, 12, 1).toordinal() - days_before)
    words = "'gpt-image-1.5' will be shut down on 2026-12-01; use 'gpt-image-2.5-sunburst' instead"
    assert await notes("gpt-image-1.5", today) == [words]


async def test_a_model_that_ends_later_is_not_noted() -> None:
    assert await notes("gpt-image-1.5", date(2026, 10, 1)) == []


@pytest.mark.parametrize(
    ("model", "today", "instead"),
    [
        ("dall-e-3", date(2026, 11, 20), "gpt-image-2.5-sunburst"),
        ("gpt-image-1", date(2026, 10, 23), "gpt-image-2.5-sunburst"),
        ("gpt-image-1-mini", date(2026, 12, 1), "gpt-image-2.5-flare"),
    ],
)
async def test_at_openai_a_model_that_is_gone_is_refused_before_anything_is_sent(
    model: str, today: date, instead: str
) -> None:
    run, heard = listening(1)
    with pytest.raises(ImagewayError) as caught:
        await bare(today=lambda: today).generate(asking(model), run)
    info = caught.value.info
    assert (info.code, info.charged) == (ErrorCode.NOT_FOUND, "no")
    assert info.message.startswith(f"OpenAI shut down {model!r} on ")
    assert info.hint == f"use {instead!r}"
    assert info.another_may_cure
    assert heard == []


async def test_elsewhere_a_name_of_a_dead_model_may_live_on() -> None:
    class Alias(VllmEmulator):
        usual_model = "dall-e-3"

    async with lab(Alias(), profile="compatible") as found:
        result = await found.draw(model="dall-e-3")
    assert result.status == "succeeded"
    assert [note.kind for note in result.notes] == ["degraded"]


async def test_a_model_that_the_emulator_has_shut_down_is_explained() -> None:
    async with lab(OpenAIEmulator()) as found:
        info = await found.refusal(model="dall-e-2")
    assert info.hint == "its end was set for 2026-05-12; use 'gpt-image-2.5-flare'"


async def test_the_list_tells_when_a_model_ends() -> None:
    async with lab(OpenAIEmulator()) as found:
        listed = {model.name: model.shutdown for model in await found.adapter.models()}
    assert listed["gpt-image-1.5"] == date(2026, 12, 1)
    assert listed["gpt-image-2"] is None
    assert set(listed) == set(MODEL_BY_NAME)


async def test_a_compatible_servers_list_is_told_whole() -> None:
    async with lab(VllmEmulator(), profile="vllm") as found:
        assert [model.name for model in await found.adapter.models()] == ["Qwen/Qwen-Image"]


async def test_of_openais_many_models_only_those_that_draw_are_listed(vendor: Vendor) -> None:
    listed: JsonValue = {"data": [{"id": "gpt-5.2"}, {"id": "gpt-image-9"}, {"id": "tts-1"}]}
    vendor.answers("GET", "https://api.openai.com/v1/models", listed)
    async with bench("https://api.openai.com/v1") as found:
        assert [model.name for model in await found.adapter.models()] == ["gpt-image-9"]


async def test_health_is_up_when_the_list_comes() -> None:
    async with lab(OpenAIEmulator()) as found:
        health = await found.adapter.check()
    assert (health.status, health.detail) == ("up", "11 models are listed")


async def test_a_server_without_a_list_of_models_is_not_down() -> None:
    async with loopback() as site, bench(site.url, profile="vllm") as found:
        site.answers(404, b'{"detail": "Not Found"}')
        health = await found.adapter.check()
    assert (health.status, health.detail) == ("degraded", "the server has no such route")


@pytest.mark.parametrize(
    ("fault", "status", "detail"),
    [
        (Fault.RATE_LIMITED, "degraded", "openai is asked too often just now"),
        (Fault.UNAVAILABLE, "down", "openai is overloaded or had an error of its own"),
        (Fault.BAD_KEY, "down", "openai refused imageway's key"),
        (Fault.HANG_UP, "down", "the provider hung up before its answer was complete"),
    ],
)
async def test_health_says_what_is_wrong(fault: Fault, status: str, detail: str) -> None:
    emulator = OpenAIEmulator()
    emulator.script(fault, spot="look")
    async with lab(emulator) as found:
        health = await found.adapter.check()
    assert (health.status, health.detail) == (status, detail)


@pytest.mark.parametrize(
    ("model", "wishes", "amount"),
    [
        ("gpt-image-2", {"quality": "low"}, 0.006),
        ("gpt-image-2", {"quality": "high", "count": 3}, 0.633),
        ("gpt-image-2", {"quality": "medium", "size": Size(3840, 2160)}, 0.1007),
        ("gpt-image-2-2026-04-21", {"quality": "medium", "previews": 2}, 0.059),
        ("gpt-image-2.5-flare", {"quality": "max"}, 0.2107),
        ("gpt-image-1.5", {"quality": "medium", "size": Size(1536, 1024)}, 0.051),
        ("gpt-image-1-mini", {}, 0.036),
        ("gpt-image-2", {"quality": "auto"}, 0.211),
    ],
)
async def test_a_quote_is_the_dated_price_and_not_firm(
    model: str, wishes: dict[str, object], amount: float
) -> None:
    quote = await bare().quote(asking(model, **wishes))
    assert (quote.amount, quote.unit, quote.firm) == (amount, "USD", False)


@pytest.mark.parametrize(
    ("model", "profile"),
    [("gpt-image-2.6-flare", "openai"), ("gpt-image-9", "openai"), ("gpt-image-2", "compatible")],
)
async def test_a_price_that_nobody_knows_is_not_made_up(model: str, profile: str) -> None:
    with pytest.raises(ImagewayError) as caught:
        await bare(profile=profile).quote(asking(model))
    assert caught.value.info.code is ErrorCode.UNSUPPORTED


async def test_the_emulators_bill_and_ours_are_the_same() -> None:
    emulator = OpenAIEmulator()
    async with lab(emulator) as found:
        for model in MODEL_BY_NAME:
            result = await found.draw(model=model, quality="low")
            told = [each.amount for each in result.usage if each.unit == "USD"]
            assert told == [float(emulator.charges[-1].amount)]


def usage(**details: object) -> Usage:
    return Usage.model_validate(
        {"total_tokens": 3000, "input_tokens": 2000, "output_tokens": 1000, **details}
    )


def test_cached_tokens_are_cheaper_where_the_vendor_says_which_they_were() -> None:
    came = {"text_tokens": 500, "image_tokens": 1500}
    plain = dollars(usage(input_tokens_details=came), NEW_PRICES)
    untold = {**came, "cached_tokens": 1000}
    told = {**untold, "cached_tokens_details": {"text_tokens": 200, "image_tokens": 800}}
    assert plain == pytest.approx((500 * 5 + 1500 * 8 + 1000 * 30) / 1e6)
    assert dollars(usage(input_tokens_details=untold), NEW_PRICES) == plain
    assert dollars(usage(input_tokens_details=told), NEW_PRICES) == pytest.approx(
        (300 * 5 + 200 * 1.25 + 700 * 8 + 800 * 2 + 1000 * 30) / 1e6
    )


def test_text_that_a_model_writes_has_a_price_of_its_own() -> None:
    made = {"text_tokens": 100, "image_tokens": 900}
    found = usage(input_tokens=0, output_tokens_details=made)
    assert dollars(found, OLD_PRICES) == pytest.approx((900 * 32 + 100 * 10) / 1e6)


def test_tokens_of_an_unknown_kind_have_no_price() -> None:
    assert dollars(usage(), NEW_PRICES) is None

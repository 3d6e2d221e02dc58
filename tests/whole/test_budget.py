"""A key's budget over a real adapter: reserved by its price table, settled by what was counted."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import openai
import pytest

from imageway.emulators.faults import Fault, Spot
from imageway.emulators.serving import serve
from imageway.providers.accounting.usage import AmountReport, UsageReport, usage_of
from tests.emulators.civitai_lab import emulator
from tests.whole.harbour import CONFIG
from tests.whole.harbour import KEY as BUZZ_KEY
from tests.whole.test_crash import BODY, LONG, PATH, gateway, heard
from tests.whole.town import Town, town

FAMILY = '\n[keys.family]\ntoken = {{ env = "{env}" }}\nbudget = {{ {budget} }}\n'


def of_today(it: Town) -> AmountReport:
    amounts = usage_of(it.way.snapshot, "family").amounts
    return next(each for each in amounts if (each.unit, each.period) == ("USD", "day"))


async def draw(it: Town) -> None:
    await it.sdk.images.generate(model="default", prompt="a fox", quality="low")


async def until_it_is_spent(it: Town) -> None:
    for _ in range(5):
        await draw(it)


async def test_what_the_vendor_counted_is_settled_and_the_next_is_402(tmp_path: Path) -> None:
    more = FAMILY.format(env="KEY", budget="usd_per_day = 0.012")
    async with town(tmp_path, more=more) as it:
        await draw(it)
        spent = of_today(it)
        assert 0 < spent.spent < 0.012
        assert spent.reserved == 0
        with pytest.raises(openai.APIStatusError) as caught:
            await until_it_is_spent(it)
        assert caught.value.status_code == 402
        assert int(caught.value.response.headers["Retry-After"]) <= 24 * 3600
        assert caught.value.response.headers["x-should-retry"] == "false"
        assert of_today(it).spent <= 0.012
        assert sum(it.asked) == sum(it.charged) < 6


async def test_what_the_vendor_refused_is_given_back(tmp_path: Path) -> None:
    more = FAMILY.format(env="KEY", budget="usd_per_day = 0.012")
    async with town(tmp_path, vendors=1, more=more) as it:
        it.vendors[0].script(Fault.REFUSED, spot=Spot.WORK)
        with pytest.raises(openai.BadRequestError):
            await draw(it)
        assert (of_today(it).spent, of_today(it).reserved) == (0.0, 0.0)


async def test_a_ceiling_is_held_against_the_adapter_s_table(tmp_path: Path) -> None:
    async with town(tmp_path, more="max_price = { usd = 0.10 }\n") as it:
        await draw(it)
        with pytest.raises(openai.APIStatusError) as caught:
            await it.sdk.images.generate(model="default", prompt="a fox", quality="high")
        assert caught.value.status_code == 402
        assert "max_price is 0.1 USD" in str(caught.value)
        assert sum(it.asked) == 1


@pytest.mark.slow
async def test_what_a_dead_process_had_reserved_is_settled_once_its_end_is_known(
    tmp_path: Path,
) -> None:
    vendor = emulator()
    headers = {"Authorization": f"Bearer {BUZZ_KEY}"}
    async with serve(vendor) as url, aiohttp.ClientSession(headers=headers) as session:
        key = FAMILY.format(env="CIVITAI_API_TOKEN", budget="buzz_per_day = 1000")
        config = CONFIG.format(url=url, feature="true") + key
        (tmp_path / "plugins.toml").write_text(config)
        vendor.seconds_per_picture = LONG
        async with gateway(tmp_path) as (process, at):
            asking = asyncio.create_task(session.post(at + PATH, json=BODY))
            await heard(vendor, Spot.POLL)
            process.kill()
            with pytest.raises(aiohttp.ClientError):
                await asking
        vendor.ahead += 2 * LONG
        async with gateway(tmp_path) as (_, at):
            while (found := await buzz(session, at)).reserved:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        assert found.spent == sum(charge.amount for charge in vendor.charges)


async def buzz(session: aiohttp.ClientSession, url: str) -> AmountReport:
    async with session.get(f"{url}/v1/usage") as answer:
        report = UsageReport.model_validate_json(await answer.read())
    return next(each for each in report.amounts if (each.unit, each.period) == ("buzz", "day"))

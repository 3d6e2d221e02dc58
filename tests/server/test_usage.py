"""GET /v1/usage, the pace on every answer, and the same facts in /metrics."""

from __future__ import annotations

import asyncio
from pathlib import Path

from imageway.core.events import Charged
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.providers.accounting.usage import UsageReport
from tests.server.lab import GENERATIONS, Answer, Json, Lab, draw_all, lab

FAMILY: Json = {
    "token": {"env": "FAMILY"},
    "budget": {"usd_per_day": 2.0},
    "rate": {"requests_per_minute": 3, "at_once": 2},
}
KEYS = {"family": FAMILY, "guest": {"token": {"env": "GUEST"}}}
HERE = {"FAMILY": "iw-family", "GUEST": "iw-guest"}


async def ask(it: Lab, path: str = GENERATIONS, key: str = "iw-family") -> Answer:
    body: Json | None = {"prompt": "x"} if path == GENERATIONS else None
    return await it.ask(path, body, Authorization=f"Bearer {key}")


async def test_a_key_sees_what_it_has_spent_and_reserved_and_nobody_else_s(
    tmp_path: Path,
) -> None:
    async with lab(keys=KEYS, environment=HERE) as it:
        spending = it.way.snapshot.accounts.spending
        spending.path = tmp_path / "spending.db"
        spending.settle("family", "call_1", "yes", [Charged(0.5, "USD"), Charged(900, "tokens")])
        mine = UsageReport.model_validate_json((await ask(it, "/v1/usage")).body)
        amounts = {(each.unit, each.period): each for each in mine.amounts}
        day = amounts["USD", "day"]
        assert (mine.key, day.spent, day.reserved, day.limit) == ("family", 0.5, 0.0, 2.0)
        assert amounts["USD", "month"].limit is None
        assert amounts["tokens", "day"].spent == 900
        assert mine.rate is not None
        assert (mine.rate.requests_per_minute, mine.rate.requests_left) == (3, 3)
        other = UsageReport.model_validate_json((await ask(it, "/v1/usage", "iw-guest")).body)
        assert (other.key, other.amounts, other.rate) == ("guest", (), None)
        text = (await it.ask("/metrics")).body.decode()
        assert 'imageway_key_spent{key="family",period="day",unit="USD"} 0.5' in text
        assert 'imageway_key_limit{key="family",period="day",unit="USD"} 2.0' in text
        assert 'imageway_key_limit{key="family",period="month",unit="USD"}' not in text


async def test_strangers_see_no_usage() -> None:
    async with lab(keys=KEYS, environment=HERE) as it:
        assert (await it.ask("/v1/usage")).status == 401


async def test_without_keys_anybody_sees_that_nothing_is_counted(it: Lab) -> None:
    assert (await it.ask("/v1/usage")).json == {"key": "anybody", "amounts": [], "rate": None}


async def test_too_many_in_a_minute_are_429_with_when_to_try_again() -> None:
    async with lab(keys=KEYS, environment=HERE) as it:
        passed = [await ask(it) for _ in range(3)]
        assert [each.status for each in passed] == [200] * 3
        left = [each.headers["x-ratelimit-remaining-requests"] for each in passed]
        assert left == ["2", "1", "0"]
        refused = await ask(it)
        assert (refused.status, refused.error["code"]) == (429, "rate_limit_exceeded")
        assert 50 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.headers["x-ratelimit-limit-requests"] == "3"
        assert refused.headers["x-ratelimit-reset-requests"].endswith("s")
        assert refused.headers["x-should-retry"] == "true"
        assert (await ask(it, key="iw-guest")).status == 200


async def test_too_many_at_once_are_429() -> None:
    async with lab(keys=KEYS, environment=HERE) as it:
        gate, both = asyncio.Event(), asyncio.Event()

        async def waits(request: ImageRequest, run: Run) -> None:
            if len(it.adapter.asked) == 2:
                both.set()
            await gate.wait()
            await draw_all(request, run)

        it.adapter.play = waits
        first = [asyncio.create_task(ask(it)) for _ in range(2)]
        await both.wait()
        refused = await ask(it)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "2")
        assert "at_once is 2" in str(refused.error["message"])
        gate.set()
        assert [each.status for each in await asyncio.gather(*first)] == [200, 200]


async def test_what_could_not_be_asked_at_all_does_not_count() -> None:
    async with lab(keys=KEYS, environment=HERE) as it:
        body: Json = {"prompt": "x", "model": "nothing"}
        answer = await it.ask(GENERATIONS, body, Authorization="Bearer iw-family")
        assert answer.status == 404
        assert answer.headers["x-ratelimit-remaining-requests"] == "3"


async def test_flags_are_numbers_for_each_key_and_provider() -> None:
    async with lab(keys=KEYS, environment=HERE) as it:
        text = (await it.ask("/metrics")).body.decode()
        assert 'imageway_feature{feature="top_up",key="family",provider="lab"} 1.0' in text

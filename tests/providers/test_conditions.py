"""What a route, a ceiling and a budget may say in plugins.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageway.core.errors import ErrorCode
from imageway.providers.router import rules_of
from imageway.providers.tables.conditions import CURABLE, REASON_BY_CODE
from tests.providers.support import HOUSE, living, refusal

ROUTE = HOUSE + "[routes.photo]\ntry = ['house/x']\n"
KEY = HOUSE + "[keys.family]\ntoken = { env = 'FAMILY' }\n"


def test_every_code_is_routed_around_or_has_a_reason_why_never() -> None:
    assert CURABLE.isdisjoint(REASON_BY_CODE)
    assert CURABLE | REASON_BY_CODE.keys() == set(ErrorCode)


def test_without_a_word_a_route_goes_on_after_all_that_another_vendor_may_cure(
    tmp_path: Path,
) -> None:
    config = living(tmp_path, ROUTE).source.config
    assert rules_of(config.routes["photo"]).codes == CURABLE


@pytest.mark.parametrize("code", sorted(REASON_BY_CODE))
def test_what_is_never_routed_around_is_refused_with_the_reason(
    tmp_path: Path, code: ErrorCode
) -> None:
    info = refusal(tmp_path, f"{ROUTE}fall_back_on = ['failed', '{code}']\n")
    assert info.message == (
        f"plugins.toml, line 5: [routes.photo] fall_back_on: {code.value!r} is never routed "
        f"around: {REASON_BY_CODE[code]}"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            ROUTE + "fall_back_on = ['unavailible']\n",
            "[routes.photo] fall_back_on: 'unavailible' is no code; did you mean 'unavailable'?",
        ),
        (
            ROUTE + "fall_back_on = 'failed'\n",
            "[routes.photo] fall_back_on = 'failed': must be a list of codes, such as "
            '["unavailable", "rate_limited"]',
        ),
        (
            ROUTE + "order = 'shortest'\n",
            "[routes.photo] order = 'shortest': must be 'listed' or 'least_wait'",
        ),
        (
            ROUTE + "max_price = {}\n",
            "[routes.photo] max_price: must name a price, such as { usd = 0.10 }",
        ),
        (
            ROUTE + "max_price = { usd = -1 }\n",
            "[routes.photo.max_price] usd = -1: must be at least 0",
        ),
        (
            ROUTE + "max_price = { eur = 1 }\n",
            "[routes.photo.max_price] unknown key 'eur'",
        ),
        (
            KEY + "budget = { on_limit = 'refuse' }\n",
            "[keys.family] budget: must name an amount, such as { usd_per_day = 2.00 }",
        ),
        (
            KEY + "budget = { usd_per_day = '2' }\n",
            "[keys.family.budget] usd_per_day = '2': must be a number",
        ),
        (
            KEY + "rate = {}\n",
            "[keys.family] rate: must name requests_per_minute, at_once or both",
        ),
        (
            KEY + "rate = { requests_per_minute = 0 }\n",
            "[keys.family.rate] requests_per_minute = 0: must be at least 1",
        ),
    ],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert refusal(tmp_path, text).message.partition(": ")[2] == said

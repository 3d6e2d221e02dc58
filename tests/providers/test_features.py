"""Feature flags: who is meant, who is refused, and what is told of them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from imageway.providers.tables.features import (
    FLAG_BY_NAME,
    Features,
    Rollout,
    past_their_end,
    report_features,
    share,
)
from tests.providers.support import HOUSE, living, refusal

TODAY = date(2027, 3, 2)
KEYS = "[keys.family]\ntoken = { env = 'FAMILY' }\n"


def features(**settings: object) -> Features:
    return Features.model_validate(settings)


def test_every_flag_has_an_owner_a_default_and_a_sentence() -> None:
    assert FLAG_BY_NAME.keys() == Features.model_fields.keys()
    for each in report_features(Features(), TODAY):
        assert each.owner
        assert each.meaning
        assert each.default is (each.state == "on")


@pytest.mark.parametrize(
    ("setting", "caller", "provider", "is_on"),
    [
        (True, "family", "google", True),
        (False, "family", "google", False),
        ({"on": False}, "family", "google", False),
        ({"keys": ["family"]}, "family", "google", True),
        ({"keys": ["family"]}, "guest", "google", False),
        ({"keys": ["family"]}, None, None, False),
        ({"providers": ["google"]}, "guest", "google", True),
        ({"providers": ["google"]}, "guest", "openai", False),
        ({"keys": ["family"], "providers": ["google"]}, "family", "openai", False),
        ({"keys": ["family"], "providers": ["google"]}, "family", "google", True),
        ({"percent": 100}, "anybody", "google", True),
        ({"percent": 0}, "anybody", "google", False),
        ({"until": date(2000, 1, 1)}, "anybody", "google", True),
    ],
)
def test_a_flag_is_on_for_whoever_fits_all_that_is_said(
    setting: object, caller: str | None, provider: str | None, is_on: bool
) -> None:
    assert features(top_up=setting).is_on("top_up", caller, provider) is is_on


def test_a_percentage_takes_the_same_callers_every_time_and_others_for_another_flag() -> None:
    callers = [f"caller{number}" for number in range(2000)]
    for percent in (10, 50):
        it = features(top_up={"percent": percent}, fallback={"percent": percent})
        chosen = {each for each in callers if it.is_on("top_up", each)}
        assert len(chosen) == pytest.approx(20 * percent, rel=0.15)
        assert chosen == {each for each in callers if it.is_on("top_up", each)}
        assert chosen != {each for each in callers if it.is_on("fallback", each)}


def test_whoever_is_in_a_small_share_is_in_every_larger_one() -> None:
    place = share("top_up", "family")
    assert features(top_up={"percent": min(place + 1, 100)}).is_on("top_up", "family")
    assert not features(top_up={"percent": max(place - 1, 0)}).is_on("top_up", "family")


def test_past_its_end_date_check_warns_and_nothing_else_changes() -> None:
    it = features(top_up={"until": date(2027, 3, 1)}, fallback={"until": TODAY})
    assert list(past_their_end(it, TODAY)) == [
        "feature 'top_up' should have ended on 2027-03-01: take it out of [features], "
        "or give it a later date (providers/fallback owns it)"
    ]
    assert it.is_on("top_up", "family")


def test_what_is_on_for_whom_is_data() -> None:
    it = features(top_up={"keys": ["family"], "until": TODAY}, fallback=False)
    by_name = {each.name: each for each in report_features(it, TODAY)}
    assert by_name["early_access"].state == "on"
    assert by_name["fallback"].state == "off"
    assert by_name["top_up"].state == "some"
    assert (by_name["top_up"].keys, by_name["top_up"].is_past) == (("family",), False)


def test_a_flag_about_providers_is_off_for_those_that_are_not_named() -> None:
    it = features(early_access={"providers": ["civitai"]})
    assert it.turned_off("civitai") == frozenset()
    assert it.turned_off("other") == {"early_access"}
    assert features(top_up=False).turned_off("other") == frozenset()


def test_an_empty_table_is_on_for_all() -> None:
    assert features(top_up={}).settings["top_up"] == Rollout()
    assert features(top_up={}).is_on("top_up")


@pytest.mark.parametrize(
    ("table", "said", "hint"),
    [
        ("topup = true", "[features] unknown key 'topup'", "did you mean 'top_up'?"),
        (
            "top_up = 3",
            "[features] top_up = 3: must be true, false or a table, such as { percent = 10 }",
            None,
        ),
        (
            "top_up = { keys = ['famly'] }",
            "[features.top_up] keys: there is no key 'famly'",
            "did you mean 'family'?",
        ),
        (
            "fallback = { providers = ['hause'] }",
            "[features.fallback] providers: there is no provider 'hause'",
            "did you mean 'house'?",
        ),
        (
            "early_access = { percent = 5 }",
            "[features.early_access] percent: early_access is about providers and cannot tell "
            "callers apart",
            "name providers instead",
        ),
    ],
)
def test_a_flag_that_nobody_can_mean_is_refused(
    tmp_path: Path, table: str, said: str, hint: str | None
) -> None:
    info = refusal(tmp_path, f"{HOUSE}{KEYS}[features]\n{table}\n")
    assert info.message.endswith(said)
    assert info.hint == hint


def test_a_good_one_is_taken(tmp_path: Path) -> None:
    text = f"{HOUSE}{KEYS}[features]\ntop_up = {{ keys = ['family'], until = 2027-03-01 }}\n"
    assert living(tmp_path, text).source.config.features.is_on("top_up", "family")

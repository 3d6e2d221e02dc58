"""The policies' tables: a provider's own keys over those of [defaults], key by key."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import JsonValue, ValidationError

from imageway.core.outgoing import Times
from imageway.providers.config import Config
from imageway.providers.tables.policies import Policies, Retry, Switch, Timeout
from tests.providers.support import HOUSE, living, refusal


def in_force(defaults: JsonValue = None, **own: JsonValue) -> Policies:
    config = Config.model_validate(
        {"defaults": defaults or {}, "providers": {"house": {"adapter": "demo", **own}}}
    )
    return config.policies(config.providers["house"])


def test_without_a_word_the_usual_is_in_force() -> None:
    assert in_force() == Policies()


def test_a_provider_s_key_wins_and_the_others_stay() -> None:
    found = in_force(
        {"timeout": {"total": "10m", "attempt": "2m"}, "concurrency": {"at_once": 2}},
        timeout={"total": "30m"},
    )
    assert (found.timeout.total, found.timeout.attempt) == (1800, 120)
    assert (found.concurrency.at_once, found.concurrency.queue) == (2, 50)


def test_tables_in_tables_are_laid_over_each_other_too() -> None:
    found = in_force(
        {"retry": {"attempts": 5, "backoff": {"first": "1s"}}},
        retry={"backoff": {"max": "5s"}, "budget": {"percent": 20}},
    )
    assert found.retry.attempts == 5
    assert (found.retry.backoff.first, found.retry.backoff.max) == (1.0, 5.0)
    assert (found.retry.budget.percent, found.retry.budget.min_per_minute) == (20.0, 3)


def test_every_table_reaches_its_policy(tmp_path: Path) -> None:
    tables = """
    timeout = { connect = "1s", first_byte = "2s", idle = "3s", min_rate = "2KiB/s" }
    retry.attempts = 7
    retry.respect_retry_after = "9s"
    retry.budget = { percent = 50, min_per_minute = 1 }
    breaker.window = "10s"
    breaker.min_calls = 2
    breaker.failure_ratio = 0.9
    breaker.open_for = "4s"
    breaker.max_open = "8s"
    concurrency = { at_once = 1, queue = 20 }
    """
    house = living(tmp_path, HOUSE + tables).providers["house"]
    assert house.policies.timeout.times == Times(1, 2, 3, min_rate=2048)
    slots, switch = house.state.slots, house.state.breaker.thresholds
    assert (slots.at_once, slots.queue) == (1, 20)
    assert (switch.window, switch.min_calls, switch.failure_ratio) == (10, 2, 0.9)
    assert (switch.open_for, switch.most_open) == (4, 8)
    repeating = house.state.repeating
    assert (repeating.backoff.attempts, repeating.backoff.longest_retry_after) == (7, 9)
    assert (repeating.budget.ratio, repeating.budget.least_per_minute) == (0.5, 1)


def test_a_breaker_is_never_open_for_longer_than_at_most() -> None:
    assert Switch.model_validate({"open_for": "1h"}).thresholds.most_open == 3600


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ('timeout = { totl = "5m" }', "unknown key 'totl'"),
        ('timeout = { min_rate = "1KiB" }', 'such as "1KiB/s"'),
        ("retry = { attempts = 0 }", "must be at least 1"),
        ("retry = { backoff = { factor = 0.5 } }", "must be at least 1"),
        ('retry = { backoff = { jitter = "none" } }', "must be 'full'"),
        ("retry = { budget = { percent = 101 } }", "must be at most 100"),
        ("breaker = { failure_ratio = 0 }", "must be more than 0"),
        ("concurrency = { at_once = 0 }", "must be at least 1"),
        ("concurrency = { queue = -1 }", "must be at least 0"),
        ("concurrency = 4", "must be a table"),
    ],
)
def test_a_mistake_in_a_table_is_named(tmp_path: Path, table: str, told: str) -> None:
    assert told in refusal(tmp_path, HOUSE + table).message


def test_a_policy_s_table_is_frozen() -> None:
    with pytest.raises(ValidationError):
        Timeout().total = 3  # type: ignore[misc]
    assert Retry().attempts == 3

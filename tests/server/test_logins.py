"""Wrong keys are answered so often and no more."""

from __future__ import annotations

import pytest

from imageway.server.logins import ADDRESSES, Logins, neighbourhood
from tests.server.lab import GENERATIONS, lab

KEYS = {"family": {"token": {"env": "FAMILY"}}}
HERE = {"FAMILY": "iw-secret"}


class Clock:
    """Stands where it is put."""

    now = 5.0

    def __call__(self) -> float:
        return self.now


async def test_the_twenty_first_wrong_key_in_a_minute_is_429_and_the_right_one_is_let_in() -> None:
    """B09."""
    async with lab(keys=KEYS, environment=HERE) as it:
        clock = it.gateway.logins.clock = Clock()
        for number in range(20):
            token = f"Bearer wrong{number}" if number % 2 else ""
            answer = await it.ask("/v1/models", Authorization=token)
            assert answer.status == 401
            clock.now += 1
        refused = await it.ask("/v1/models", Authorization="Bearer wrong")
        assert (refused.status, refused.error["code"]) == (429, "rate_limit_exceeded")
        assert refused.headers["Retry-After"] == "40"
        good = await it.ask(GENERATIONS, {"prompt": "x"}, Authorization="Bearer iw-secret")
        assert good.status == 200
        clock.now += 40
        assert (await it.ask("/v1/models", Authorization="Bearer wrong")).status == 401


def test_each_address_has_its_own_count_and_only_so_many_are_remembered() -> None:
    it = Logins(Clock())
    for number in range(ADDRESSES + 50):
        it.failed(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert it.addresses == ADDRESSES
    for _ in range(20):
        assert it.failed("192.0.2.1") is None
    assert it.failed("192.0.2.1") == 60
    assert it.failed("192.0.2.2") is None


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        (None, "unknown"),
        ("/run/socket", "unknown"),
    ],
)
def test_of_ipv6_a_whole_network_is_one(address: str | None, place: str) -> None:
    assert neighbourhood(address) == place

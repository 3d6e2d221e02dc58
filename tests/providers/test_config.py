"""The file as values: defaults, shorthands, addresses."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from imageway.providers.config import Config, is_loopback, split_address


def test_an_empty_file_is_a_configuration() -> None:
    config = Config.model_validate({})
    assert config.gateway.address == ("127.0.0.1", 8088)
    assert config.defaults.timeout.total == 900


def test_a_route_s_entry_may_be_just_a_name() -> None:
    short = Config.model_validate({"routes": {"r": {"try": ["demo/demo"]}}})
    long = Config.model_validate({"routes": {"r": {"try": [{"model": "demo/demo"}]}}})
    assert short == long


def test_what_no_policy_knows_is_the_adapter_s_own() -> None:
    told = {"adapter": "demo", "cost": "local", "timeout": {"total": "5s"}, "pace": 3}
    provider = Config.model_validate({"providers": {"x": told}}).providers["x"]
    assert provider.own == {"pace": 3}
    assert provider.timeout is not None
    assert provider.timeout.total == 5


def test_a_configuration_is_frozen() -> None:
    config = Config.model_validate({})
    with pytest.raises(ValidationError):
        config.gateway.listen = "0.0.0.0:1"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("127.0.0.1:8088", ("127.0.0.1", 8088)),
        ("[::1]:0", ("::1", 0)),
        ("localhost:65535", ("localhost", 65535)),
    ],
)
def test_an_address_is_host_and_port(listen: str, address: tuple[str, int]) -> None:
    assert split_address(listen) == address


@pytest.mark.parametrize(
    "wrong", ["", "8088", ":8088", "localhost", "localhost:", "h:65536", "h:-1", "h:²", "h:x"]
)
def test_what_is_no_address_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="HOST:PORT"):
        split_address(wrong)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.2", False),
        ("example.org", False),
        ("localhost.example.org", False),
    ],
)
def test_only_this_machine_reaches_loopback(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected

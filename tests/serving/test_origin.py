"""A web page reaches a gateway on this machine only if it is the gateway's own."""

from __future__ import annotations

import pytest

from imageway.serving.origin import host_name, is_loopback_name


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("localhost:8088", "localhost"),
        ("[::1]:80", "::1"),
        ("127.0.0.1", "127.0.0.1"),
        ("evil.example", "evil.example"),
        ("user@localhost", None),
        ("localhost/..", None),
        ("a:b:c", None),
    ],
)
def test_a_host_is_read_without_its_port(host: str, name: str | None) -> None:
    assert host_name(host) == name


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "a.localhost"])
def test_these_names_mean_this_machine(name: str) -> None:
    assert is_loopback_name(name)


@pytest.mark.parametrize("name", ["0.0.0.0", "10.0.0.1", "localhost.evil.example", "127.0.0.1.nip"])
def test_these_names_may_mean_another_machine(name: str) -> None:
    assert not is_loopback_name(name)

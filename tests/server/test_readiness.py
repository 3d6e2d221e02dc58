"""What is printed at the start is true, and its last line works as it stands."""

from __future__ import annotations

import shlex

import pytest

from imageway.server.readiness import readiness
from imageway.serving.process import url_of
from tests.server.lab import GENERATIONS, Lab


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:1"),
        ("0.0.0.0", "http://127.0.0.1:1"),
        ("::1", "http://[::1]:1"),
        ("::", "http://[::1]:1"),
    ],
)
def test_the_address_can_be_asked_from_this_machine(host: str, url: str) -> None:
    assert url_of(host, 1) == url


async def test_a_disabled_provider_says_what_to_set(it: Lab) -> None:
    text = readiness(it.way.snapshot, "127.0.0.1", it.port)
    assert "SHOP_TOKEN" in text
    assert "lab              enabled" in text


async def test_the_line_to_try_works_as_it_stands(it: Lab) -> None:
    line = readiness(it.way.snapshot, "127.0.0.1", it.port).splitlines()[-1]
    words = shlex.split(line)
    body = words[words.index("-d") + 1].encode()
    assert f"{it.url}{GENERATIONS}" in words
    answer = await it.ask(GENERATIONS, body)
    assert (answer.status, len(answer.data)) == (200, 2)

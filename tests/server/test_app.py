"""What stands before every route: host, origin, unknown paths, wrong methods."""

from __future__ import annotations

import pytest

from tests.server.lab import GENERATIONS, Lab, lab


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8088", "10.0.0.1", "a b", ""])
async def test_a_foreign_host_name_on_loopback_is_421(it: Lab, host: str) -> None:
    answer = await it.ask("/v1/models", Host=host)
    assert (answer.status, answer.error["code"]) == (421, "wrong_host")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:8088", "LOCALHOST:80"])
async def test_a_name_of_this_machine_is_let_in(it: Lab, host: str) -> None:
    assert (await it.ask("/v1/models", Host=host)).status == 200


async def test_the_public_name_is_let_in() -> None:
    async with lab({"public_url": "https://pictures.example/"}) as it:
        assert (await it.ask("/v1/models", Host="pictures.example")).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_web_page_from_elsewhere_is_403_and_gets_no_cors(it: Lab, origin: str) -> None:
    answer = await it.ask(GENERATIONS, {"prompt": "x"}, Origin=origin)
    assert (answer.status, answer.error["code"]) == (403, "wrong_origin")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert it.adapter.asked == []


async def test_the_gateways_own_pages_are_let_in(it: Lab) -> None:
    assert (await it.ask(GENERATIONS, {"prompt": "x"}, Origin=it.url)).status == 200


async def test_an_unknown_path_names_the_right_one(it: Lab) -> None:
    answer = await it.ask("/images/generations", {"prompt": "x"})
    assert (answer.status, answer.error["code"]) == (404, "unknown_url")
    assert "/v1/images/generations" in answer.reason


async def test_a_wrong_method_names_the_right_one(it: Lab) -> None:
    answer = await it.ask(GENERATIONS)
    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert answer.error["code"] == "method_not_allowed"

"""A key is demanded where keys are set, and a refusal never repeats what was sent."""

from __future__ import annotations

import pytest

from tests.server.lab import GENERATIONS, Json, Lab, lab

KEYS = {"family": {"token": {"env": "FAMILY"}}}
HERE = {"FAMILY": "iw-secret"}
ASKED: Json = {"prompt": "x"}
REFUSED = {
    "wrong": "Bearer wrong-canary",
    "a prefix": "Bearer iw-secre",
    "longer": "Bearer iw-secret-canary",
    "basic": "Basic iw-secret",
    "bare": "iw-secret",
    "empty": "Bearer ",
}


@pytest.mark.parametrize("header", [None, "Bearer anything", "Basic eDp5"])
async def test_without_keys_any_token_or_none_is_accepted(it: Lab, header: str | None) -> None:
    headers = {"Authorization": header} if header else {}
    assert (await it.ask(GENERATIONS, ASKED, **headers)).status == 200


@pytest.mark.parametrize("header", REFUSED.values(), ids=REFUSED.keys())
async def test_a_wrong_key_is_401_and_is_not_repeated(header: str) -> None:
    async with lab(keys=KEYS, environment=HERE) as it:
        answer = await it.ask(GENERATIONS, ASKED, Authorization=header)
        assert (answer.status, answer.error["code"]) == (401, "invalid_api_key")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert "canary" not in f"{answer.reason}{answer.json}"
        assert it.adapter.asked == []


async def test_the_right_key_is_let_in_and_named_to_the_adapter() -> None:
    async with lab(keys=KEYS, environment=HERE) as it:
        answer = await it.ask(GENERATIONS, ASKED, Authorization="bearer iw-secret")
        assert answer.status == 200


@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/default"])
async def test_models_are_shown_only_to_who_has_a_key(path: str) -> None:
    async with lab(keys=KEYS, environment=HERE) as it:
        assert (await it.ask(path)).status == 401


async def test_a_key_whose_secret_is_missing_lets_nobody_in() -> None:
    async with lab(keys=KEYS, environment={}) as it:
        assert (await it.ask(GENERATIONS, ASKED, Authorization="Bearer x")).status == 401
        assert (await it.ask(GENERATIONS, ASKED)).status == 401

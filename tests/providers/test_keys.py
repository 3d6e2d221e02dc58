"""The callers' keys: who is let in, and what each may use."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from imageway.providers.keys import ANYBODY, Caller, Keyring, digest, new_token
from tests.providers.support import source_of

TOKEN = "iw-a-token"
FAMILY = "[keys.family]\nhash = { env = 'HASH' }\nallow = ['photo']\n"
FRIEND = "[keys.friend]\ntoken = { env = 'TOKEN' }\n"
ENVIRONMENT = {"HASH": digest(TOKEN).upper(), "TOKEN": "iw-another"}


def keyring(folder: Path, text: str, environment: Mapping[str, str] = ENVIRONMENT) -> Keyring:
    return Keyring(source_of(folder, text), environment)


def test_without_keys_anybody_is_let_in(tmp_path: Path) -> None:
    ring = keyring(tmp_path, "schema = 1\n")
    assert ring.caller(None) == ANYBODY
    assert not ring.demanded


def test_a_token_names_its_caller_by_hash_or_by_reference(tmp_path: Path) -> None:
    ring = keyring(tmp_path, FAMILY + FRIEND)
    assert ring.caller(TOKEN) == Caller("family", ("photo",))
    assert ring.caller("iw-another") == Caller("friend")


@pytest.mark.parametrize("token", [None, "", "iw-a-token ", "IW-A-TOKEN", "ключ", "\udcff"])
def test_any_other_token_is_let_in_nowhere(tmp_path: Path, token: str | None) -> None:
    assert keyring(tmp_path, FAMILY).caller(token) is None


def test_the_hash_of_nothing_does_not_open_the_door_to_nobody(tmp_path: Path) -> None:
    ring = keyring(tmp_path, FAMILY, {"HASH": digest("")})
    assert ring.caller("") is None
    assert ring.caller(None) is None


def test_a_key_whose_secret_is_missing_lets_nobody_in_and_says_so(tmp_path: Path) -> None:
    ring = keyring(tmp_path, FAMILY, {})
    assert ring.demanded
    assert ring.caller(TOKEN) is None
    assert ring.disabled == {"family": "set HASH in the environment"}


@pytest.mark.parametrize("wrong", [TOKEN, "é" * 64, "0" * 63])
def test_a_hash_that_is_none_is_told_and_harms_no_other_key(tmp_path: Path, wrong: str) -> None:
    ring = keyring(tmp_path, FAMILY + FRIEND, {**ENVIRONMENT, "HASH": wrong})
    assert "no SHA-256" in ring.disabled["family"]
    assert ring.caller("iw-another") == Caller("friend")


def test_a_key_may_use_what_it_allows_and_without_a_list_anything() -> None:
    assert Caller("family", ("photo",)).may_use("photo")
    assert not Caller("family", ("photo",)).may_use("art")
    assert not Caller("family", ()).may_use("photo")
    assert Caller("friend").may_use("art")


def test_new_tokens_are_long_and_never_the_same() -> None:
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert all(token.startswith("iw-") and len(token) >= 46 for token in tokens)

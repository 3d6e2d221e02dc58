"""Secrets at every depth of an adapter's own keys."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.providers.support import HOUSE, living, refusal

KEY = "0123456789"


def own(folder: Path, text: str) -> BaseModel:
    """The adapter's own keys, after the secrets were fetched."""
    provider = living(folder, HOUSE + text, {"KEY": KEY}).providers["house"]
    assert provider.own is not None
    return provider.own


def disabled(folder: Path, text: str) -> str | None:
    """Why the provider cannot be asked when no secret is there."""
    provider = living(folder, HOUSE + text).providers["house"]
    assert (provider.disabled is None) == (provider.stack is not None)
    return provider.disabled


@pytest.mark.parametrize(
    "text",
    [
        "api_key = { env = 'KEY' }\n",
        "cloud = { project = 'p', credentials = { env = 'KEY' } }\n",
        "cloud.project = 'p'\n[providers.house.cloud.credentials]\nenv = 'KEY'\n",
        "headers = { X-Key = { env = 'KEY' } }\n",
        "tokens = [{ env = 'KEY' }]\n",
    ],
)
def test_a_reference_at_any_depth_becomes_the_secret_and_is_never_printed(
    tmp_path: Path, text: str
) -> None:
    settings = own(tmp_path, text)
    assert KEY not in repr(settings)
    assert "SecretStr('**********')" in repr(settings)
    assert disabled(tmp_path, text) == "set KEY in the environment"


def test_the_secret_itself_arrives(tmp_path: Path) -> None:
    settings = own(tmp_path, "api_key = { env = 'KEY' }")
    assert settings.model_dump()["api_key"].get_secret_value() == KEY


def test_a_table_of_the_adapter_that_only_looks_like_a_reference_stays(tmp_path: Path) -> None:
    settings = own(tmp_path, "workflow = { file = 'flow.json' }\n")
    assert settings.model_dump()["workflow"] == {"file": "flow.json"}


def test_every_missing_secret_is_told(tmp_path: Path) -> None:
    text = "api_key = { env = 'KEY' }\nheaders = { X-Key = { env = 'OTHER' } }\n"
    assert disabled(tmp_path, text) == "set KEY in the environment; set OTHER in the environment"


def test_without_secrets_nothing_is_missing(tmp_path: Path) -> None:
    assert disabled(tmp_path, "pace = 1\n") is None


def test_a_missing_secret_is_not_also_called_too_short(tmp_path: Path) -> None:
    assert disabled(tmp_path, "api_key = { env = 'KEY' }\n") == "set KEY in the environment"


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("{}", "[providers.house] api_key: must be exactly one of env, file and command"),
        (
            "{ env = 'X', file = 'y' }",
            "[providers.house] api_key: must be exactly one of env, file and command",
        ),
        ("{ env = 3 }", "[providers.house.api_key] env = 3: must be a text in quotes"),
        ("{ command = 'pass x' }", "[providers.house.api_key] command = 'pass x': must be a list"),
        ("{ command = [] }", "[providers.house.api_key] command: must not be empty"),
    ],
)
def test_a_malformed_reference_is_refused_at_its_place(
    tmp_path: Path, reference: str, said: str
) -> None:
    info = refusal(tmp_path, f"{HOUSE}api_key = {reference}\n")
    assert info.message == f"plugins.toml, line 3: {said}"


def test_a_reference_for_what_is_no_secret_is_refused(tmp_path: Path) -> None:
    info = refusal(tmp_path, HOUSE + "base_url = { env = 'URL' }\n")
    assert info.message.endswith("base_url: the adapter does not treat this as a secret")

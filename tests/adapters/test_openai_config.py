"""What plugins.toml may say of OpenAI: where it is, with which key, and how it differs."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from imageway.adapters.openai import OpenAIConfig
from imageway.adapters.openai.profiles import COMPATIBLE, OPENAI, VLLM
from imageway.core.errors import ImagewayError
from imageway.core.options import Option
from imageway.providers.loading import load
from imageway.providers.snapshot import Snapshot, provision

HOME = "https://api.openai.com/v1"
LOCAL = "http://127.0.0.1:8000/v1"


def complaint(**keys: object) -> str:
    with pytest.raises(ValidationError) as caught:
        OpenAIConfig.model_validate({"api_key": "sk-x", **keys})
    [error] = caught.value.errors()
    return error["msg"].removeprefix("Value error, ")


def living(folder: Path, text: str, **environment: str) -> Snapshot:
    (folder / "plugins.toml").write_text(f'[providers.openai]\nadapter = "openai"\n{text}')
    return provision(load(folder / "plugins.toml"), environment)


@pytest.mark.parametrize("url", [HOME, f"{HOME}/", f" {HOME}// "])
def test_a_slash_at_the_end_is_forgiven(url: str) -> None:
    config = OpenAIConfig.model_validate({"base_url": url, "api_key": "sk-x"})
    assert config.base_url == HOME
    assert config.is_openai


@pytest.mark.parametrize(
    "route", ["/images/generations", "/images/edits/", "/models", "/chat/completions", "/images"]
)
def test_the_address_of_one_route_is_refused_and_the_right_one_is_told(route: str) -> None:
    words = complaint(base_url=f"{HOME}{route}")
    assert words == f'is the address of one route; the base of all of them is "{HOME}"'


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://api.openai.com", f'at OpenAI it is "{HOME}"'),
        ("http://api.openai.com/v1", f'at OpenAI it is "{HOME}"'),
        ("https://eu.api.openai.com", 'at OpenAI it is "https://eu.api.openai.com/v1"'),
        ("api.openai.com/v1", f'must be an http or https address, such as "{HOME}"'),
        ("ftp://x/v1", f'must be an http or https address, such as "{HOME}"'),
        (
            "https://me:secret@x/v1",
            "must not hold a name or a password; a key belongs into api_key",
        ),
        ("https://x/v1?a=b", "must not have a ? or a #; routes are added behind it"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused(url: str, words: str) -> None:
    assert complaint(base_url=url) == words


def test_openai_wants_a_key() -> None:
    for key in (None, "", "  "):
        assert complaint(api_key=key).startswith("is missing, and OpenAI wants one")


def test_a_missing_key_is_told_with_the_place_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(ImagewayError) as caught:
        living(tmp_path, "")
    assert caught.value.info.message.endswith(
        "[providers.openai] api_key: is missing, and OpenAI wants one "
        '(platform.openai.com/api-keys); write api_key = { env = "OPENAI_API_KEY" }'
    )


def test_a_key_that_is_not_set_disables_the_provider_and_nothing_else(tmp_path: Path) -> None:
    snapshot = living(tmp_path, 'api_key = { env = "OPENAI_API_KEY" }\n')
    assert "OPENAI_API_KEY" in (snapshot.providers["openai"].disabled or "")


def test_a_key_in_plain_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImagewayError, match="a secret is never written into the file"):
        living(tmp_path, 'api_key = "sk-x"\n')


def test_another_server_needs_no_key(tmp_path: Path) -> None:
    snapshot = living(tmp_path, f'base_url = "{LOCAL}"\n')
    assert snapshot.providers["openai"].disabled is None


def test_a_key_never_shows_and_loses_the_line_feed_of_its_file() -> None:
    config = OpenAIConfig.model_validate({"api_key": "sk-secret\n"})
    assert config.api_key is not None
    assert config.api_key.get_secret_value() == "sk-secret"
    assert "secret" not in repr(config)


def test_the_profile_follows_from_the_address_unless_it_is_named() -> None:
    assert OpenAIConfig.model_validate({"api_key": "sk-x"}).dialect is OPENAI
    assert OpenAIConfig.model_validate({"base_url": LOCAL}).dialect is COMPATIBLE
    named = OpenAIConfig.model_validate({"base_url": LOCAL, "profile": "vllm"})
    assert named.dialect == VLLM


def test_an_unknown_profile_is_refused_with_those_there_are() -> None:
    words = complaint(profile="azure")
    assert words == "there is no such profile; there are openai, compatible, vllm"
    assert complaint(profile={"like": "azure"}) == words


def test_a_profile_may_be_a_table_of_what_differs(tmp_path: Path) -> None:
    snapshot = living(
        tmp_path,
        f'base_url = "{LOCAL}"\n'
        'profile = { like = "vllm", parameters = { steps = "step", guidance = "cfg_scale" }, '
        'edits = true, images_field = "image" }\n',
    )
    own = snapshot.providers["openai"].own
    assert isinstance(own, OpenAIConfig)
    assert own.dialect.parameters == {Option.STEPS: "step", Option.GUIDANCE: "cfg_scale"}
    assert (own.dialect.edits, own.dialect.images_field) == (True, "image")
    assert own.dialect.response_format == "b64_json"


def test_whoever_lists_the_parameters_of_a_server_knows_it() -> None:
    config = OpenAIConfig.model_validate({"base_url": LOCAL, "profile": {"parameters": {}}})
    assert (config.dialect.is_sure, config.dialect.knows_models) == (True, False)
    assert (COMPATIBLE.is_sure, COMPATIBLE.knows_models) == (False, True)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('profile = { parameters = { previews = "p" } }', "previews is sent in a way of its own"),
        ('profile = { parameters = { step = "step" } }', "step"),
        ("profile = { streams = true }", "did you mean 'stream'?"),
        ("splitt = true", "did you mean 'split'?"),
        ('split = "yes"', "must be true or false"),
        ('profile = { stream = "yes" }', "must be true or false"),
        ("profile = 5", "must be a table, or one of openai, compatible, vllm"),
    ],
)
def test_a_wrong_key_is_told_with_the_right_one(tmp_path: Path, table: str, words: str) -> None:
    with pytest.raises(ImagewayError) as caught:
        living(tmp_path, f'base_url = "{LOCAL}"\n{table}\n')
    info = caught.value.info
    assert words in f"{info.message}; {info.hint}"

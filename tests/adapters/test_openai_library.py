"""OpenAI through the whole library: found by its name, configured by plugins.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

import imageway
from imageway.emulators.faults import Fault
from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.serving import find, serve
from imageway.emulators.vllm import VllmEmulator

TOML = """
[providers.openai]
adapter = "openai"
base_url = "{url}/v1"
api_key = {{ env = "OPENAI_API_KEY" }}
network = "private"
profile = "openai"

[providers.spare]
adapter = "openai"
base_url = "{spare}/v1"
network = "private"
profile = "vllm"
cost = "local"

[routes.default]
try = ["openai/gpt-image-2", "spare/Qwen/Qwen-Image"]
"""


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-emulated")


def test_the_emulators_are_found_by_their_names() -> None:
    assert find("openai") is OpenAIEmulator
    assert find("vllm") is VllmEmulator


@pytest.mark.usefixtures("key")
async def test_a_picture_comes_from_the_first_of_the_route(tmp_path: Path) -> None:
    async with serve(OpenAIEmulator()) as url, serve(VllmEmulator(key=None)) as spare:
        (tmp_path / "plugins.toml").write_text(TOML.format(url=url, spare=spare))
        async with imageway.open(tmp_path / "plugins.toml") as way:
            result = await way.generate("a red mug", count=2, quality="low")
    assert [image.provider for image in result.images] == ["openai", "openai"]
    assert sum(each.amount for each in result.usage if each.unit == "tokens") == 398


@pytest.mark.usefixtures("key")
async def test_a_picture_that_openai_did_not_make_comes_from_the_next(tmp_path: Path) -> None:
    emulator = OpenAIEmulator()
    emulator.script(Fault.NO_IMAGE)
    async with serve(emulator) as url, serve(VllmEmulator(key=None)) as spare:
        (tmp_path / "plugins.toml").write_text(TOML.format(url=url, spare=spare))
        async with imageway.open(tmp_path / "plugins.toml") as way:
            result = await way.generate("a red mug", count=3, size="1024x1024")
    assert result.status == "succeeded"
    assert sorted(str(image.provider) for image in result.images) == ["openai", "openai", "spare"]


@pytest.mark.usefixtures("key")
async def test_what_may_have_been_charged_is_not_asked_of_the_next(tmp_path: Path) -> None:
    emulator, other = OpenAIEmulator(), VllmEmulator(key=None)
    emulator.script(Fault.HANG_UP)
    async with serve(emulator) as url, serve(other) as spare:
        (tmp_path / "plugins.toml").write_text(TOML.format(url=url, spare=spare))
        async with imageway.open(tmp_path / "plugins.toml") as way:
            result = await way.generate("a red mug")
    assert result.error is not None
    assert result.error.code is imageway.ErrorCode.OUTCOME_UNKNOWN
    assert (len(emulator.heard), other.heard) == (1, [])


async def test_without_its_key_openai_is_left_out_and_the_next_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    async with serve(VllmEmulator(key=None)) as spare:
        (tmp_path / "plugins.toml").write_text(TOML.format(url="http://127.0.0.1:9", spare=spare))
        async with imageway.open(tmp_path / "plugins.toml") as way:
            result = await way.generate("a red mug", size="64x64")
    assert [image.provider for image in result.images] == ["spare"]

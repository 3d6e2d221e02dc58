"""The bug this project was born from: an image request at a chat route."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import imageway
from imageway import ErrorCode
from imageway.emulators.faults import Fault
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.serving import serve
from tests.adapters.gemini_lab import asked, bench, lab

OLD = "imagen-3.0-generate-002"
CHAT = "/v1beta/openai/chat/completions"
LIVING = "gemini-nano-banana-2.1"
TOML = """
[providers.google]
adapter = "gemini"
base_url = "{url}/v1beta/openai/chat/completions"
api_key = {{ env = "KEY" }}
network = "private"

[providers.spare]
adapter = "openai"
base_url = "{spare}/v1"
api_key = {{ env = "KEY" }}
profile = "openai"
network = "private"

[routes.default]
try = ["google/imagen-3.0-generate-002", "spare/gpt-image-2"]
"""


@pytest.fixture
def emulator() -> GeminiEmulator:
    return GeminiEmulator()


@pytest.fixture
async def url(emulator: GeminiEmulator) -> AsyncIterator[str]:
    async with serve(emulator) as root:
        yield root


async def test_the_birth_bug_is_a_clear_not_found_that_names_the_shutdown_and_a_living_model(
    emulator: GeminiEmulator, url: str
) -> None:
    async with bench(f"{url}{CHAT}") as found:
        info = await found.refusal(model=OLD)
    assert info.code is ErrorCode.NOT_FOUND
    assert info.message == (
        f"'{OLD}' is gone: Google shut Imagen down on the Gemini API, the last of it on 2026-08-17"
    )
    assert f"use '{LIVING}'" in (info.hint or "")
    assert info.charged == "no"
    assert emulator.heard == []


async def test_the_birth_bug_never_calls_the_path_that_was_pasted(
    emulator: GeminiEmulator, url: str
) -> None:
    async with bench(f"{url}{CHAT}") as found:
        await found.draw(model=LIVING)
        await found.draw(model=OLD)
    assert [heard.path for heard in emulator.heard] == [f"/v1beta/models/{LIVING}:generateContent"]


async def test_with_a_route_the_next_model_serves_in_place_of_the_birth_bug(
    tmp_path: Path, emulator: GeminiEmulator, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", "sk-emulated")
    async with serve(OpenAIEmulator()) as spare:
        file = tmp_path / "plugins.toml"
        file.write_text(TOML.format(url=url, spare=spare))
        async with imageway.open(file) as way:
            result = await way.generate("a red mug", count=2)
    assert [image.provider for image in result.images] == ["spare", "spare"]
    assert emulator.heard == []


async def test_with_the_switch_of_vertex_the_same_model_works_by_predict(
    emulator: GeminiEmulator, url: str
) -> None:
    emulator.facts = Facts(imagen_on_vertex=True)
    async with bench(url, vertex={"imagen": True}) as found:
        result = await found.draw(model=OLD, count=2)
    assert (result.status, len(result.images)) == ("succeeded", 2)
    [heard] = emulator.heard
    assert heard.path == f"/v1beta1/publishers/google/models/{OLD}:predict"


async def test_without_the_switch_vertex_is_not_asked_and_the_switch_is_named(
    emulator: GeminiEmulator, url: str
) -> None:
    async with bench(url, vertex={}) as found:
        info = await found.refusal(model=OLD)
    assert info.code is ErrorCode.NOT_FOUND
    assert "where the day is uncertain" in info.message
    assert info.hint == f"use '{LIVING}', or write vertex.imagen = true to ask all the same"
    assert emulator.heard == []


async def test_when_vertex_has_no_imagen_any_more_its_404_is_explained(
    emulator: GeminiEmulator, url: str
) -> None:
    async with bench(url, vertex={"imagen": True}) as found:
        info = await found.refusal(model=OLD)
    assert info.code is ErrorCode.NOT_FOUND
    assert "Google shut Imagen down" in (info.hint or "")
    assert LIVING in (info.hint or "")
    assert "Publisher Model" in (info.vendor_message or "")
    assert len(asked(emulator)) == 1


async def test_an_imagen_that_nobody_knows_is_looked_up_and_never_tried_on_another_verb(
    emulator: GeminiEmulator, url: str
) -> None:
    async with bench(url) as found:
        info = await found.refusal(model="imagen-9.9-generate-001")
    assert info.code is ErrorCode.NOT_FOUND
    assert LIVING in (info.hint or "")
    assert {heard.method for heard in emulator.heard} == {"GET"}


async def test_the_404_of_the_wrong_method_is_explained_with_the_methods_that_there_are() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        info = await found.refusal(model="veo-3.1-generate-preview")
    assert info.code is ErrorCode.UNSUPPORTED
    assert "for predictLongRunning only" in info.message
    assert info.details == {"methods": ["predictLongRunning"]}
    assert asked(emulator) == []


async def test_a_model_that_is_listed_and_answers_404_is_said_to_be_closed() -> None:
    emulator = GeminiEmulator()
    emulator.script(Fault.NOT_FOUND, variant="closed", times=None)
    async with lab(emulator) as found:
        info = await found.refusal()
    assert info.message.endswith("and does not serve it to this account")
    assert "no longer available to new users" in (info.vendor_message or "")
    assert len(asked(emulator)) == 1

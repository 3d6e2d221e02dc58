"""What is found on a machine: engines that answer as themselves, and nobody else."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.test_utils import TestServer

from imageway.emulators.qwen import QwenEmulator
from imageway.emulators.serving import serve
from imageway.emulators.vllm import VllmEmulator
from imageway.providers.file.beginning import first_file, route_of
from imageway.providers.file.discovering import ENGINES, Engine, Found, discover

QWEN, VLLM = ENGINES


def at(engine: Engine, url: str) -> Engine:
    """The same engine at a test's address."""
    return replace(engine, url=url + urlsplit(engine.url).path, port=urlsplit(url).port or 0)


async def found_at(engine: Engine, url: str) -> Found:
    return await discover({}, (), [at(engine, url)])


async def test_a_qwen_service_is_found_with_its_models() -> None:
    async with serve(QwenEmulator()) as url:
        found = await found_at(QWEN, url)
    [(_, models)] = found.engines
    assert models
    assert route_of(found) == [f"qwen/{models[0]}"]
    assert "\n[providers.qwen]\n" in first_file(found)


async def test_a_server_that_may_not_draw_is_only_mentioned() -> None:
    async with serve(VllmEmulator(key=None)) as url:
        found = await found_at(VLLM, url)
    assert route_of(found) == ["demo/demo"]
    written = first_file(found)
    assert "\n# [providers.vllm]\n" in written
    assert "answers there; its models:" in written


async def test_somebody_else_at_the_port_is_not_taken_for_an_engine() -> None:
    async with TestServer(web.Application()) as server:
        found = await found_at(QWEN, str(server.make_url("")).rstrip("/"))
    assert [models for _, models in found.engines] == [None]


async def test_where_nobody_listens_nothing_is_found() -> None:
    found = await found_at(QWEN, "http://127.0.0.1:1")
    assert [models for _, models in found.engines] == [None]
    assert "qwen" not in first_file(found)


async def test_an_empty_variable_is_no_key() -> None:
    found = await discover({"OPENAI_API_KEY": " ", "GEMINI_API_KEY": "x"}, engines=())
    assert {account.name: variable for account, variable in found.accounts} == {
        "google": "GEMINI_API_KEY",
        "openai": None,
        "civitai": None,
    }

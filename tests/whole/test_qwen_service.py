"""The real Qwen service with its demo backend, behind a provider, asked as a person asks it."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from pydantic import BaseModel

from imageway.client import Imageway
from imageway.core.events import ImageReady, Preview, Progress, Queued
from imageway.core.result import fold
from imageway.providers.loading import load
from imageway.providers.snapshot import provision
from tests.checkout import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(90)]

CONFIG = """
[providers.qwen]
adapter = "qwen"
base_url = "{url}"
cost = "local"
network = "private"
concurrency = {{ at_once = 4 }}

[routes.default]
try = ["qwen/qwen-image-2512"]
"""
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
PATIENCE = 30.0


class Line(BaseModel):
    """What the service says of its line."""

    status: str
    processing: int
    queued: int


@dataclass(slots=True)
class Home:
    """A service in a process of its own, and a plugins.toml that knows it."""

    url: str
    file: Path
    session: aiohttp.ClientSession

    async def line(self) -> Line:
        async with self.session.get(f"{self.url}/api/queue/status") as answer:
            return Line.model_validate_json(await answer.read())

    async def until(self, wanted: Callable[[Line], bool]) -> None:
        """Wait until the line looks so; what happens in another process cannot be awaited."""
        async with asyncio.timeout(PATIENCE):
            while not wanted(await self.line()):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.01)


def program(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "imageway", *words)


@asynccontextmanager
async def home(folder: Path, step: str = "0") -> AsyncGenerator[Home]:
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "IMAGEWAY_QWEN_DEMO_STEP_SECONDS": step,
        "IMAGEWAY_QWEN_PREVIEW_INTERVAL_SECONDS": "0",
    }
    service = await asyncio.create_subprocess_exec(
        *program("qwen", "serve", "--backend", "demo", "--port", "0"),
        stdout=PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=environment,
    )
    assert service.stdout is not None
    url = (await service.stdout.readline()).decode().partition(" at ")[2].split()[0]
    file = folder / "plugins.toml"
    file.write_text(CONFIG.format(url=url))
    try:
        async with aiohttp.ClientSession() as session:
            found = Home(url, file, session)
            await found.until(lambda line: line.status == "idle")
            yield found
    finally:
        service.terminate()
        await service.wait()


async def test_four_at_once_are_served_in_order_with_places_steps_and_previews(
    tmp_path: Path,
) -> None:
    async with home(tmp_path, step="0.005") as it:
        way = Imageway(provision(load(it.file)))
        async with way.stream("a lighthouse at night", count=4, steps=20, previews=2) as events:
            heard = [event async for event in events]
        await way.close()
    result = fold(heard)
    assert result.status == "succeeded"
    assert len({each.picture.seed for each in result.images}) == 4
    # The library keeps only the latest of what merely informs, so that a slow reader is no burden.
    kinds = {type(event) for event in heard}
    assert {Queued, Progress, Preview, ImageReady} <= kinds


async def test_the_command_line_shows_steps_a_preview_and_the_picture(tmp_path: Path) -> None:
    async with home(tmp_path, step="0.05") as it:
        shown = await _on_a_terminal(
            it, "generate", "a lighthouse at night", "--steps", "20", "--previews", "3"
        )
    assert re.search(r"\d+%", shown)
    assert "\u2580" in shown
    assert "qwen/qwen-image-2512" in shown
    assert list((tmp_path / "out").iterdir())


async def test_ctrl_c_frees_the_worker(tmp_path: Path) -> None:
    async with home(tmp_path, step="0.2") as it:
        command = await _command(it, "generate", "a lighthouse at night", "--steps", "100")
        await it.until(lambda line: line.processing == 1)
        command.send_signal(signal.SIGINT)
        assert await command.wait() == 130
        async with asyncio.timeout(5):
            await it.until(lambda line: line.processing == 0 and line.queued == 0)


async def _command(it: Home, *words: str) -> Process:
    return await asyncio.create_subprocess_exec(
        *program(*words, "--config", str(it.file), "-o", str(it.file.parent / "out")),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def _on_a_terminal(it: Home, *words: str) -> str:
    """Everything that a person would have seen."""
    master, slave = pty.openpty()
    command = await asyncio.create_subprocess_exec(
        *program(*words, "--config", str(it.file), "-o", str(it.file.parent / "out")),
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "LANG": "C.UTF-8"},
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    reading = asyncio.create_task(asyncio.to_thread(_read_all, master))
    assert await command.wait() == 0
    return ESCAPES.sub("", (await reading).decode(errors="replace"))


def _read_all(terminal: int) -> bytes:
    parts: list[bytes] = []
    try:
        while part := os.read(terminal, 65536):
            parts.append(part)
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(terminal)
    return b"".join(parts)

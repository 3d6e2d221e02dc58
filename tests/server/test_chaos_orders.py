"""imageway chaos: a rehearsal that the owner of a running gateway begins, looks at and ends."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from imageway.cli import main
from imageway.client import Imageway
from imageway.providers.loading import load
from imageway.providers.snapshot import provision
from imageway.server.admin import listening_to_its_owner
from imageway.server.app import make_app
from imageway.server.state import GATEWAY

DEMO = "[providers.demo]\nadapter = 'demo'\ncost = 'local'\n"
ENABLED = "[chaos]\nenabled = true\n"


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str


@dataclass(slots=True)
class House:
    """A gateway that listens to its owner, and the owner's command line."""

    file: Path
    way: Imageway

    async def run(self, *words: str) -> Said:
        return await asyncio.to_thread(_said, [*words, "--config", str(self.file)])

    async def draw(self) -> str:
        """What comes of an order for a small picture: `drawn`, or a code."""
        result = await self.way.generate("a dot", model="demo/demo", size="64x64")
        return "drawn" if result.error is None else str(result.error.code)


def _said(arguments: Sequence[str]) -> Said:
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    return Said(code, out.getvalue(), err.getvalue())


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[House]:
    file = tmp_path / "plugins.toml"
    file.write_text(DEMO + ENABLED)
    way = Imageway(provision(load(file)))
    async with listening_to_its_owner(make_app(way)[GATEWAY]):
        yield House(file, way)
    await way.close()


async def test_it_begins_is_shown_and_ends(it: House) -> None:
    begun = await it.run("chaos", "on", "demo", "--error", "failed", "--for", "10m")
    assert begun.code == 0
    assert begun.out.startswith("demo only rehearses: error failed, until 20")
    assert await it.draw() == "failed"
    assert (await it.run("chaos", "show")).out == begun.out
    ended = await it.run("chaos", "off", "demo")
    assert (ended.code, ended.out) == (0, "nobody rehearses anything\n")
    assert await it.draw() == "drawn"


async def test_everything_that_the_file_can_say_the_command_can_say(it: House) -> None:
    words = ["--latency", "1ms", "--cut", "2", "--drip", "5ms", "--ratio", "0.5"]
    said = await it.run("chaos", "on", "demo", *words, "--for", "90s", "--json")
    told = json.loads(said.out)["providers"]["demo"]
    assert told.startswith("latency 1ms, cut after 2, drip 5ms, for 50% of the orders, until ")
    again = ["--error", "rate_limited", "--retry-after", "1h"]
    said = await it.run("chaos", "on", "demo", *again, "--for", "90s")
    assert "demo only rehearses: error rate_limited, retry_after 1h, until" in said.out


async def test_a_file_that_does_not_enable_it_is_obeyed(it: House) -> None:
    it.file.write_text(DEMO)
    await it.run("reload")
    said = await it.run("chaos", "on", "demo", "--error", "failed", "--for", "10m")
    assert said.code == 2
    assert "this gateway's file allows no rehearsal" in said.err
    assert "write enabled = true under [chaos] in plugins.toml and save it" in said.err
    assert await it.draw() == "drawn"


async def test_what_was_begun_survives_a_reload_of_something_else(it: House) -> None:
    await it.run("chaos", "on", "demo", "--error", "failed", "--for", "10m")
    it.file.write_text(DEMO + ENABLED + "[routes.photo]\ntry = ['demo/demo']\n")
    assert "routes added: photo" in (await it.run("reload")).out
    assert await it.draw() == "failed"


async def test_a_table_that_is_saved_counts_at_once_and_one_that_goes_ends_it(it: House) -> None:
    table = "until = 2999-01-01T00:00:00Z\n[chaos.providers.demo]\nerror = 'failed'\n"
    it.file.write_text(DEMO + ENABLED + table)
    await it.run("reload")
    assert await it.draw() == "failed"
    it.file.write_text(DEMO + ENABLED)
    await it.run("reload")
    assert await it.draw() == "drawn"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["demo", "--error", "failed"], "missing: --for"),
        (["demo", "--error", "failed", "--for", "2d"], "must be longer than nothing and at most"),
        (["demo", "--error", "failed", "--for", "10"], "must be a number and one of"),
        (["demo", "--error", "sleepy", "--for", "10m"], "invalid choice: 'sleepy'"),
        (["demo", "--for", "10m"], "trouble: does nothing; give it an error"),
        (["demo", "--latency", "2", "--for", "10m"], "trouble.latency: must be a number and one"),
        (["demo", "--latency", "1s", "--ratio", "2", "--for", "10m"], "trouble.ratio: "),
        (["dmeo", "--error", "failed", "--for", "10m"], "there is no provider 'dmeo'"),
    ],
)
async def test_a_mistake_begins_nothing(it: House, words: list[str], complaint: str) -> None:
    said = await it.run("chaos", "on", *words)
    assert said.code == 2
    assert complaint in said.err
    assert await it.draw() == "drawn"


async def test_where_no_gateway_runs_the_command_says_so(tmp_path: Path) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(DEMO + ENABLED)
    said = await asyncio.to_thread(_said, ["chaos", "show", "--config", str(file)])
    assert said.code == 1
    assert "no gateway runs with this configuration" in said.err

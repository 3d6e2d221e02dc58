"""Orders to a running gateway, as its owner gives them on the command line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import orjson
import pytest

from imageway.cli import main
from imageway.cli.running import watch
from imageway.client import Imageway
from imageway.providers.loading import load
from imageway.providers.report import ProviderReport
from imageway.providers.snapshot import provision
from imageway.server.admin import listening_to_its_owner
from imageway.server.app import make_app
from imageway.server.state import GATEWAY

DEMO = "[providers.demo]\nadapter = 'demo'\ncost = 'local'\n"
ROUTE = "[routes.photo]\ntry = ['demo/demo']\n"


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

    async def run(self, *arguments: str) -> Said:
        return await asyncio.to_thread(said, [*arguments, "--config", str(self.file)])


def said(arguments: Sequence[str]) -> Said:
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(arguments)
    return Said(code, out.getvalue(), err.getvalue())


@asynccontextmanager
async def open_house(folder: Path) -> AsyncGenerator[House]:
    file = folder / "plugins.toml"
    file.write_text(DEMO + ROUTE)
    way = Imageway(provision(load(file)))
    async with listening_to_its_owner(make_app(way)[GATEWAY]):
        yield House(file, way)
    await way.close()


@pytest.fixture
async def it(tmp_path: Path) -> AsyncGenerator[House]:
    async with open_house(tmp_path) as house:
        yield house


async def test_reload_says_what_changed(it: House) -> None:
    it.file.write_text(DEMO + "[routes.picture]\ntry = ['demo/demo']\n")
    told = await it.run("reload")
    assert (told.code, told.out.splitlines()) == (
        0,
        ["configuration 2 is in force", "  routes added: picture", "  routes removed: photo"],
    )
    assert list(it.way.snapshot.router.routes) == ["picture"]


async def test_reload_says_that_nothing_changed(it: House) -> None:
    assert (await it.run("reload")).out.splitlines()[1] == "  nothing changed"


async def test_reload_as_json(it: House) -> None:
    made = orjson.loads((await it.run("reload", "--json")).out)
    assert (made["generation"], made["providers"]["kept"]) == (2, ["demo"])


async def test_reload_says_what_is_wrong_and_changes_nothing(it: House) -> None:
    it.file.write_text(DEMO + "[routes.photo]\ntry = ['nobody/x']\n")
    told = await it.run("reload")
    assert told.code == 2
    assert "line 5: [routes.photo] try: 'nobody/x' is neither a route" in told.err
    assert it.way.in_force.generation == 1


def test_without_a_gateway_it_says_so(tmp_path: Path) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(DEMO)
    told = said(["reload", "--config", str(file)])
    assert told.code == 1
    assert "no gateway runs with this configuration" in told.err
    assert "imageway serve" in told.err


async def test_a_provider_is_switched_off_and_on_by_name(it: House) -> None:
    told = await it.run("providers", "disable", "demo", "--for", "1h", "--because", "quota")
    assert (told.code, told.out) == (
        0,
        "demo: switched off by hand for another 60 min: quota\n",
    )
    assert it.way.snapshot.providers["demo"].disabled
    told = await it.run("providers", "enable", "demo")
    assert (told.code, told.out) == (0, "demo: ready\n")
    assert it.way.snapshot.providers["demo"].disabled is None


async def test_switching_works_while_the_file_has_a_mistake(it: House) -> None:
    it.file.write_text("[")
    assert (await it.run("providers", "disable", "demo")).code == 0
    assert it.way.snapshot.providers["demo"].disabled == "switched off by hand"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("disable", "domo"), "there is no provider 'domo'"),
        (("disable",), "disable whom? the name of a provider is missing"),
        (("disable", "demo", "--for", "soon"), "must be a number and one of"),
        (("disable", "demo", "--for", "0s"), "must be longer than nothing"),
        (("explode", "demo"), "invalid choice: 'explode'"),
    ],
)
async def test_a_wrong_order_is_refused_in_words(
    it: House, arguments: Sequence[str], words: str
) -> None:
    told = await it.run("providers", *arguments)
    assert (told.code, words in told.err) == (2, True), told.err


async def test_a_second_gateway_of_the_same_state_serves_without_orders(
    it: House, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening_to_its_owner(make_app(it.way)[GATEWAY]):
        assert "no commands can be given to this gateway: another process answers" in caplog.text
    assert (await it.run("reload")).code == 0


async def test_providers_are_shown_as_they_stand_in_the_gateway_that_runs(it: House) -> None:
    await it.run("providers", "disable", "demo")
    told = await it.run("providers")
    assert told.out == "demo\tdemo\tdisabled: switched off by hand\tphoto\n"
    told = await it.run("providers", "--live")
    assert told.out.split("\t")[4:6] == ["-", "closed"]


async def test_a_file_that_is_not_in_force_is_told_of(it: House) -> None:
    it.file.write_text("[")
    await it.run("reload")
    told = await it.run("providers")
    assert (told.code, told.out) == (0, "demo\tdemo\tready\tphoto\n")
    assert "warning: the file is not in force" in told.err


async def test_watching_shows_them_again_and_again(it: House) -> None:
    def names(each: ProviderReport) -> Sequence[str]:
        return (each.name,)

    def look() -> str:
        beats = 3

        async def sleep(seconds: float) -> None:
            nonlocal beats
            beats -= 1
            if not beats:
                raise TimeoutError

        with redirect_stdout(StringIO()) as out, pytest.raises(TimeoutError):
            asyncio.run(watch(str(it.file), ("provider",), names, sleep))
        return out.getvalue()

    assert await asyncio.to_thread(look) == "demo\ndemo\ndemo\n"


def test_a_state_folder_that_cannot_be_looked_into_is_none(tmp_path: Path) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(f"[gateway]\nstate = '{'x' * 300}'\n{DEMO}")
    told = said(["providers", "--config", str(file)])
    assert (told.code, told.out) == (0, "demo\tdemo\tready\t-\n")


def test_watching_needs_a_gateway(tmp_path: Path) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(DEMO)
    told = said(["providers", "--watch", "--config", str(file)])
    assert (told.code, "no gateway runs" in told.err) == (1, True)

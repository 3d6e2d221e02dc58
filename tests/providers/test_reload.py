"""Taking a changed file into use: what goes on as it was, and what a bad file must not do."""

from __future__ import annotations

import asyncio
import logging
import os
from pathlib import Path

import pytest

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.config import BUILT_IN
from imageway.providers.loading import Source
from imageway.providers.reloading.changes import Names
from imageway.providers.reloading.holding import InForce
from imageway.providers.reloading.reload import Reloader
from imageway.providers.snapshot import provision
from tests.providers.stand import GARDEN, HOUSE, ROUTE, Stand

KEYED = HOUSE + "api_key = { env = 'KEY' }\n"


async def test_a_provider_that_is_as_before_is_the_very_same(tmp_path: Path) -> None:
    it = Stand(tmp_path, KEYED)
    before = it.provider()
    await it.taken(GARDEN + KEYED + ROUTE)
    assert it.provider() is before
    assert it.in_force.generation == 2


async def test_other_policies_leave_adapter_memory_and_connections(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    before = it.provider()
    made = await it.taken(HOUSE + "concurrency = { at_once = 9 }\nretry = { attempts = 7 }\n")
    after = it.provider()
    assert (after.adapter, after.http, after.memo) == (before.adapter, before.http, before.memo)
    assert after.state.slots is before.state.slots
    assert (after.state.slots.at_once, after.state.repeating.backoff.attempts) == (9, 7)
    assert made.providers == Names(changed=("house",))


async def test_other_keys_make_a_new_adapter_with_nothing_remembered(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    before = it.provider()
    await it.taken(HOUSE + "pace = 3\n")
    after = it.provider()
    assert after.adapter is not before.adapter
    assert after.memo is not before.memo


@pytest.mark.parametrize("line", ["network = 'private'", "timeout = { connect = '9s' }"])
async def test_another_kind_of_connection_is_a_new_one(tmp_path: Path, line: str) -> None:
    it = Stand(tmp_path)
    before = it.provider()
    await it.taken(f"{HOUSE}{line}\n")
    assert it.provider().http is not before.http


async def test_a_name_keeps_its_breaker_its_line_and_its_budget(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    before = it.provider().state
    before.repeating.budget.spend()
    await it.taken(HOUSE + "pace = 3\n")
    after = it.provider().state
    assert (after.breaker, after.slots) == (before.breaker, before.slots)
    assert after.repeating.budget.left == 2


async def test_a_name_that_comes_back_goes_on_where_it_was(tmp_path: Path) -> None:
    it = Stand(tmp_path, HOUSE + GARDEN)
    before = it.provider().state
    await it.taken(GARDEN)
    await it.taken(GARDEN + "pace = 2\n")
    await it.taken(GARDEN + HOUSE)
    assert it.provider().state.slots is before.slots


async def test_a_secret_is_read_again_though_the_file_is_the_same(tmp_path: Path) -> None:
    secret = tmp_path / "key"
    secret.write_text("the-first-of-two")
    secret.chmod(0o600)
    it = Stand(tmp_path, HOUSE + "api_key = { file = 'key' }\n")
    before = it.provider()
    secret.write_text("the-second-of-two")
    made = await it.reloader.reload()
    assert it.provider().adapter is not before.adapter
    assert made.providers.changed == ("house",)


async def test_an_adapter_s_own_file_is_read_again(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    before = it.provider()
    plugin = tmp_path / "plugin.py"
    plugin.write_text(plugin.read_text() + "\nANOTHER = True\n")
    await it.reloader.reload()
    assert type(it.provider().adapter) is not type(before.adapter)


async def test_a_look_at_an_unchanged_file_makes_nothing_new(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    before = it.in_force.newest
    await it.reloader.reload(if_changed=True)
    assert (it.in_force.newest, it.in_force.generation) == (before, 1)


BAD = {
    "no TOML": "[providers.house\n",
    "a word that is no key": HOUSE + "nonsense = 1\n",
    "an adapter that is not there": HOUSE.replace("House", "Home"),
    "a route to nobody": HOUSE + "[routes.a]\ntry = ['nobody/x']\n",
    "emptied": "",
    "without its providers": "[routes]\n",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
async def test_a_bad_file_changes_nothing(tmp_path: Path, text: str) -> None:
    it = Stand(tmp_path, HOUSE + "concurrency = { at_once = 2 }\n")
    before = it.in_force.newest
    info = await it.refused(text)
    assert info.code is ErrorCode.MISCONFIGURED
    assert it.in_force.newest is before
    assert (it.reloader.standing.generation, it.reloader.standing.error) == (1, info.message)


async def test_a_bad_file_s_bounds_are_not_in_force_for_a_moment(tmp_path: Path) -> None:
    it = Stand(tmp_path, HOUSE + "concurrency = { at_once = 2 }\n")
    await it.refused(HOUSE + "concurrency = { at_once = 9 }\n[routes.a]\ntry = ['nobody/x']\n")
    assert it.provider().state.slots.at_once == 2


async def test_a_mistake_is_said_once_until_it_is_mended_or_another(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    it = Stand(tmp_path)
    with caplog.at_level(logging.ERROR, "imageway.reload"):
        for _ in range(5):
            await it.refused("[providers.house\n")
        assert len(caplog.records) == 1
        await it.refused(HOUSE + "nonsense = 1\n")
        assert len(caplog.records) == 2
        await it.taken(HOUSE)
        await it.refused(HOUSE + "nonsense = 1\n")
        assert len(caplog.records) == 3


async def test_a_file_that_is_put_back_is_no_failure_any_more(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    await it.refused("[")
    it.save(HOUSE)
    await it.reloader.reload(if_changed=True)
    assert it.reloader.standing.error is None
    assert it.reloader.standing.failed_at == 100.0


async def test_what_cannot_be_read_leaves_the_last_good_one(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    it.file.unlink()
    assert "there is no such file" in (await it.refused()).message
    it.file.mkdir()
    assert "cannot be read: Is a directory" in (await it.refused()).message
    it.file.rmdir()
    os.mkfifo(it.file)
    assert "no regular file" in (await it.refused()).message
    it.file.unlink()
    it.file.symlink_to(it.file.name)
    assert "cannot be read" in (await it.refused()).message
    it.file.unlink()
    it.file.write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in (await it.refused()).message
    await it.taken(GARDEN)
    assert "garden" in it.in_force.newest.providers


async def test_a_file_that_is_no_configuration_for_its_size_is_not_even_read(
    tmp_path: Path,
) -> None:
    it = Stand(tmp_path)
    with it.file.open("wb") as file:
        file.truncate(2**40)
    assert "too many" in (await it.refused()).message


async def test_what_the_gateway_refuses_is_refused_here_too(tmp_path: Path) -> None:
    def check(source: Source) -> None:
        if not source.config.keys:
            raise ImagewayError(ErrorCode.MISCONFIGURED, "nobody may be let in without a key")

    keys = "[keys.me]\ntoken = { env = 'KEY' }\n"
    it = Stand(tmp_path, HOUSE + keys, check)
    assert "without a key" in (await it.refused(HOUSE)).message
    assert it.in_force.newest.keys.demanded


async def test_a_bug_of_a_plug_in_ends_nothing(tmp_path: Path) -> None:
    def check(source: Source) -> None:
        raise ZeroDivisionError

    it = Stand(tmp_path, check=check)
    assert (await it.refused()).code is ErrorCode.INTERNAL
    assert it.in_force.generation == 1


async def test_what_takes_a_restart_stays_as_it_runs_and_is_named(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    gateway = "[gateway]\nlisten = '127.0.0.1:9'\nstate = 'elsewhere'\ndrain_timeout = '1s'\n"
    for _ in range(2):
        made = await it.taken(HOUSE + gateway)
        assert made.needs_restart == ("gateway.listen", "gateway.state")
    settings = it.in_force.newest.source.config.gateway
    assert (settings.listen, settings.state) == ("127.0.0.1:8088", "state")
    assert settings.drain_timeout == 1
    assert (await it.taken(HOUSE)).needs_restart == ()


async def test_the_callers_keys_change_with_the_file(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    made = await it.taken(HOUSE + "[keys.me]\ntoken = { env = 'KEY' }\n")
    assert made.keys == Names(added=("me",))
    assert it.in_force.newest.keys.caller("wrong") is None


async def test_many_at_once_come_one_after_the_other(tmp_path: Path) -> None:
    it = Stand(tmp_path)
    made = await asyncio.gather(*(it.reloader.reload() for _ in range(5)))
    assert [each.generation for each in made] == [2, 3, 4, 5, 6]


async def test_what_changed_is_told_in_lines(tmp_path: Path) -> None:
    it = Stand(tmp_path, HOUSE + ROUTE)
    keyed = GARDEN + "api_key = { env = 'MISSING' }\n"
    route = "[routes.photo]\ntry = ['garden/x']\n[cache]\nkeep = '1s'\n"
    made = await it.taken(keyed + route)
    assert list(made.lines()) == [
        "providers added: garden",
        "providers removed: house",
        "routes changed: photo",
        "tables changed: cache",
        "garden is disabled: set MISSING in the environment",
    ]


async def test_the_built_in_demo_has_no_file_and_stays() -> None:
    in_force = InForce(provision(Source(BUILT_IN), {}))
    before = in_force.newest.providers["demo"]
    await Reloader(in_force).reload()
    assert in_force.newest.providers["demo"] is before

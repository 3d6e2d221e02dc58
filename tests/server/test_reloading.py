"""A gateway whose configuration changes under its requests: nobody who is served notices."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from imageway.client import Imageway
from imageway.core.errors import ImagewayError
from imageway.core.powers import Health
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.providers.loading import load
from imageway.providers.reloading.reload import Reloader
from imageway.providers.report import report
from imageway.providers.snapshot import provision
from imageway.server.app import make_app
from imageway.server.reloading import kept_current
from imageway.server.state import GATEWAY
from tests.server.lab import Lab, lab, picture, source_of
from tests.stack.house import House
from tests.stack.vendor import Vendor

LAB = {"adapter": "tests.server.lab:Scripted", "cost": "local"}
ONE_SLOT = {"concurrency": {"at_once": 1}}
DEMO = "[providers.demo]\nadapter = 'demo'\ncost = 'local'\n"


class Held:
    """Drawing that goes on until a test says so, and how many are at it."""

    def __init__(self) -> None:
        self.running = 0
        self.entered = asyncio.Event()
        self.go_on = asyncio.Event()

    async def __call__(self, request: ImageRequest, run: Run) -> None:
        self.running += 1
        self.entered.set()
        await self.go_on.wait()
        self.running -= 1
        for _ in range(request.count):
            run.image(picture())


def save(it: Lab, keys: Mapping[str, object] | None = None, *, gone: bool = False) -> None:
    """Put another configuration in force: other keys for the provider, or none of its name."""
    source = source_of(providers={"lab": {**LAB, **(keys or {})}})
    if gone:
        bare = source.config.model_copy(update={"providers": {}, "routes": {}})
        source = replace(source, config=bare)
    it.way.in_force.take(provision(source, {}, before=it.way.in_force.newest))


async def test_a_request_that_runs_ends_with_what_it_began_with() -> None:
    async with lab() as it:
        it.adapter.play = play = Held()
        asking = asyncio.create_task(it.draw())
        await play.entered.wait()
        save(it, gone=True)
        assert (await it.draw()).status == 404
        play.go_on.set()
        assert (await asking).status == 200


async def test_a_slot_that_is_taken_stays_taken_though_its_provider_is_rebuilt() -> None:
    async with lab(providers={"lab": {**LAB, **ONE_SLOT}}) as it:
        it.adapter.play = play = Held()
        first = asyncio.create_task(it.draw())
        await play.entered.wait()
        save(it, {**ONE_SLOT, "network": "private"})
        rebuilt = it.way.snapshot.providers["lab"].adapter
        assert rebuilt is not it.adapter
        second = asyncio.create_task(it.draw())
        state = it.way.snapshot.providers["lab"].state
        await until(lambda: state.slots.waiting == 1)
        assert (state.slots.running, play.running) == (1, 1)
        play.go_on.set()
        assert {(await first).status, (await second).status} == {200}


async def test_a_slot_stays_taken_too_when_its_provider_was_gone_in_between() -> None:
    async with lab(providers={"lab": {**LAB, **ONE_SLOT}}) as it:
        it.adapter.play = play = Held()
        first = asyncio.create_task(it.draw())
        await play.entered.wait()
        save(it, gone=True)
        save(it, ONE_SLOT)
        second = asyncio.create_task(it.draw())
        state = it.way.snapshot.providers["lab"].state
        await until(lambda: state.slots.waiting == 1)
        play.go_on.set()
        assert {(await first).status, (await second).status} == {200}


async def test_more_slots_let_those_in_who_wait() -> None:
    async with lab(providers={"lab": {**LAB, **ONE_SLOT}}) as it:
        it.adapter.play = play = Held()
        asking = [asyncio.create_task(it.draw()) for _ in range(3)]
        state = it.way.snapshot.providers["lab"].state
        await until(lambda: state.slots.waiting == 2)
        save(it, {"concurrency": {"at_once": 3}})
        await until(lambda: play.running == 3)
        play.go_on.set()
        assert {each.status for each in await asyncio.gather(*asking)} == {200}


async def test_a_seed_is_answered_from_memory_after_a_save_that_does_not_concern_it() -> None:
    async with lab() as it:
        it.adapter.play = seeded
        await it.draw(seed=7)
        save(it, {"concurrency": {"at_once": 9}})
        await it.draw(seed=7)
        assert len(it.adapter.asked) == 1


async def test_a_seed_is_drawn_anew_by_a_provider_that_was_rebuilt() -> None:
    async with lab() as it:
        it.adapter.play = seeded
        await it.draw(seed=7)
        save(it, {"network": "private"})
        answer = await it.draw(seed=7)
        assert answer.beside["notes"] == []


async def test_health_and_providers_tell_generation_and_mistake(
    it: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    health = await it.ask("/health")
    assert health.json["configuration"] == {"generation": 1, "failed": False}
    with pytest.raises(ImagewayError, match="no such file"):
        await it.gateway.reloader.reload()
    health = await it.ask("/health")
    assert health.json["configuration"] == {"generation": 1, "failed": True}
    standing = (await it.ask("/v1/providers")).json["configuration"]
    assert isinstance(standing, dict)
    assert (standing["generation"], "no such file" in str(standing["error"])) == (1, True)


async def test_the_numbers_tell_of_the_last_reload(
    it: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ImagewayError, match="no such file"):
        await it.gateway.reloader.reload()
    text = (await it.ask("/metrics")).body.decode()
    assert "imageway_configuration_generation 1.0" in text
    assert "imageway_configuration_last_reload_successful 0.0" in text


async def test_a_file_without_keys_never_opens_a_house_that_others_can_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", "a-token-that-is-long")
    file = tmp_path / "plugins.toml"
    file.write_text(DEMO + "[keys.me]\ntoken = { env = 'TOKEN' }\n")
    way = Imageway(provision(load(file)))
    reloader = make_app(way, "0.0.0.0")[GATEWAY].reloader
    file.write_text(DEMO)
    with pytest.raises(ImagewayError, match="would let anybody in"):
        await reloader.reload()
    assert way.snapshot.keys.demanded
    await way.close()


async def test_providers_are_asked_how_they_are_as_long_as_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    vendor = Vendor("a")
    house = House(vendor)
    async with kept_current(Reloader(house.way.in_force)):
        await until(lambda: vendor.asked == 1)
    assert report(house.snapshot).providers[0].health == Health(status="up", detail="fine")


@pytest.mark.slow
async def test_a_saved_file_is_in_force_within_a_second_and_a_signal_reads_it_again(
    tmp_path: Path,
) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(DEMO)
    way = Imageway(provision(load(file)))
    async with kept_current(Reloader(way.in_force)):
        file.write_text(DEMO + "[routes.photo]\ntry = ['demo/demo']\n")
        await until(lambda: "photo" in way.snapshot.router.routes, 1.0)
        os.kill(os.getpid(), signal.SIGHUP)
        await until(lambda: way.in_force.generation == 3, 1.0)
    await way.close()


async def seeded(request: ImageRequest, run: Run) -> None:
    made = picture()
    made.seed = request.seed
    run.image(made)


async def until(true: Callable[[], bool], seconds: float = 5.0) -> None:
    """Look again and again; the loop is free in between."""
    for _ in range(int(seconds / 0.002)):
        if true():
            return
        await asyncio.sleep(0.002)
    pytest.fail("it did not come to pass")

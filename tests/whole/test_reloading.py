"""A configuration that is saved again and again, half of the time wrong, under steady traffic."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.error import HTTPError

import pytest
from aiohttp import ClientSession
from pydantic import BaseModel

from imageway.core.errors import ImagewayError
from imageway.providers.reloading.reload import Reloader
from imageway.server.app import make_app
from imageway.server.state import GATEWAY
from tests.whole.town import KEY, Town, town

RELOADS = 200
EVERY = 0.05

# What each save changes: policies, a rebuilt vendor, one that comes and goes, routes, the cache.
VARIANTS = (
    "",
    "[defaults.concurrency]\nat_once = 3\n",
    "[defaults.timeout]\nconnect = '2s'\n",
    "[providers.c]\nadapter = 'demo'\ncost = 'local'\n[routes.c]\ntry = ['c/demo']\n",
    "[cache]\nkeep = '1s'\n",
)
MISTAKES = (
    "[providers.c\n",
    "nonsense = 1\n",
    "[defaults.concurrency]\nat_once = 0\n",
    "[routes.other]\ntry = ['nobody/x']\n",
    "[providers.a]\nadapter = 'nobody'\n",
)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names alone


def open_sessions() -> int:
    gc.collect()
    return sum(isinstance(each, ClientSession) and not each.closed for each in gc.get_objects())


class Traffic:
    """Twenty requests a second, and what became of each."""

    def __init__(self, it: Town, session: ClientSession) -> None:
        self.url, self.session = f"{it.url}/v1/images/generations", session
        self.failed: list[str] = []
        self.served = 0

    async def ask(self) -> None:
        async with self.session.post(self.url, json={"prompt": "a fox"}) as answer:
            if answer.status == 200:
                self.served += 1
            else:
                self.failed.append(await answer.text())

    async def flow(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(RELOADS):
                group.create_task(self.ask())
                await asyncio.sleep(EVERY)


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_two_hundred_saves_under_traffic_fail_nobody_and_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEY", KEY)
    async with town(tmp_path) as it:
        reloader = make_app(it.way)[GATEWAY].reloader
        good = it.file.read_text()
        before = Standing.of_this_process()
        async with ClientSession() as session:
            traffic = Traffic(it, session)
            flowing = asyncio.create_task(traffic.flow())
            for number in range(RELOADS):
                it.file.write_text(saved(good, number))
                await reload_or_not(reloader, is_wrong=number % 2 == 1)
                assert it.way.in_force.newest.source.text == saved(good, number - number % 2)
                await asyncio.sleep(EVERY)
            await flowing
        assert (traffic.failed, traffic.served) == ([], RELOADS)
        assert it.way.in_force.generation == 1 + RELOADS // 2
        # Both vendors are made anew by this, and have opened nothing yet.
        it.file.write_text(f"{good}\n[defaults.timeout]\nconnect = '9s'\n")
        await reloader.reload()
        await settled(before)


async def reload_or_not(reloader: Reloader, *, is_wrong: bool) -> None:
    generation = reloader.standing.generation
    if not is_wrong:
        await reloader.reload()
        return
    with pytest.raises(ImagewayError):
        await reloader.reload()
    assert reloader.standing.generation == generation


def saved(good: str, number: int) -> str:
    """The file as it is saved for the so-manieth time; the odd ones are wrong."""
    lines = MISTAKES if number % 2 else VARIANTS
    return f"{good}\n{lines[number // 2 % len(lines)]}"


class Standing(BaseModel):
    """What a process has open."""

    tasks: int
    sessions: int
    descriptors: int

    @classmethod
    def of_this_process(cls) -> Standing:
        return cls(
            tasks=len(asyncio.all_tasks()), sessions=open_sessions(), descriptors=descriptors()
        )


async def settled(before: Standing) -> None:
    """Connections that are being closed need a moment; what stays after it is a leak."""
    now = Standing.of_this_process()
    for _ in range(100):
        if all(getattr(now, name) <= getattr(before, name) for name in Standing.model_fields):
            return
        await asyncio.sleep(0.02)
        now = Standing.of_this_process()
    pytest.fail(f"before: {before}; now: {now}")


DEMO = "[providers.demo]\nadapter = 'demo'\ncost = 'local'\n[routes.default]\ntry = ['demo/demo']\n"


@contextmanager
def program(file: Path) -> Generator[tuple[subprocess.Popen[str], str, Path]]:
    """A gateway as people start it, its address, and the file that its log goes to."""
    log = file.with_suffix(".log")
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "imageway", "serve", "--config", str(file), "--port", "0"],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().split()[-1], log
        finally:
            process.kill()


def health(url: str) -> str:
    return read(f"{url}/health")


def read(url: str) -> str:
    with urllib.request.urlopen(url) as answer:
        return str(answer.read().decode())


def eventually(true: Callable[[], bool]) -> None:
    end = monotonic() + 10
    while not true():
        assert monotonic() < end
        sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_a_storm_of_signals_and_ruined_files_leaves_the_last_good_one_and_one_error_line(
    tmp_path: Path,
) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(DEMO)

    def write_half() -> None:
        file.write_text(DEMO[:40])

    def replace_by_rename() -> None:
        beside = tmp_path / "beside"
        beside.write_text(DEMO[:40])
        beside.replace(file)

    def make_a_directory() -> None:
        file.unlink()
        file.mkdir()

    def put_back() -> None:
        if file.is_dir():
            file.rmdir()
        file.write_text(DEMO)

    with program(file) as (process, url, log):
        for ruin in (write_half, replace_by_rename, file.unlink, make_a_directory):
            already = errors(log)
            ruin()
            for _ in range(50):
                process.send_signal(signal.SIGHUP)
            eventually(lambda: '"failed":true' in health(url))
            sleep(0.8)
            assert errors(log) == already + 1, log.read_text()
            put_back()
            eventually(lambda: '"failed":false' in health(url))
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def errors(log: Path) -> int:
    return log.read_text().count(" ERROR ")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
def test_a_signal_to_reload_does_not_end_a_gateway_that_is_finishing_its_work(
    tmp_path: Path,
) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(DEMO.replace("cost", "pace = 1.5\ncost"))
    with program(file) as (process, url, _):
        request = urllib.request.Request(
            f"{url}/v1/images/generations",
            data=b'{"prompt": "a fox", "size": "16x16"}',
            headers={"Content-Type": "application/json"},
        )
        with ThreadPoolExecutor() as threads:
            asking = threads.submit(urllib.request.urlopen, request)
            eventually(lambda: "imageway_jobs_running 1.0" in read(f"{url}/metrics"))
            process.send_signal(signal.SIGTERM)
            eventually(lambda: ready(url) == 503)
            process.send_signal(signal.SIGHUP)
            with asking.result() as answer:
                assert answer.status == 200
        assert process.wait(10) == 0


def ready(url: str) -> int:
    try:
        with urllib.request.urlopen(f"{url}/ready") as answer:
            return int(answer.status)
    except HTTPError as refused:
        with refused:
            return refused.code

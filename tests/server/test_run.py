"""The process: what it refuses, and how it ends."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.providers.config import Config
from imageway.providers.loading import Source
from imageway.server.run import drain, serve
from tests.checkout import ROOT
from tests.server.lab import Lab, lab, picture, source_of

PROGRAM = """
import sys
from imageway.server.run import serve
from tests.server.lab import source_of
sys.exit(serve(source_of(), None, 0))
"""


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a gateway keeps lies beside its plugins.toml, and must not lie in the checkout."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))


def test_listening_elsewhere_without_keys_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert serve(source_of(), "0.0.0.0", 0) == 2
    assert "[keys]" in capsys.readouterr().err


def test_a_port_that_is_taken_is_refused_with_advice(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert serve(source_of(), None, taken.getsockname()[1]) == 1
    assert "--port" in capsys.readouterr().err


def test_an_address_of_another_machine_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    keys = {"me": {"token": {"env": "NOBODY_SETS_THIS"}}}
    assert serve(source_of({"listen": "192.0.2.1:1"}, keys)) == 1
    assert "192.0.2.1:1" in capsys.readouterr().err


def test_a_wrong_configuration_is_one_readable_message(capsys: pytest.CaptureFixture[str]) -> None:
    config = Config.model_validate({"providers": {"x": {"adapter": "nobody"}}})
    assert serve(Source(config, Path("plugins.toml")), None, 0) == 2
    assert "there is no adapter 'nobody'" in capsys.readouterr().err


async def test_a_job_that_runs_may_finish_while_no_new_one_begins(it: Lab) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        entered.set()
        await go_on.wait()
        run.image(picture())

    it.adapter.play = play
    asking = asyncio.create_task(it.draw())
    await entered.wait()
    draining = asyncio.create_task(drain(it.gateway, asyncio.Event()))
    await asyncio.sleep(0)
    assert (await it.draw()).status == 503
    go_on.set()
    await draining
    assert (await asking).status == 200


@pytest.mark.parametrize("hurried", [True, False], ids=["second signal", "time is up"])
async def test_what_does_not_finish_is_cancelled_and_still_answered(hurried: bool) -> None:
    entered, hurry = asyncio.Event(), asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        run.image(picture())
        entered.set()
        await asyncio.Event().wait()

    async with lab({"drain_timeout": "60s" if hurried else "50ms"}) as it:
        it.adapter.play = play
        asking = asyncio.create_task(it.draw(n=2))
        await entered.wait()
        if hurried:
            hurry.set()
        await asyncio.wait_for(drain(it.gateway, hurry), 5)
        answer = await asking
        assert (answer.status, answer.headers["x-imageway-status"]) == (200, "partial")


async def test_a_reader_that_got_nothing_is_told_to_come_back() -> None:
    entered, hurry = asyncio.Event(), asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        entered.set()
        await asyncio.Event().wait()

    async with lab() as it:
        it.adapter.play = play
        asking = asyncio.create_task(it.draw())
        await entered.wait()
        hurry.set()
        await asyncio.wait_for(drain(it.gateway, hurry), 5)
        answer = await asking
        assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


@contextmanager
def program() -> Generator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="no such signals there")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_in_order(number: signal.Signals) -> None:
    with program() as process:
        assert process.stdout is not None
        assert "is ready at http://127.0.0.1:" in process.stdout.readline()
        process.send_signal(number)
        assert process.wait(10) == 0

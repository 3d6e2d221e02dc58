"""deploy/supervisor.conf under Debian's supervisor: what is started again, and what is left."""

from __future__ import annotations

import getpass
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from imageway.qwen.run import GOOD, MISCONFIGURED, POISONED
from imageway.qwen.settings import Settings
from tests.checkout import text
from tests.deploy.programs import DEPLOY, deployed, eventually, is_answered, program, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

HOMES = 'HOME="/srv/imageway",TORCHINDUCTOR_CACHE_DIR="/srv/imageway/inductor"'
COMMAND = "/srv/imageway/bin/imageway qwen serve --config /etc/imageway/qwen.toml"
WHOLE = """
[supervisord]
nodaemon=true
logfile=supervisord.log
pidfile=supervisord.pid

[unix_http_server]
file=supervisor.sock

[supervisorctl]
serverurl=unix://supervisor.sock

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

[include]
files=imageway-qwen.conf
"""


@dataclass(frozen=True, slots=True)
class Supervised:
    """Our file at work."""

    folder: Path

    def control(self, *words: str) -> str:
        command = [
            sys.executable.replace(sys.executable, program("supervisorctl")),
            "-c",
            "whole.conf",
        ]
        return subprocess.run(
            [*command, *words], cwd=self.folder, capture_output=True, text=True, check=False
        ).stdout

    @property
    def state(self) -> str:
        return (self.control("status", "imageway-qwen").split() or ["", ""])[1]

    @property
    def log(self) -> str:
        return (self.folder / "supervisord.log").read_text()

    @property
    def starts(self) -> int:
        return self.log.count("spawned: 'imageway-qwen'")


@contextmanager
def supervised(folder: Path, command: str, startsecs: int = 1) -> Generator[Supervised]:
    """Supervisor with our file; only the command, the user, the paths and one time are another."""
    ours = deployed(
        "supervisor.conf",
        **{
            COMMAND: command,
            "user=imageway": f"user={getpass.getuser()}",
            "directory=/srv/imageway": f"directory={folder}",
            HOMES: f'HOME="{folder}"',
            "/var/log/imageway/qwen.log": f"{folder}/qwen.log",
            "startsecs=300": f"startsecs={startsecs}",
        },
    )
    (folder / "imageway-qwen.conf").write_text(ours)
    (folder / "whole.conf").write_text(WHOLE)
    with running([program("supervisord"), "-c", "whole.conf"], folder):
        eventually(lambda: is_answered(folder / "supervisor.sock"))
        yield Supervised(folder)


def ends_with(code: int, seconds: float) -> str:
    """A program that runs for a while and ends with a code."""
    return f"sh -c 'sleep {seconds}; exit {code}'"


def test_the_service_runs_and_a_stop_lets_the_running_picture_finish(tmp_path: Path) -> None:
    demo = f"{sys.executable} -m imageway qwen serve --backend demo --port 0"
    with supervised(tmp_path, demo) as it:
        eventually(lambda: it.state == "RUNNING")
        url = address(tmp_path / "qwen.log")
        eventually(lambda: "ready" in ask(f"{url}/api/ready"))
        post = ["curl", "-s", "-o", "fox.png", "-w", "%{http_code}", "-d", '{"prompt":"fox"}']
        with subprocess.Popen(
            [*post, f"{url}/api/generate"], cwd=tmp_path, stdout=subprocess.PIPE, text=True
        ) as asking:
            eventually(lambda: "busy" in ask(f"{url}/api/queue/status"))
            it.control("stop", "imageway-qwen")
            assert asking.communicate()[0] == "200"
        assert it.state == "STOPPED"
        assert "exit status 0" in it.log
        assert it.starts == 1


def address(log: Path) -> str:
    eventually(lambda: "listens at" in log.read_text())
    return log.read_text().partition("listens at ")[2].split()[0]


def ask(url: str) -> str:
    return subprocess.run(["curl", "-s", url], capture_output=True, text=True, check=False).stdout


def test_a_device_that_failed_is_started_anew(tmp_path: Path) -> None:
    with supervised(tmp_path, ends_with(POISONED, 1.5)) as it:
        eventually(lambda: it.starts >= 3)
        assert "exit status 70; not expected" in it.log


@pytest.mark.parametrize("code", [GOOD, MISCONFIGURED])
def test_a_stop_and_a_wrong_configuration_are_left_alone(tmp_path: Path, code: int) -> None:
    with supervised(tmp_path, ends_with(code, 1.5)) as it:
        eventually(lambda: it.state == "EXITED")
        assert it.starts == 1


def test_what_cannot_be_loaded_is_tried_four_times_and_left(tmp_path: Path) -> None:
    with supervised(tmp_path, ends_with(1, 0.1), startsecs=60) as it:
        eventually(lambda: it.state == "FATAL")
        assert it.starts == 4


def test_it_is_not_root_and_has_more_time_to_stop_than_the_service_takes() -> None:
    ours = text(DEPLOY / "supervisor.conf")
    assert "\nuser=imageway\n" in ours
    assert int(ours.partition("stopwaitsecs=")[2].split()[0]) > Settings().stop_grace_seconds

"""Programs of the operating system, started with our files on a free port, and ended."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from tests.checkout import ROOT, text

DEPLOY = ROOT / "deploy"
PATIENCE = 30.0
PACKAGE_BY_PROGRAM = {
    "nginx": "nginx-light",
    "supervisorctl": "supervisor",
    "supervisord": "supervisor",
    "promtool": "prometheus",
    "systemd-analyze": "systemd",
}


def program(name: str) -> str:
    """Where a program is; without it there is nothing to be tested."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    assert found, f"{name} is not here: apt install {PACKAGE_BY_PROGRAM[name]}"
    return found


def deployed(name: str, **instead: str) -> str:
    """A file of ours with parts of this machine in place of a server's; each stands in it."""
    content = text(DEPLOY / name)
    for old, new in instead.items():
        assert old in content
        content = content.replace(old, new)
    return content


def eventually(holds: Callable[[], bool]) -> None:
    """Wait for what another program does; it tells nobody of it."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def is_answered(path: Path) -> bool:
    """Whether somebody listens at a socket; its file is there a moment before that."""
    with socket.socket(socket.AF_UNIX) as knocking:
        return knocking.connect_ex(os.fspath(path)) == 0


@contextmanager
def running(command: list[str], folder: Path) -> Generator[subprocess.Popen[bytes]]:
    """A program in the foreground, ended afterwards with everything that it said kept in a file."""
    with (folder / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, cwd=folder, stdout=said, stderr=said)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)

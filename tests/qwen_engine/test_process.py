"""imageway qwen serve --model DIR as a process of its own: its pictures, its ends, its codes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest

from tests.qwen.lab import OBJECT, Json
from tests.qwen_engine.tiny import COUNTS, EDGE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

SIZES = json.dumps({"1:1": [EDGE, EDGE]})
SERVE = ("-m", "imageway", "qwen", "serve", "--dtype", "float32", "--offline", "true")
PATIENCE = 90


@dataclass(frozen=True, slots=True)
class Process:
    """A service that was started as a person would."""

    url: str
    running: subprocess.Popen[str]

    def ask(self, path: str, body: Json | None = None) -> tuple[int, bytes]:
        data = None if body is None else orjson.dumps(body)
        request = urllib.request.Request(self.url + path, data)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()

    def told(self, path: str) -> Json:
        return OBJECT.validate_json(self.ask(path)[1])

    def is_ready(self) -> None:
        """Wait until it is; nothing tells of it."""
        end = time.monotonic() + PATIENCE
        while self.ask("/api/ready")[0] != 200:
            assert time.monotonic() < end
            time.sleep(0.05)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.running.send_signal(number)
        return self.running.wait(PATIENCE)


@contextmanager
def started(*arguments: str | Path) -> Generator[Process]:
    """Start a service on a free port and end it, unless it has ended."""
    with subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    ) as process:
        assert process.stdout is not None
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        try:
            yield Process(found[0], process)
        finally:
            process.kill()


def served(model: Path, *more: str) -> Generator[Process]:
    with started(*SERVE, "--model", model, "--port", "0", "--sizes", SIZES, *more) as process:
        yield process


@pytest.fixture
def process(quantised: Path) -> Generator[Process]:
    yield from served(quantised)


def test_it_is_ready_after_loading_and_warming_up_and_makes_pictures(process: Process) -> None:
    assert process.ask("/api/health")[0] == 200
    process.is_ready()
    assert process.told("/api/info")["quantised_layers"] == COUNTS
    status, picture = process.ask("/api/generate", {"prompt": "a red fox", "num_steps": 20})
    assert (status, picture[:4]) == (200, b"\x89PNG")
    assert process.end() == 0


def test_two_processes_make_the_same_bytes_from_the_same_seed(quantised: Path) -> None:
    pictures: list[bytes] = []
    for _ in range(2):
        for process in served(quantised):
            process.is_ready()
            status, picture = process.ask("/api/generate", {"prompt": "a red fox", "seed": 7})
            assert status == 200
            pictures.append(picture)
    assert pictures[0] == pictures[1]


def test_a_stop_lets_the_running_picture_finish(process: Process) -> None:
    process.is_ready()
    body: Json = {"prompt": "a red fox", "num_steps": 100, "async": True}
    number = OBJECT.validate_json(process.ask("/api/generate", body)[1])["request_id"]
    with urllib.request.urlopen(f"{process.url}/api/requests/{number}/events") as events:
        process.running.send_signal(signal.SIGTERM)
        heard = events.read().decode()
    assert "event: done" in heard
    assert process.running.wait(PATIENCE) == 0


def test_a_device_that_fails_ends_the_process_with_70(quantised: Path) -> None:
    with started("-m", "tests.qwen_engine.program", quantised, "9") as process:
        process.is_ready()
        status, body = process.ask("/api/generate", {"prompt": "a red fox", "num_steps": 20})
        assert (status, OBJECT.validate_json(body)["reason"]) == (500, "device")
        assert process.running.wait(PATIENCE) == 70


def ended(*arguments: str | Path) -> tuple[int, str]:
    played = subprocess.run(
        [sys.executable, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    return played.returncode, played.stderr


def complaint(told: str) -> str:
    """The one line for a person."""
    [line] = [line for line in told.splitlines() if line.startswith("imageway: ")]
    return line


def test_a_checkpoint_that_is_not_quantised_ends_it_with_78_and_one_sentence(plain: Path) -> None:
    code, told = ended(*SERVE, "--model", plain, "--port", "0")
    assert code == 78
    assert "is not quantised" in complaint(told)
    assert "Traceback" not in told


def test_a_missing_file_ends_it_with_78_and_one_sentence(quantised: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(quantised, tmp_path / "copy")
    (copy / "vae" / "diffusion_pytorch_model.safetensors").unlink()
    code, told = ended(*SERVE, "--model", copy, "--port", "0")
    assert code == 78
    assert "there are no weights" in complaint(told)


def test_a_missing_folder_ends_it_with_78_and_one_sentence(tmp_path: Path) -> None:
    code, told = ended(*SERVE, "--model", tmp_path / "none", "--port", "0")
    assert code == 78
    assert "there is no folder" in complaint(told)


LOAD_WITHOUT_MEMORY = """
import sys, torch
from pathlib import Path
from imageway.qwen.diffusion.engine import DiffusionEngine
from imageway.qwen.diffusion import loading
from imageway.qwen.run import serve
from tests.qwen_engine.tiny import tiny_settings
loading.count_layers = lambda pipe: torch.zeros(1 << 50)
settings = tiny_settings(Path(sys.argv[1]), port=0)
sys.exit(serve(settings, DiffusionEngine(settings)))
"""


def test_no_memory_at_load_ends_it_with_1_and_one_sentence(quantised: Path) -> None:
    code, told = ended("-c", LOAD_WITHOUT_MEMORY, quantised)
    assert code == 1
    assert "there is not enough memory on cpu" in complaint(told)

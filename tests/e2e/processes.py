"""Programs beside the tests: the gateway, vendors in small, and the real Open WebUI."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

from tests.checkout import ROOT

OPEN_WEBUI = ROOT / ".venv-openwebui" / "bin" / "open-webui"
MISSING = f"{OPEN_WEBUI} is not there: `make e2e` installs it"
# A first start makes its database and takes about 40 seconds on two cores that do nothing else.
START_SECONDS = 240.0
NO_PROXY = build_opener(ProxyHandler({}))

# From the page on how it is run without a network; tasks and image settings are as usual.
QUIET: Mapping[str, str] = {
    "WEBUI_AUTH": "False",
    "OFFLINE_MODE": "True",
    "HF_HUB_OFFLINE": "1",
    "BYPASS_EMBEDDING_AND_RETRIEVAL": "True",
    "RAG_EMBEDDING_ENGINE": "openai",
    "ENABLE_OLLAMA_API": "False",
    "ENABLE_VERSION_UPDATE_CHECK": "False",
    "ANONYMIZED_TELEMETRY": "False",
    "SCARF_NO_ANALYTICS": "true",
    "DO_NOT_TRACK": "true",
    "USER_AGENT": "open-webui",
    "WEBUI_SECRET_KEY": "a-secret-of-the-tests-that-is-long-enough",
    "GLOBAL_LOG_LEVEL": "INFO",
}


@contextmanager
def program(
    command: Sequence[str | Path], folder: Path, log: Path, **environment: str
) -> Generator[subprocess.Popen[bytes]]:
    """A program with its output in a file; it is ended with the block."""
    known = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    with (
        log.open("ab") as output,
        subprocess.Popen(
            [str(each) for each in command],
            cwd=folder,
            env={**known, **environment},
            stdout=output,
            stderr=subprocess.STDOUT,
        ) as running,
    ):
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()


def free_port() -> int:
    """A port that nobody listens at now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def emulator(name: str, folder: Path, seconds: float = 0.0) -> Generator[str]:
    """A vendor in small; its control page is below the address."""
    folder.mkdir()
    port = free_port()
    arguments = ["--port", str(port), "--seconds", str(seconds)]
    command: list[str | Path] = [sys.executable, "-m", "imageway.emulators", name, *arguments]
    with program(command, folder, folder / f"{name}.log") as running:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/_emulator", running, folder / f"{name}.log")
        yield url


@contextmanager
def gateway(folder: Path, configuration: str, **environment: str) -> Generator[str]:
    """The gateway with a plugins.toml."""
    folder.mkdir()
    file = folder / "plugins.toml"
    file.write_text(configuration)
    port = free_port()
    arguments = ["serve", "--config", str(file), "--port", str(port)]
    command: list[str | Path] = [sys.executable, "-m", "imageway", *arguments]
    with program(command, folder, folder / "gateway.log", **environment) as running:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/health", running, folder / "gateway.log")
        yield url


@contextmanager
def text_model(folder: Path) -> Generator[str]:
    """A text model in small."""
    folder.mkdir()
    port = free_port()
    command: list[str | Path] = [sys.executable, "-m", "tests.e2e.writer", str(port)]
    with program(command, ROOT, folder / "writer.log") as running:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/v1/models", running, folder / "writer.log")
        yield url


@contextmanager
def open_webui(folder: Path, **environment: str) -> Generator[str]:
    """The real Open WebUI with a database of its own."""
    if not OPEN_WEBUI.exists():
        pytest.fail(MISSING)
    port = free_port()
    (folder / "data").mkdir(parents=True)
    known = {**QUIET, "DATA_DIR": str(folder / "data"), **environment}
    command: list[str | Path] = [OPEN_WEBUI, "serve", "--host", "127.0.0.1", "--port", str(port)]
    with program(command, folder, folder / "open-webui.log", **known) as running:
        url = f"http://127.0.0.1:{port}"
        wait_for(f"{url}/health", running, folder / "open-webui.log")
        yield url


def wait_for(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a program answers; shows what it said when it does not."""
    until(lambda: _answers(url) or running.poll() is not None, START_SECONDS, pause=0.2)
    if running.poll() is not None or not _answers(url):
        pytest.fail(f"{url} does not answer:\n{log.read_text(errors='replace')[-4000:]}")


def _answers(url: str) -> bool:
    try:
        with NO_PROXY.open(url, timeout=5) as answer:
            status: int = answer.status
            return status == 200
    except OSError:
        return False


def until(is_so: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Look again and again whether something is so."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(pause)
    return True

"""A folder of its own for every test, with a plugins.toml that knows the scripted adapter."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

SCRIPTED = Path(__file__).with_name("mine.py")
CONFIG = """\
[providers.mine]
adapter = "./mine.py:Mine"
watch = "{folder}"

[providers.google]
adapter = "./mine.py:Mine"
api_key = {{ env = "GEMINI_API_KEY" }}

[routes.default]
try = ["google/anything", "mine/draws"]

[routes.nobody]
try = ["google/anything"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    (tmp_path / "mine.py").write_text(SCRIPTED.read_text())
    (tmp_path / "plugins.toml").write_text(CONFIG.format(folder=tmp_path / "out"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("GEMINI_API_KEY", "IMAGEWAY_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def names(folder: Path) -> list[str]:
    """What lies in a folder."""
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Ctrl-C is heard, also where the tests run in the background and inherit deaf ears."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)

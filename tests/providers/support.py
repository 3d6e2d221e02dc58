"""What the tests of this floor share: files in a folder, and what is said of them."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.providers.loading import Source, load
from imageway.providers.snapshot import Snapshot, provision

HOUSE = "[providers.house]\nadapter = './plugin.py:House'\n"
PLUGIN = Path(__file__).with_name("plugin.py")


def source_of(folder: Path, text: str) -> Source:
    """The text as a file beside the plug-in."""
    shutil.copy(PLUGIN, folder / "plugin.py")
    path = folder / "plugins.toml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def living(folder: Path, text: str, environment: Mapping[str, str] | None = None) -> Snapshot:
    """The text brought to life."""
    return provision(source_of(folder, text), environment or {})


def refusal(folder: Path, text: str) -> ErrorInfo:
    """What is said of a wrong file; the folder's name is left out."""
    with pytest.raises(ImagewayError) as caught:
        living(folder, text)
    info = caught.value.info
    assert info.code is ErrorCode.MISCONFIGURED
    return info.model_copy(update={"message": info.message.replace(f"{folder}/", "")})

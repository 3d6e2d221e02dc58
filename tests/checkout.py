"""The checkout as data: where it is, what pyproject.toml says, which files are ours."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

ROOT = Path(__file__).resolve().parent.parent
LINKED = ("adapters", "core", "providers")
MADE_HERE = {"build", "dist", "state", "images", "__pycache__", "node_modules"}
SHOWN_ANYWAY = {".ci"}


class Section(BaseModel):
    """A table of pyproject.toml, read for the few keys that tests ask for."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)


class Project(Section):
    """What is installed, and what it needs."""

    version: str
    dependencies: list[str]
    extras: dict[str, list[str]] = Field(alias="optional-dependencies")
    scripts: dict[str, str]


class Setuptools(Section):
    """Which packages there are, and in which folders."""

    packages: list[str]
    package_dir: dict[str, str] = Field(alias="package-dir")


class Tools(Section):
    """The tools that tests look at."""

    setuptools: Setuptools


class BuildSystem(Section):
    """What builds the package."""

    requires: list[str]


class PyProject(Section):
    """pyproject.toml."""

    project: Project
    tool: Tools
    build_system: BuildSystem = Field(alias="build-system")


def pyproject() -> PyProject:
    """Read pyproject.toml."""
    return PyProject.model_validate(tomllib.loads(text(ROOT / "pyproject.toml")))


def text(path: Path) -> str:
    """Read a file of ours."""
    return path.read_text(encoding="utf-8")


def our_files(*endings: str) -> Iterator[Path]:
    """Every file of ours with one of the endings, once: links are not followed."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [name for name in folders if _is_ours(name)]
        yield from (Path(folder, name) for name in sorted(files) if name.endswith(endings))


def _is_ours(folder: str) -> bool:
    is_hidden = folder.startswith(".") and folder not in SHOWN_ANYWAY
    return not (is_hidden or folder in MADE_HERE or folder.endswith(".egg-info"))

"""The constraints: the versions that were tested, for everything that pyproject.toml asks for."""

from __future__ import annotations

import re

from packaging.requirements import Requirement
from packaging.utils import NormalizedName, canonicalize_name

from tests.checkout import ROOT, pyproject, text

FILES = ("constraints.txt", "constraints-qwen.txt")
LINES = [line for name in FILES for line in text(ROOT / name).splitlines()]


def pinned() -> dict[NormalizedName, str]:
    pairs = [line.split("==") for line in LINES]
    return {canonicalize_name(name): version for name, version in pairs}


def wanted() -> list[Requirement]:
    read = pyproject()
    every = [*read.project.dependencies, *read.build_system.requires]
    every += [each for extra in read.project.extras.values() for each in extra]
    found = [Requirement(each) for each in every]
    return [each for each in found if each.name != "imageway"]


def test_each_line_is_a_name_and_one_version() -> None:
    assert [line for line in LINES if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []


def test_each_line_for_open_webui_is_a_name_and_one_version() -> None:
    lines = text(ROOT / "constraints-openwebui.txt").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert "open-webui==0.12.4" in lines
    assert f"torch=={pinned()[canonicalize_name('torch')]}" in lines


def test_everything_that_is_asked_for_has_a_tested_version() -> None:
    assert [each.name for each in wanted() if canonicalize_name(each.name) not in pinned()] == []


def test_no_version_is_named_twice() -> None:
    assert len(pinned()) == len(LINES)


def test_the_makefile_asks_for_the_tested_torch() -> None:
    assert f"TORCH := torch=={pinned()[canonicalize_name('torch')]}\n" in text(ROOT / "Makefile")


def test_every_tested_version_is_one_that_pyproject_allows() -> None:
    versions = pinned()
    assert [
        f"{each} but {version}"
        for each in wanted()
        if (version := versions[canonicalize_name(each.name)]) not in each.specifier
    ] == []

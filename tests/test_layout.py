"""The shape of the checkout: packages, links, file sizes, first lines, and the page that tells."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.checkout import LINKED, ROOT, our_files, pyproject, text

MOST_LINES = 400
# Put together from pieces, so that this file does not hold them itself.
UNFINISHED = [f"{'TO'}DO", f"{'FIX'}ME", f"{'X' * 3}", f"raise NotImplemented{'Error'}"]
A_MACHINE = r"(?<![\w.])/(?:home|root|Users|work|opt)/\w|\b[A-Z]:\\\\?\w"
FORBIDDEN = re.compile("|".join([*(rf"\b{word}\b" for word in UNFINISHED), A_MACHINE]))
ARCHITECTURE = ROOT / "docs" / "architecture.md"


def packages_on_disk() -> set[str]:
    folders = [path.parent.relative_to(ROOT).parts for path in our_files("__init__.py")]
    packages = {(*(("imageway",) if parts[0] in LINKED else ()), *parts) for parts in folders}
    return {".".join(parts) for parts in packages if parts[0] == "imageway"}


def test_pyproject_lists_the_packages_that_are_on_disk() -> None:
    assert sorted(pyproject().tool.setuptools.packages) == sorted(packages_on_disk())


def test_package_dir_puts_the_three_folders_into_the_package() -> None:
    expected = {f"imageway.{name}": name for name in LINKED} | {"imageway": "imageway"}
    assert pyproject().tool.setuptools.package_dir == expected


@pytest.mark.parametrize("name", LINKED)
def test_the_link_in_the_package_is_relative_and_leads_to_the_folder(name: str) -> None:
    link = ROOT / "imageway" / name
    assert link.is_symlink()
    assert link.readlink() == Path("..", name)
    assert link.resolve() == ROOT / name


@pytest.mark.parametrize("name", LINKED)
def test_the_link_is_committed_as_a_link(name: str) -> None:
    if not (ROOT / ".git").exists():
        return  # an unpacked source archive has the links, but no history
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "--stage", f"imageway/{name}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert listed.stdout.startswith("120000 ")


def test_no_file_is_longer_than_the_wall() -> None:
    sizes = {path: len(text(path).splitlines()) for path in our_files(".py")}
    assert {path: size for path, size in sizes.items() if size > MOST_LINES} == {}


def test_every_file_says_in_its_first_line_what_the_reader_finds() -> None:
    silent = [path for path in our_files(".py") if not docstring(path)]
    assert silent == []


def docstring(path: Path) -> str | None:
    """The docstring, if nothing but a shebang stands above it."""
    tree = ast.parse(text(path))
    return ast.get_docstring(tree) if tree.body and tree.body[0].lineno <= 2 else None


def test_nothing_is_left_unfinished_and_no_path_is_of_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in our_files(
            ".py", ".md", ".toml", ".txt", ".js", ".css", ".html", "Makefile", "run"
        )
        for match in FORBIDDEN.finditer(text(path))
    ]
    assert found == []


def missing_from_the_page(names: Iterable[str]) -> list[str]:
    page = text(ARCHITECTURE)
    return [name for name in names if name not in page]


def test_the_architecture_page_names_every_folder_at_the_top() -> None:
    tops = {path.relative_to(ROOT).parts[0] for path in our_files(".py", ".md")}
    folders = {name for name in tops if (ROOT / name).is_dir()}
    assert missing_from_the_page(f"`{name}/`" for name in sorted(folders)) == []


def test_the_architecture_page_names_every_part_of_the_package() -> None:
    parts = {path.name for path in (ROOT / "imageway").iterdir() if (path / "__init__.py").exists()}
    assert missing_from_the_page(f"`imageway/{name}/`" for name in sorted(parts - {*LINKED})) == []


@pytest.mark.parametrize("folder", ["core", "providers"])
def test_the_architecture_page_names_every_file_of_the_lower_floors(folder: str) -> None:
    files = sorted(path.name for path in (ROOT / folder).glob("*.py") if path.stem != "__init__")
    assert missing_from_the_page(f"`{folder}/{name}`" for name in files) == []


def test_the_architecture_page_names_no_file_that_is_not_there() -> None:
    named: list[str] = re.findall(r"`((?:[\w.]+/)+(?:\w+\.\w+)?)`", text(ARCHITECTURE))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_architecture_page_lists_every_outer_wall_and_no_other() -> None:
    page = text(ARCHITECTURE)
    section = page[page.index("## Outer walls") : page.index("## How it is checked")]
    listed = set(re.findall(r"`([\w/]+\.py)`", section))
    walls = {
        str(path.relative_to(ROOT))
        for path in our_files(".py")
        if path.relative_to(ROOT).parts[0] not in {"tests", "bench"}
        and re.search(r"^\s*except Exception\b", text(path), re.MULTILINE)
    }
    assert listed == walls

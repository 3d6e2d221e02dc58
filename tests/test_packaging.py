"""What is built from the checkout, and that it works on its own, far from the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

import pytest

from imageway.core.picture import Picture
from tests.checkout import LINKED, MADE_HERE, ROOT, pyproject

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

NEEDED = {
    "imageway/__init__.py",
    "imageway/py.typed",
    "imageway/core/request.py",
    "imageway/providers/config.py",
    "imageway/adapters/demo/adapter.py",
    "imageway/qwen/page.html",
}


def run(*command: str | Path, folder: Path) -> str:
    """Run a program that knows nothing of the checkout, and hand back what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    played = subprocess.run(
        [str(each) for each in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, f"{command}\n{played.stdout}\n{played.stderr}"
    return played.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy to build in, links as links, without anything that was made here."""
    copy = tmp_path_factory.mktemp("checkout") / "imageway"
    unwanted = shutil.ignore_patterns(".*", "*.egg-info", *MADE_HERE)
    shutil.copytree(ROOT, copy, symlinks=True, ignore=unwanted)
    return copy


@pytest.fixture(scope="module")
def built(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A source archive of the copy, and a wheel that was built from that archive."""
    folder = tmp_path_factory.mktemp("built")
    build(checkout, folder)
    return folder


def build(source: Path, folder: Path, *what: str) -> None:
    run(sys.executable, "-m", "build", "--no-isolation", *what, "-o", folder, ".", folder=source)


@pytest.fixture(scope="module")
def wheel(built: Path) -> Path:
    [found] = built.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def archive(built: Path) -> Path:
    [found] = built.glob("*.tar.gz")
    return found


def names_in_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as opened:
        return set(opened.namelist())


def test_the_wheel_holds_the_package_and_nothing_beside_it(wheel: Path) -> None:
    names = names_in_wheel(wheel)
    notes = f"imageway-{pyproject().project.version}.dist-info"
    assert names >= {*NEEDED, f"{notes}/licenses/LICENSE"}
    assert {name.split("/")[0] for name in names} == {"imageway", notes}


def test_the_wheel_holds_every_package_that_is_listed(wheel: Path) -> None:
    folders = {str(Path(name).parent) for name in names_in_wheel(wheel)}
    listed = {name.replace(".", "/") for name in pyproject().tool.setuptools.packages}
    assert listed <= folders


def test_the_archive_holds_the_sources_where_pyproject_looks_for_them(archive: Path) -> None:
    with tarfile.open(archive) as opened:
        names = {member.name.partition("/")[2] for member in opened if not member.isdir()}
    flat = {
        name.removeprefix("imageway/") if name.split("/")[1] in LINKED else name for name in NEEDED
    }
    assert names >= {*flat, "LICENSE", "README.md", "docs/architecture.md", "pyproject.toml"}
    assert not any(name.startswith("tests/") for name in names)


def test_the_archive_makes_the_same_wheel_as_the_checkout(
    checkout: Path, wheel: Path, tmp_path: Path
) -> None:
    build(checkout, tmp_path, "--wheel")
    [direct] = tmp_path.glob("*.whl")
    assert names_in_wheel(direct) == names_in_wheel(wheel)


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a clean environment with the wheel and what it needs, no more."""
    folder = tmp_path_factory.mktemp("clean")
    venv.create(folder / "env", with_pip=True)
    found = folder / "env" / "bin"
    tested = ROOT / "constraints.txt"
    run(found / "python", "-m", "pip", "install", "-qq", "-c", tested, wheel, folder=folder)
    return found


def test_the_installed_package_is_imported_from_anywhere(programs: Path, tmp_path: Path) -> None:
    code = (
        "import imageway, imageway.core.request, imageway.adapters.demo; print(imageway.__file__)"
    )
    place = run(programs / "python", "-W", "error", "-c", code, folder=tmp_path)
    assert Path(place.strip()).is_relative_to(programs.parent)


def test_the_installed_package_leaves_the_names_of_others_alone(
    programs: Path, tmp_path: Path
) -> None:
    code = "from importlib.util import find_spec; print([n for n in {!r} if find_spec(n)])"
    assert run(programs / "python", "-c", code.format(LINKED), folder=tmp_path).strip() == "[]"


def test_the_installed_command_says_what_it_can_do(programs: Path, tmp_path: Path) -> None:
    told = run(programs / "imageway", "--help", folder=tmp_path)
    assert {"generate", "serve"} <= set(told.split())


def test_the_installed_module_says_its_version(programs: Path, tmp_path: Path) -> None:
    told = run(programs / "python", "-m", "imageway", "--version", folder=tmp_path)
    assert pyproject().project.version in told


def test_the_installed_command_makes_a_picture_without_any_configuration(
    programs: Path, tmp_path: Path
) -> None:
    run(programs / "imageway", "generate", "a red circle", "-o", "out", folder=tmp_path)
    [file] = (tmp_path / "out").iterdir()
    assert Picture.from_bytes(file.read_bytes()).media_type == "image/png"


def test_the_installed_service_shows_its_page(programs: Path, tmp_path: Path) -> None:
    command = (programs / "imageway", "qwen", "serve", "--backend", "demo", "--port", "0")
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().partition(" at ")[2].split()[0]
            with build_opener(ProxyHandler({})).open(address) as answer:
                page = answer.read()
        finally:
            process.terminate()
    assert page == (ROOT / "imageway" / "qwen" / "page.html").read_bytes()

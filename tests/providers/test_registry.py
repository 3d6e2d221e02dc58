"""A name in plugins.toml → an adapter class, or words that say why not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from imageway.core.errors import ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.providers.registry import configure, find_adapter, installed, make
from tests.providers.support import PLUGIN

HERE = PLUGIN.parent


def name_of(reference: str) -> str:
    return repr(find_adapter(reference, HERE)).rpartition(".")[2].rstrip("'>")


def refused(reference: str, folder: Path = HERE) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        find_adapter(reference, folder)
    return caught.value.info


def written(folder: Path, code: str) -> str:
    """A plug-in of these lines, by its reference."""
    (folder / "written.py").write_text(code)
    return "./written.py:House"


def test_an_installed_adapter_is_found_by_its_name() -> None:
    assert "demo" in installed()
    assert name_of("demo") == "DemoAdapter"


def test_an_adapter_is_found_by_its_dotted_path() -> None:
    assert name_of("tests.providers.plugin:House") == "House"


def test_an_adapter_is_found_in_a_file_beside_the_configuration() -> None:
    assert name_of("./plugin.py:House") == "House"


def test_two_files_of_the_same_name_stay_two(tmp_path: Path) -> None:
    (tmp_path / "plugin.py").write_text(
        PLUGIN.read_text().replace("class House:", "class House: # 2")
    )
    ours, theirs = (find_adapter("./plugin.py:House", folder) for folder in (HERE, tmp_path))
    assert ours.__module__ != theirs.__module__
    assert sys.modules[theirs.__module__].__file__ == str(tmp_path / "plugin.py")


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    info = refused("dmeo")
    assert (info.message, info.hint) == ("there is no adapter 'dmeo'", "did you mean 'demo'?")


def test_an_unknown_file_is_named(tmp_path: Path) -> None:
    assert refused("./no.py:House", tmp_path).message == f"there is no file {tmp_path}/no.py"


def test_an_unknown_class_is_answered_with_the_adapters_that_are_there() -> None:
    info = refused("./plugin.py:Huose")
    assert info.message == "there is no 'Huose' in './plugin.py:Huose'"
    assert info.hint == "did you mean 'House'?"


def test_an_unknown_module_is_named() -> None:
    info = refused("no_such_company.images:House")
    assert info.message == "there is no module 'no_such_company'"


def test_a_missing_dependency_is_answered_with_the_command_that_installs_it(
    tmp_path: Path,
) -> None:
    info = refused(written(tmp_path, "import no_such_torch"), tmp_path)
    assert "needs the module 'no_such_torch'" in info.message
    assert info.hint == "pip install no_such_torch"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("def (:", "SyntaxError: invalid syntax (written.py, line 1)"),
        ("raise SystemExit(3)", "SystemExit: 3"),
    ],
)
def test_a_module_that_raises_is_refused_in_its_words(
    tmp_path: Path, code: str, words: str
) -> None:
    said = refused(written(tmp_path, code), tmp_path).message
    assert said == f"the adapter './written.py:House' cannot be loaded: {words}"


@pytest.mark.parametrize("name", ["HouseConfig", "Unfinished", "annotations"])
def test_what_is_no_adapter_is_refused(name: str) -> None:
    assert refused(f"./plugin.py:{name}").message == f"'./plugin.py:{name}' is no adapter"


def test_a_constructor_that_raises_is_refused_in_its_words() -> None:
    found = find_adapter("./plugin.py:House", HERE)
    settings = configure(found, {"base_url": "refused"})
    with pytest.raises(ImagewayError, match="cannot be made: RuntimeError: no GPU here"):
        make(found, settings, Http(), Memo())


def test_a_validator_with_a_bug_is_refused_in_its_words() -> None:
    found = find_adapter("./plugin.py:House", HERE)
    with pytest.raises(ImagewayError, match="Config broke: KeyError: 'bug'"):
        configure(found, {"base_url": "bug"})

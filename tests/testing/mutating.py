"""Loads an adapter from source with one line changed; nothing is written, and all is put back."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import CodeType, ModuleType

from tests.checkout import ROOT

ADAPTERS = "imageway.adapters"


class ChangedLoader(SourceFileLoader):
    """Compiles other text than stands in the file, past every cache."""

    def __init__(self, fullname: str, path: str, text: str) -> None:
        super().__init__(fullname, path)
        self._text = text

    def get_code(self, fullname: str) -> CodeType:
        """The code of the changed text."""
        return compile(self._text, self.path, "exec", dont_inherit=True)


class ChangingFinder(MetaPathFinder):
    """Finds one module with its text changed."""

    def __init__(self, name: str, text: str) -> None:
        self._name, self._text = name, text

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The usual place, and another loader."""
        spec = PathFinder.find_spec(fullname, path) if fullname == self._name else None
        if spec is not None and spec.origin is not None:
            spec.loader = ChangedLoader(fullname, spec.origin, self._text)
        return spec


def changed(file: str, old: str, new: str) -> str:
    """The text of a file with one passage replaced; it must stand there exactly once."""
    text = (ROOT / "adapters" / file).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{file} has {text.count(old)} times {old!r}"
    return text.replace(old, new)


@contextmanager
def mutated(file: str, old: str, new: str) -> Generator[ModuleType]:
    """An adapter's package, imported afresh with the change."""
    vendor, _, name = file.removesuffix(".py").partition("/")
    package = f"{ADAPTERS}.{vendor}"
    finder = ChangingFinder(f"{package}.{name}", changed(file, old, new))
    kept = {each: module for each, module in sys.modules.items() if _belongs(each, package)}
    for each in kept:
        del sys.modules[each]
    sys.meta_path.insert(0, finder)
    try:
        yield importlib.import_module(package)
    finally:
        sys.meta_path.remove(finder)
        for each in [each for each in sys.modules if _belongs(each, package)]:
            del sys.modules[each]
        sys.modules.update(kept)
        vars(sys.modules[ADAPTERS]).pop(vendor, None)
        if package in kept:
            setattr(sys.modules[ADAPTERS], vendor, kept[package])


def _belongs(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")

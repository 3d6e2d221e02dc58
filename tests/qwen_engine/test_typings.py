"""What typings/ says of the libraries is true: each name is there, each parameter is taken."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from tests.checkout import ROOT, text

TYPINGS = ROOT / "typings"
FILES = sorted(TYPINGS.rglob("*.pyi"))


def module_name(file: Path) -> str:
    parts = file.relative_to(TYPINGS).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_what_is_said_of_a_library_is_true(file: Path) -> None:
    module = import_module(module_name(file))
    assert [*untrue(module, ast.parse(text(file)).body)] == []


def untrue(owner: object, statements: list[ast.stmt]) -> Iterator[str]:
    """The names and parameters that are not there."""
    for statement in statements:
        match statement:
            case ast.ClassDef(name=name, bases=bases) if not is_of_ours(name, bases):
                yield from untrue_member(owner, name, statement.body)
            case ast.FunctionDef(name=name):
                yield from untrue_member(owner, name, [])
                yield from untrue_parameters(getattr(owner, name, None), statement)
            case ast.AnnAssign(target=ast.Name(id=name)) if inspect.ismodule(owner):
                yield from untrue_member(owner, name, [])
            case _:
                pass


def is_of_ours(name: str, bases: list[ast.expr]) -> bool:
    """Protocols that say what an attribute can do have no name in the library."""
    is_protocol = any(isinstance(base, ast.Name) and base.id == "Protocol" for base in bases)
    return name.startswith("_") or is_protocol


def untrue_member(owner: object, name: str, body: list[ast.stmt]) -> Iterator[str]:
    if not hasattr(owner, name):
        yield f"{owner} has no {name!r}"
    else:
        yield from untrue(getattr(owner, name), body)


def untrue_parameters(function: object, said: ast.FunctionDef) -> Iterator[str]:
    """What is written in C often does not tell its parameters; then there is nothing to compare."""
    if not callable(function):
        return
    try:
        taken = inspect.signature(function).parameters
    except ValueError:
        return
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in taken.values()):
        return
    for argument in [*said.args.args, *said.args.kwonlyargs]:
        if argument.arg not in {*taken, "self", "cls"}:
            yield f"{said.name} takes no {argument.arg!r}"

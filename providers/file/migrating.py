"""From the form that a plugins.toml has to the form of today, step by step, comments kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import tomlkit
from tomlkit import TOMLDocument

from imageway.providers.loading import SCHEMA, Source, too_new

Step = Callable[[TOMLDocument], TOMLDocument]

# The first line may name the schema for editors, and then stays the first.
DIRECTIVE = "#:schema"


def _numbered(document: TOMLDocument) -> TOMLDocument:
    """Say the number of the form, which the first files did not; nothing else was different."""
    if "schema" in document:
        document["schema"] = 1
        return document
    text = tomlkit.dumps(document)
    lines = text.splitlines(keepends=True)
    end = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
    at = _below_the_heading(lines)
    gap = [end] if at < len(lines) and lines[at].strip() else []
    before = [end] if at and lines[at - 1].strip() and not lines[at - 1].startswith("#:") else []
    return tomlkit.parse("".join([*lines[:at], *before, f"schema = 1{end}", *gap, *lines[at:]]))


def _below_the_heading(lines: list[str]) -> int:
    """Below the comment at the top, unless that belongs to the first table."""
    directive = 1 if lines and lines[0].startswith(DIRECTIVE) else 0
    at = directive
    while at < len(lines) and lines[at].startswith("#"):
        at += 1
    is_heading = at == len(lines) or not lines[at].strip()
    return at if is_heading else directive


# From each number to the next.
STEP_BY_NUMBER: Mapping[int, Step] = {0: _numbered}


def migrated(
    source: Source,
    steps: Mapping[int, Step] = STEP_BY_NUMBER,
    newest: int = SCHEMA,
) -> tuple[int, str]:
    """The number that a file had, and its text in the form of today; raises misconfigured."""
    document = tomlkit.parse(source.text)
    number = _number(source, document, newest)
    for each in range(number, newest):
        if each not in steps:
            message = f"schema = {number}: there is no way from {each} to {each + 1}"
            raise source.mistake(("schema",), message, f"known are {sorted(steps)}")
        document = steps[each](document)
    # What is of today's form already is not touched, not even where a blank would go.
    return number, source.text if number == newest else tomlkit.dumps(document)


def _number(source: Source, document: Mapping[str, object], newest: int) -> int:
    """The number that a file says; one that says none is of the first form."""
    number = document.get("schema", 0)
    if isinstance(number, bool) or not isinstance(number, int):
        raise source.mistake(("schema",), f"schema = {number!r}: must be a whole number")
    if number > newest:
        raise too_new(source, number, newest)
    return int(number)

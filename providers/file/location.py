"""Where in a TOML text a key stands; tomllib does not tell."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence

HEADER = re.compile(r"^\s*\[{1,2}(?P<path>[^\[\]]+)\]{1,2}\s*(?:#.*)?$")
NAME = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
KEY = re.compile(rf"^\s*(?P<path>{NAME}(?:\s*\.\s*{NAME})*)\s*=")

Path = tuple[str, ...]


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """The line, counted from 1, of the key at this path or of the nearest thing that holds it."""
    lines = dict(reversed(list(_keys(text))))
    wanted = tuple(str(part) for part in path)
    while wanted:
        # A table that is only spelled as a part of others begins with the first of them.
        found = (line for place, line in lines.items() if place[: len(wanted)] == wanted)
        line = lines.get(wanted) or min(found, default=None)
        if line is not None:
            return line
        wanted = wanted[:-1]
    return None


def _keys(text: str) -> Iterator[tuple[Path, int]]:
    table: Path = ()
    for number, line in enumerate(text.split("\n"), start=1):
        if header := HEADER.match(line):
            table = _parts(header["path"])
            yield table, number
        elif key := KEY.match(line):
            yield table + _parts(key["path"]), number


def _parts(path: str) -> Path:
    """Read a dotted key by letting the TOML reader do it."""
    try:
        node: object = tomllib.loads(f"{path} = 0")
    except tomllib.TOMLDecodeError:
        return ()
    parts: list[str] = []
    while isinstance(node, dict) and node:
        name = str(next(iter(node)))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]: tomllib gives plain dictionaries
        parts.append(name)
        node = node[name]  # pyright: ignore[reportUnknownVariableType]: as above
    return tuple(parts)

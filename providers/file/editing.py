"""Small changes to a plugins.toml that leave everything else as it was written."""

from __future__ import annotations

import tomllib
from collections.abc import MutableMapping
from pathlib import Path
from typing import TypeGuard

import tomlkit
from tomlkit.exceptions import TOMLKitError

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.config import BUILT_IN
from imageway.providers.loading import Source, found_at, read

Table = MutableMapping[str, object]


def as_written(path: Path | None) -> Source:
    """A file with its text as it lies on the disk, line ends and all; raises misconfigured."""
    path = found_at(path)
    if path is None:
        raise ImagewayError(
            ErrorCode.MISCONFIGURED,
            "there is no plugins.toml here",
            hint="`imageway init` writes one",
        )
    read(path)
    return Source(BUILT_IN, path, path.read_bytes().decode("utf-8-sig"))


def without(text: str, table: str, name: str) -> str | None:
    """The text without one table of a table; None where that cannot be done by itself."""
    try:
        document = tomlkit.parse(text)
        tables: object = document[table]
        if not _is_table(tables) or name not in tables:
            return None
        del tables[name]
        if not tables:
            del document[table]
        made = tomlkit.dumps(document)
        return made if _is_the_rest(text, made, table, name) else None
    except (TOMLKitError, ValueError, KeyError):
        return None


def _is_the_rest(before: str, after: str, table: str, name: str) -> bool:
    """Whether really nothing else has changed."""
    wanted = tomllib.loads(before)
    tables = wanted[table]
    del tables[name]
    if not tables:
        del wanted[table]
    return tomllib.loads(after) == wanted


def _is_table(value: object) -> TypeGuard[Table]:
    return isinstance(value, MutableMapping)

"""Durations and sizes as people write them in plugins.toml: "90s", "5m", "32MiB"."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BeforeValidator

SECONDS_BY_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
BYTES_BY_UNIT = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9} | {
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}
AMOUNT = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*")


def seconds(value: object) -> object:
    """Read a duration; what is no text passes on to the field's own check."""
    if not isinstance(value, str):
        raise ValueError('a duration is written with its unit, such as "500ms", "90s" or "5m"')
    found = AMOUNT.fullmatch(value)
    if found is None or found[2] not in SECONDS_BY_UNIT:
        raise ValueError(
            f'a duration is a number and one of {", ".join(SECONDS_BY_UNIT)}, such as "90s"'
        )
    return float(found[1]) * SECONDS_BY_UNIT[found[2]]


def byte_count(value: object) -> object:
    """Read a number of bytes."""
    if not isinstance(value, str):
        raise ValueError('a size in bytes is written with its unit, such as "32MiB"')
    found = AMOUNT.fullmatch(value)
    if found is None or found[2] not in BYTES_BY_UNIT:
        raise ValueError(
            f'a size is a number and one of {", ".join(BYTES_BY_UNIT)}, such as "32MiB"'
        )
    return int(float(found[1]) * BYTES_BY_UNIT[found[2]])


Duration = Annotated[float, BeforeValidator(seconds)]
ByteCount = Annotated[int, BeforeValidator(byte_count)]

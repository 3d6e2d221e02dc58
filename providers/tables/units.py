"""Durations and sizes as people write them in plugins.toml: "90s", "5m", "32MiB", "1KiB/s"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

SECONDS_BY_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
BYTES_BY_UNIT = {"B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9} | {
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
}
BINARY = ("KiB", "MiB", "GiB")
LONGEST = 30 * SECONDS_BY_UNIT["d"]
# A dozen digits are enough for anything and never overflow.
AMOUNT = re.compile(r"\s*(\d{1,12}(?:\.\d{1,12})?)\s*([A-Za-z]+)\s*")


def seconds(value: object) -> object:
    """Read a duration."""
    if not isinstance(value, str):
        raise ValueError('must be written with its unit, such as "500ms", "90s" or "5m"')
    found = AMOUNT.fullmatch(value)
    if found is None or found[2] not in SECONDS_BY_UNIT:
        raise ValueError(f'must be a number and one of {", ".join(SECONDS_BY_UNIT)}, such as "90s"')
    wanted = float(found[1]) * SECONDS_BY_UNIT[found[2]]
    if wanted > LONGEST:
        raise ValueError("must be at most 30d")
    return wanted


def byte_count(value: object) -> int:
    """Read a number of bytes."""
    if not isinstance(value, str):
        raise ValueError('must be written with its unit, such as "32MiB"')
    found = AMOUNT.fullmatch(value)
    if found is None or found[2] not in BYTES_BY_UNIT:
        raise ValueError(f'must be a number and one of {", ".join(BYTES_BY_UNIT)}, such as "32MiB"')
    return int(float(found[1]) * BYTES_BY_UNIT[found[2]])


def byte_rate(value: object) -> object:
    """Read a number of bytes a second."""
    if isinstance(value, str) and value.endswith("/s"):
        return float(byte_count(value.removesuffix("/s")))
    raise ValueError('must be written with its unit, such as "1KiB/s"')


def spell_seconds(value: float) -> str:
    """A duration as the file has it, in the largest unit that keeps it whole."""
    if 0 < value < 1:
        return f'"{value * 1000:g}ms"'
    unit = next(unit for unit in "dhms" if value % SECONDS_BY_UNIT[unit] == 0 or unit == "s")
    unit = unit if value else "s"
    return f'"{value / SECONDS_BY_UNIT[unit]:g}{unit}"'


def spell_bytes(value: float) -> str:
    """A number of bytes as the file has it."""
    whole = [unit for unit in BINARY if value % BYTES_BY_UNIT[unit] == 0]
    unit = whole[-1] if whole else "B"
    return f'"{value / BYTES_BY_UNIT[unit]:g}{unit}"'


def spell_rate(value: float) -> str:
    """Bytes a second as the file has them."""
    return spell_bytes(value)[:-1] + '/s"'


def spell_about(value: float) -> str:
    """A length of time for people, in its largest unit."""
    unit = next((unit for unit in "dhm" if value >= SECONDS_BY_UNIT[unit]), "s")
    return f"{value / SECONDS_BY_UNIT[unit]:.0f} {'min' if unit == 'm' else unit}"


def _pattern(units: Iterable[str], end: str = "") -> str:
    """What such a text looks like, for editors."""
    return rf"^\s*\d+(\.\d+)?\s*({'|'.join(units)})\s*{end}$"


SECONDS_PATTERN = _pattern(SECONDS_BY_UNIT)
BYTES_PATTERN = _pattern(BYTES_BY_UNIT)
RATE_PATTERN = _pattern(BYTES_BY_UNIT, "/s")
SPELL_BY_PATTERN: Mapping[str, Callable[[float], str]] = {
    SECONDS_PATTERN: spell_seconds,
    BYTES_PATTERN: spell_bytes,
    RATE_PATTERN: spell_rate,
}

_Seconds = Annotated[str, Field(pattern=SECONDS_PATTERN, examples=["500ms", "90s", "5m"])]
_Bytes = Annotated[str, Field(pattern=BYTES_PATTERN, examples=["32MiB", "1GB"])]
_Rate = Annotated[str, Field(pattern=RATE_PATTERN, examples=["1KiB/s"])]

Duration = Annotated[float, BeforeValidator(seconds, json_schema_input_type=_Seconds)]
PositiveDuration = Annotated[Duration, Field(gt=0)]
Positive = Annotated[int, Field(ge=1)]
ByteCount = Annotated[int, BeforeValidator(byte_count, json_schema_input_type=_Bytes), Field(ge=1)]
ByteRate = Annotated[float, BeforeValidator(byte_rate, json_schema_input_type=_Rate), Field(ge=0)]

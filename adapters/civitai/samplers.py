"""Samplers by any of their names: "DPM++ 2M Karras", "euler a", or the engine's own word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from imageway.adapters.civitai.engines import Engine
from imageway.core.errors import ImagewayError, invalid

SEPARATORS = re.compile(r"[^a-z0-9+]")
KARRAS = "karras"


@dataclass(frozen=True, slots=True)
class Sampling:
    """The engine's words for a sampler and its schedule; None leaves the choice to it."""

    sampler: str | None = None
    schedule: str | None = None


def sampling(engine: Engine, sampler: str | None, schedule: str | None, place: str) -> Sampling:
    """Find the engine's words; raises invalid_request that offers the nearest ones."""
    chosen = Sampling() if sampler is None else _sampler(engine, sampler, f"{place}.sampler")
    if schedule is None:
        return chosen
    if not engine.schedules:
        message = f"{place}.schedule: the engine {engine.spoken} has no schedules of their own"
        raise invalid(f"{place}.schedule", message, "leave it out; some samplers name theirs")
    found = _named(schedule, engine.schedules)
    if found is None:
        raise _unknown(f"{place}.schedule", schedule, engine, engine.schedules)
    return Sampling(chosen.sampler, found)


def _sampler(engine: Engine, name: str, param: str) -> Sampling:
    if (found := _named(name, engine.samplers)) is not None:
        return Sampling(found)
    plain = _plain(name)
    bare = _named(plain.removesuffix(KARRAS), engine.samplers)
    if plain.endswith(KARRAS) and bare is not None and KARRAS in engine.schedules:
        return Sampling(bare, KARRAS)
    raise _unknown(param, name, engine, engine.samplers)


def _plain(name: str) -> str:
    return SEPARATORS.sub("", name.lower())


def _named(name: str, words: Sequence[str]) -> str | None:
    """The word that a name spells, whatever stands between its letters; `++` may be left out."""
    plain = _plain(name)
    for spelling in (plain, plain.replace("++", "")):
        for word in words:
            if spelling in (_plain(word), _plain(word).replace("++", "")):
                return word
    return None


def _unknown(param: str, name: str, engine: Engine, words: Sequence[str]) -> ImagewayError:
    near = get_close_matches(_plain(name)[:60], [*map(_plain, words)], 3, 0.5)
    offered = [word for word in words if _plain(word) in near] or words
    return invalid(
        param,
        f"{param}: the engine {engine.spoken} knows no {name[:60]!r}",
        f"there is {', '.join(offered)}",
    )

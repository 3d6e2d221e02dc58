"""What a chat answer says in words: captions, status, failures, prices."""

from __future__ import annotations

import re
from collections.abc import Sequence

from imageway.core.events import Charged, ImageFailed, ImageReady, Progress, Queued
from imageway.serving.problems import problem_of

LONGEST = 120
# All reasons of an answer together; the last may be where to buy what is missing.
LONGEST_REASONS = 2000
MARKUP = re.compile(r"([\\`*_{}\[\]()<>#+!|~])")


def label(index: int, count: int) -> str:
    """Which picture is meant."""
    return "Picture" if count == 1 else f"Picture {index + 1} of {count}"


def about(ready: ImageReady) -> str:
    """The size of a picture, its seed, and who made it."""
    picture = ready.picture
    maker = "/".join(each for each in (ready.provider, ready.model) if each)
    seed = "" if picture.seed is None else f"seed {picture.seed}"
    size = f"{picture.width}x{picture.height}"
    return ", ".join(each for each in (size, seed, plain(maker)) if each)


def plain(text: str, most: int = LONGEST) -> str:
    """A text on one line in which no sign is markup; vendors' words are shown, never obeyed."""
    return MARKUP.sub(r"\\\1", short(text, most))


def short(text: str, most: int = LONGEST) -> str:
    """A text on one line and of bounded length."""
    whole = " ".join(text.split())
    return whole if len(whole) <= most else f"{whole[: most - 1]}…"


def waiting(event: Queued) -> str:
    """How long the line is."""
    ahead = f"{event.position} ahead" if event.position else "next in line"
    seconds = f", about {event.seconds:.0f} s" if event.seconds else ""
    return f"Queued ({ahead}{seconds})"


def working(event: Progress, count: int) -> str:
    """How far it is."""
    which = "" if event.index is None or count == 1 else f" {event.index + 1} of {count}"
    percent = "" if event.fraction is None else f"{event.fraction:.0%}"
    how_far = ", ".join(each for each in (short(event.stage), percent) if each)
    return f"Drawing{which}: {how_far}" if how_far else f"Drawing{which}"


def summary(count: int, ready: Sequence[ImageReady], charges: Sequence[Charged]) -> str:
    """What came of it, in one line."""
    seeds = {each.picture.seed for each in ready} - {None}
    makers = dict.fromkeys(
        "/".join(part for part in (each.provider, each.model) if part) for each in ready
    )
    facts = (
        _how_many(count, len(ready)),
        f"seed {min(seed for seed in seeds if seed is not None)}" if seeds else "",
        price(charges),
        short(", ".join(each for each in makers if each)),
    )
    return ", ".join(fact for fact in facts if fact)


def _how_many(count: int, came: int) -> str:
    if came < count:
        return f"{came} of {count} pictures" if count > 1 else "No picture"
    return "1 picture" if count == 1 else f"{count} pictures"


def price(charges: Sequence[Charged]) -> str:
    """What it cost, each unit by itself; tokens and seconds are told as usage, not as a price."""
    sums: dict[str, float] = {}
    for charge in charges:
        sums[charge.unit] = sums.get(charge.unit, 0.0) + charge.amount
    return ", ".join(_amount(sums[unit], unit) for unit in sums if unit not in NO_PRICE)


NO_PRICE = frozenset({"tokens", "seconds"})


def _amount(amount: float, unit: str) -> str:
    if unit.upper() == "USD":
        return f"${amount:.2f}" if amount >= 1 else f"${amount:.4f}".rstrip("0").rstrip(".")
    return f"{amount:g} {short(unit)}"


def failures(count: int, failed: Sequence[ImageFailed]) -> str:
    """Each reason once, with the pictures that it is the reason for."""
    places: dict[str, list[int]] = {}
    for each in sorted(failed, key=lambda failure: failure.index):
        places.setdefault(problem_of(each.error).sentence, []).append(each.index + 1)
    if count == 1:
        return "; ".join(places)
    return "; ".join(f"{_which(where, count)}: {why}" for why, where in places.items())


def told(count: int, failed: Sequence[ImageFailed]) -> str:
    """The same as a paragraph of an answer in which pictures stand too."""
    return f"\n\n{plain(failures(count, failed), LONGEST_REASONS)}"


def _which(places: Sequence[int], count: int) -> str:
    noun = "picture" if len(places) == 1 else "pictures"
    return f"{noun} {', '.join(map(str, places))} of {count}"

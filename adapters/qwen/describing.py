"""What a server can do, from what it says of itself, or from the article where it says nothing."""

from __future__ import annotations

from collections.abc import Mapping

from imageway.adapters.qwen.wire import Edges, Info, Limits
from imageway.core.capability import Capabilities, SizeRule
from imageway.core.options import Option, Range
from imageway.core.size import Size

MODEL = "qwen-image-2512"
SIZE_BY_RATIO: Mapping[str, Edges] = {
    "1:1": (1328, 1328),
    "16:9": (1664, 928),
    "9:16": (928, 1664),
    "4:3": (1472, 1104),
    "3:4": (1104, 1472),
    "3:2": (1584, 1056),
    "2:3": (1056, 1584),
}
PUBLISHED = frozenset(
    {
        Option.SIZE,
        Option.ASPECT,
        Option.SEED,
        Option.NEGATIVE_PROMPT,
        Option.GUIDANCE,
        Option.STEPS,
    }
)


def names(info: Info | None) -> tuple[str, ...]:
    """What the one model of a server may be called."""
    own = None if info is None else info.model
    return (MODEL,) if own in {None, MODEL} else (MODEL, str(own))


def size_by_ratio(info: Info | None) -> dict[str, Size]:
    """The sizes that a server draws, by the ratio that asks for each."""
    sizes = SIZE_BY_RATIO if info is None or not info.sizes else info.sizes
    return {ratio: Size(*edges) for ratio, edges in sizes.items()}


def capabilities(info: Info | None) -> Capabilities:
    """The published options, and for a server that says what it is those that were added."""
    limits = Limits() if info is None else info.limits
    sizes = size_by_ratio(info)
    published = Capabilities(
        options=PUBLISHED,
        allowed={
            Option.ASPECT: frozenset(sizes),
            Option.GUIDANCE: Range(*limits.cfg_scale),
            Option.STEPS: Range(*limits.num_steps),
        },
        sizes=SizeRule(choices=tuple(sizes.values()), usual=next(iter(sizes.values()))),
    )
    return published if info is None else _extended(published, info)


def _extended(published: Capabilities, info: Info) -> Capabilities:
    previews = info.has("events") and info.has("previews")
    added = {Option.FORMAT, Option.PREVIEWS} if previews else {Option.FORMAT}
    return published.model_copy(
        update={
            "options": published.options | added,
            "allowed": {**published.allowed, Option.FORMAT: info.formats},
            "reports_progress": info.has("async"),
            "sends_previews": previews,
        }
    )

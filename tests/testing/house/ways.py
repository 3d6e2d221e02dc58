"""The four ways in which House is asked, and what can be had in each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from imageway.core.capability import Capabilities, SizeRule
from imageway.core.options import Option, Range
from imageway.core.size import Size

Way = Literal["plain", "stream", "poll", "listen"]

CAPABILITIES = Capabilities(
    options=frozenset(Option),
    allowed={
        Option.QUALITY: frozenset({"draft", "fine"}),
        Option.FORMAT: frozenset({"png", "jpeg", "webp"}),
        Option.BACKGROUND: frozenset({"opaque", "transparent"}),
        Option.ASPECT: frozenset({"1:1", "16:9", "2:3"}),
        Option.GUIDANCE: Range(1, 20),
        Option.STEPS: Range(1, 50),
        Option.PREVIEWS: Range(0, 3),
    },
    operations=frozenset({"generate", "edit"}),
    sizes=SizeRule(multiple_of=8, least_edge=32, most_edge=512, usual=Size(64, 64)),
    images_per_call=4,
    references=3,
    reports_progress=True,
    sends_previews=True,
)
WITHOUT_BY_WAY: Mapping[Way, frozenset[Option]] = {
    "plain": frozenset({Option.PREVIEWS}),
    "stream": frozenset(),
    "poll": frozenset({Option.PREVIEWS}),
    "listen": frozenset({Option.PREVIEWS}),
}


def capabilities(way: Way) -> Capabilities:
    """Previews are for streams, and progress is for those who wait."""
    without = WITHOUT_BY_WAY[way]
    return CAPABILITIES.model_copy(
        update={
            "options": CAPABILITIES.options - without,
            "allowed": {k: v for k, v in CAPABILITIES.allowed.items() if k not in without},
            "reports_progress": way != "plain",
            "sends_previews": way == "stream",
        }
    )

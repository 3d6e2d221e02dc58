"""What Google's documents leave open or tell in two ways: tests switch it, no adapter asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Sequence = Literal["text_first", "image_first", "usage_last", "stops_everywhere", "never_stops"]
StreamError = Literal["data", "late_key", "raw", "array"]
Content = Literal["empty", "role", "null", "absent"]
Position = Literal["after", "before", "between"]


@dataclass(frozen=True, slots=True)
class Facts:
    """Each default is the likelier answer.

    `drafts` are the ordinary pictures that the pro model sends before its answer;
    `closed_models` are those that only their old users may ask.
    """

    half_k_models: frozenset[str] = frozenset({"gemini-3.1-flash-image"})
    wide_is_1408: bool = False
    shut_down: frozenset[str] = frozenset()
    closed_models: frozenset[str] = frozenset()
    imagen_on_developer: bool = False
    imagen_on_vertex: bool = False
    lists_retired: bool = True
    locations: frozenset[str] = frozenset({"global", "us", "eu"})
    sequence: Sequence = "text_first"
    stream_errors: StreamError = "data"
    wraps_errors: bool = False
    line_end: str = "\r\n"
    content: Content = "empty"
    position: Position = "after"
    empty_parts: bool = False
    drafts: int = 0
    thought_pictures: int = 1
    signature: str = "b3BhcXVlLXNpZ25hdHVyZQ=="
    wants_signatures: bool = True
    empty_predictions: Literal["absent", "list"] = "absent"
    files_are_slow: bool = False
    compat_models: frozenset[str] = frozenset({"gemini-2.5-flash-image"})
    compat_chat: Literal["empty", "images"] = "empty"

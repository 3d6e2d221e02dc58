"""The table [storage]: what becomes of pictures that are handed out as links."""

from __future__ import annotations

from typing import Literal

from imageway.providers.tables.section import Section, describe
from imageway.providers.tables.units import ByteCount, PositiveDuration


class Storage(Section):
    """Where such pictures lie, how long, how many of them, and what else may stand in the files."""

    path: str | None = describe(
        None,
        "their folder, beside this file, read once, at the start; "
        "without a word `images` in the folder of `state`",
    )
    keep: PositiveDuration = describe(7 * 86_400.0, "how long a picture and its link live")
    size: ByteCount = describe(2 * 2**30, "all of them together; the oldest go")
    metadata: Literal["strip", "keep"] = describe(
        "strip", "strip takes out prompts, EXIF and XMP; pixels, colours and C2PA marks stay"
    )

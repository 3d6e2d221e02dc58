"""The table [chat]: how chat completions show pictures, and how long a chat is remembered."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from imageway.providers.tables.section import Section, describe
from imageway.providers.tables.units import Duration

Shape = Literal["auto", "links", "images", "both", "inline"]

KEEP = 30 * 86_400.0


class Chat(Section):
    """How chat completions show pictures, and what is remembered of a chat."""

    pictures: Shape = describe(
        "auto",
        "links in the text, or `images` beside it where `modalities` has image; "
        "links, images, both; inline: base64 in the text",
    )
    previews: Annotated[int, Field(ge=0, le=10)] | None = describe(
        None,
        "unfinished pictures for each one in Open WebUI; "
        "without a word 2 where drawing is local, and none where they may cost",
    )
    keep: Duration = describe(KEEP, 'how long a chat\'s pictures can be edited; "0s": not at all')

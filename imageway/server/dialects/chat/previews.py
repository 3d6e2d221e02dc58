"""Unfinished pictures in Open WebUI's page: small ones, each in its place."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from imageway.core.errors import ImagewayError
from imageway.core.events import ImageReady, Preview
from imageway.core.picture import Picture
from imageway.painting import decode, thumbnail
from imageway.server.dialects.chat.lines import data_url

LONGEST_EDGE = 384
# Below this a picture is shown as it is.
SMALL = 48 * 1024


@dataclass(slots=True)
class Previews:
    """What the page shows now; it replaces all of it each time, so all of it is sent each time."""

    _shown: dict[int, Picture | str] = field(default_factory=dict[int, Picture | str])

    async def show(self, preview: Preview) -> list[str]:
        """Put a preview in its place and return everything that is to be shown."""
        self._shown[preview.index] = preview.picture
        return await self.urls()

    def finished(self, ready: ImageReady) -> None:
        """Remember a finished picture, which a later preview must not push off the page."""
        self._shown[ready.index] = ready.picture

    def drop(self, index: int) -> bool:
        """Forget the preview of a picture that failed; whether there was one."""
        return self._shown.pop(index, None) is not None

    async def urls(self) -> list[str]:
        """Everything that is to be shown, in the pictures' order."""
        for index, shown in list(self._shown.items()):
            if isinstance(shown, Picture):
                self._shown[index] = await asyncio.to_thread(_small, shown)
        return [str(self._shown[index]) for index in sorted(self._shown) if self._shown[index]]


def _small(picture: Picture) -> str:
    """A picture as a data URL of a few kilobytes; nothing where it cannot be read."""
    if picture.length <= SMALL:
        return data_url(picture)
    try:
        return data_url(Picture.from_bytes(thumbnail(decode(picture.bytes), LONGEST_EDGE)))
    except (ValueError, ImagewayError):
        return ""

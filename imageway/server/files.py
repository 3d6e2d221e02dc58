"""Pictures that are handed out as links: kept in memory, bounded, under ids nobody can guess."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

from imageway.core.picture import Picture

MOST_BYTES = 256 * 2**20
KEPT_SECONDS = 3600.0
HEADERS: Mapping[str, str] = {
    "Cache-Control": f"private, max-age={KEPT_SECONDS:.0f}, immutable",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """One picture, whose it is, and when it is forgotten."""

    picture: Picture
    caller: str
    until: float


class FileStore:
    """The newest pictures; the oldest go when there are too many bytes."""

    def __init__(
        self,
        most: int = MOST_BYTES,
        seconds: float = KEPT_SECONDS,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._most, self._seconds, self._clock = most, seconds, clock
        self._kept: dict[str, Kept] = {}
        self._bytes = 0

    async def put(self, picture: Picture, caller: str) -> str | None:
        """Keep a picture as bytes and return its id; None when it is too large to be kept."""
        if picture.length > self._most:
            return None
        plain = Picture.from_bytes(await picture.read(), max_pixels=picture.width * picture.height)
        name = f"file-{secrets.token_urlsafe(24)}"
        self._kept[name] = Kept(plain, caller, self._clock() + self._seconds)
        self._bytes += plain.length
        self._forget()
        return name

    def find(self, name: str, caller: str | None = None) -> Picture | None:
        """The picture of this id; with a caller, only their own."""
        self._forget()
        kept = self._kept.get(name)
        if kept is None or caller not in (None, kept.caller):
            return None
        return kept.picture

    def _forget(self) -> None:
        """Drop what is too old or too much; ids are in the order of their coming."""
        for name, kept in list(self._kept.items()):
            if self._bytes <= self._most and self._clock() < kept.until:
                return
            del self._kept[name]
            self._bytes -= kept.picture.length

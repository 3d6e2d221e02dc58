"""Pictures that are handed out as links: files that we name, bounded in age and in bytes."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from imageway.core.errors import ImagewayError
from imageway.core.picture import Picture
from imageway.providers.tables.storage import Storage
from imageway.server.metadata import strip
from imageway.server.writing import UNFINISHED, read_privately, write_privately

# Whose a picture is stands in its name on disk, and so survives a restart.
ON_DISK = re.compile(
    r"(?P<name>file-[0-9a-f]{48})\.(?P<owner>[A-Za-z0-9][A-Za-z0-9._-]{0,59})"
    r"\.(?P<format>png|jpeg|webp|avif|gif)"
)
# Somebody may be writing the younger ones just now.
ABANDONED = 3600.0
# They were measured against the limit when they came.
ANY_SIZE = 1 << 62
SWEEP_SECONDS = 3600.0

log = logging.getLogger("imageway")


@dataclass(frozen=True, slots=True)
class Kept:
    """One picture on disk: whose it is, and when it was written."""

    path: Path
    owner: str
    format: str
    length: int
    written: float

    @property
    def media_type(self) -> str:
        """The type that the bytes have; we gave the file its ending."""
        return f"image/{self.format}"


class FileStore:
    """The newest pictures of a folder; what is too old or too much goes."""

    def __init__(
        self,
        folder: Path,
        storage: Callable[[], Storage] = Storage,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.folder, self._storage, self._now = folder, storage, now
        self._lock = Lock()
        self._index: dict[str, Kept] | None = None
        self._bytes = 0

    @property
    def until(self) -> float:
        """When what is written now will be forgotten."""
        return self._now() + self._storage().keep

    def left(self, kept: Kept) -> float:
        """For how many seconds more a picture is kept."""
        return kept.written + self._storage().keep - self._now()

    async def put(self, picture: Picture, caller: str) -> str | None:
        """Write a picture down and return its id; None where it is too large or cannot be kept."""
        if picture.length > self._storage().size:
            return None
        try:
            data = await picture.read()
        except ImagewayError as error:
            log.warning("a picture cannot be kept: %s", error.info.message)
            return None
        return await asyncio.to_thread(self._keep, data, picture.format, caller)

    def look(self, name: str, caller: str | None = None) -> Kept | None:
        """Where the picture of this id lies; with a caller, only their own. Asks the disk."""
        kept = self._known().get(name)
        if kept is None or caller not in (None, kept.owner) or self._is_old(kept):
            return None
        try:
            mode = kept.path.lstat().st_mode
        except OSError:
            return None
        return kept if stat.S_ISREG(mode) else None

    def find(self, name: str, caller: str | None = None) -> Picture | None:
        """The picture of this id; with a caller, only their own. Reads the disk."""
        kept = self.look(name, caller)
        if kept is None:
            return None
        with suppress(OSError, ImagewayError):
            return Picture.from_bytes(read_privately(kept.path), max_pixels=ANY_SIZE)
        return None

    async def fetch(self, name: str, caller: str | None = None) -> Picture | None:
        """The same, away from the event loop."""
        return await asyncio.to_thread(self.find, name, caller)

    def sweep(self) -> None:
        """Delete what is too old or too much; the index is in the order of their coming."""
        index = self._known()
        with self._lock:
            for name, kept in list(index.items()):
                if self._bytes <= self._storage().size and not self._is_old(kept):
                    return
                del index[name]
                self._bytes -= kept.length
                with suppress(OSError):
                    kept.path.unlink()

    async def sweep_for_ever(self) -> None:
        """Sweep now and every hour, so that pictures go also where no new ones come."""
        while True:
            await asyncio.to_thread(self.sweep)
            await asyncio.sleep(SWEEP_SECONDS)

    def _keep(self, data: bytes, format_: str, caller: str) -> str | None:
        name = f"file-{secrets.token_hex(24)}"
        path = self.folder / f"{name}.{caller}.{format_}"
        if ON_DISK.fullmatch(path.name) is None:
            return None
        if self._storage().metadata == "strip":
            data = strip(data, f"image/{format_}")
        try:
            index, written = self._known(), self._now()
            write_privately(path, data, written)
        except OSError as error:
            log.warning("cannot keep a picture in %s: %s", self.folder, error.strerror)
            return None
        with self._lock:
            index[name] = Kept(path, caller, format_, len(data), written)
            self._bytes += len(data)
        self.sweep()
        return name

    def _known(self) -> dict[str, Kept]:
        """What lies in the folder, read once."""
        with self._lock:
            if self._index is None:
                found = sorted(self._files(), key=lambda each: each[1].written)
                self._index = dict(found)
                self._bytes = sum(kept.length for kept in self._index.values())
            return self._index

    def _files(self) -> Iterator[tuple[str, Kept]]:
        """Our own files; links and other people's names are passed over, abandoned drafts go."""
        for path, about in _regular_files(self.folder):
            if path.name.startswith(UNFINISHED) and about.st_mtime + ABANDONED < self._now():
                with suppress(OSError):
                    path.unlink()
            elif found := ON_DISK.fullmatch(path.name):
                size, written = about.st_size, about.st_mtime
                yield found["name"], Kept(path, found["owner"], found["format"], size, written)

    def _is_old(self, kept: Kept) -> bool:
        return self.left(kept) <= 0


def _regular_files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                about = entry.stat(follow_symlinks=False)
                if stat.S_ISREG(about.st_mode):
                    yield Path(entry.path), about

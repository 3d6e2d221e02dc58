"""A bounded folder of answers: each file is written whole or not at all, a damaged one goes."""

from __future__ import annotations

import os
import re
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Lock

from pydantic import BaseModel, ConfigDict, ValidationError

from imageway.providers.tables.keeping import Bounds

ENDING, PART = ".answer", ".part"
NAME = re.compile(rf"[0-9a-f]{{64}}{re.escape(ENDING)}")
# Other programs write here too, so that what is known of the folder grows old.
WRITES_BEFORE_A_NEW_LOOK = 1000
# What a program that died has left; a living one renames its file within the second.
LEFT_BEHIND_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Copy:
    """An answer as it was given, when (seconds since 1970), and where the next one is."""

    body: bytes
    at: float
    cursor: str | None
    digest: str

    @classmethod
    def of(cls, body: bytes, at: float, cursor: str | None) -> Copy:
        """Make a copy with its fingerprint."""
        digest = sha256(body)
        digest.update((cursor or "").encode(errors="surrogatepass"))
        return cls(body, at, cursor, digest.hexdigest())


class Head(BaseModel):
    """The first line of a file; what follows it is the answer."""

    model_config = ConfigDict(frozen=True)

    at: float
    cursor: str | None
    sha256: str


class Drawer:
    """Reads and writes one folder; everything here blocks and belongs into a thread."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._clock = clock
        self._sizes: OrderedDict[str, int] = OrderedDict()
        self._lock = Lock()
        self._writes_until_a_look = 0
        self.size = 0

    @property
    def count(self) -> int:
        """Files that are known of."""
        return len(self._sizes)

    def look(self) -> None:
        """Count what lies in the folder, if there is one; raises OSError."""
        with self._lock:
            if self.folder.is_dir():
                self._look()

    def read(self, key: str, most: int) -> Copy | None:
        """What was kept; a file that is damaged or too large is removed. Raises OSError."""
        path = self._path(key)
        with self._lock:
            if self._writes_until_a_look <= 0:
                self._look()
        try:
            with path.open("rb") as file:
                data = file.read() if os.fstat(file.fileno()).st_size <= most else b""
        except FileNotFoundError:
            return None
        copy = _read(data)
        if copy is None:
            path.unlink(missing_ok=True)
            return None
        # The folder's times are its order of use, also for a program that begins anew.
        with suppress(OSError):
            os.utime(path)
        return copy

    def write(self, key: str, copy: Copy, bounds: Bounds) -> None:
        """Keep an answer, once there is room for it; raises OSError and leaves no half of it."""
        data = _written(copy)
        if len(data) > bounds.size:
            return
        with self._lock:
            if self._writes_until_a_look <= 0 or not self.folder.is_dir():
                self._look()
            self._writes_until_a_look -= 1
            self._make_room(key, len(data), bounds)
            self._put(key, data)

    def _put(self, key: str, data: bytes) -> None:
        with NamedTemporaryFile(dir=self.folder, suffix=PART, delete=False) as part:
            try:
                part.write(data)
                part.flush()
                Path(part.name).replace(self._path(key))
            except OSError:
                Path(part.name).unlink(missing_ok=True)
                raise
        self._sizes[key] = len(data)
        self.size += len(data)

    def _make_room(self, key: str, size: int, bounds: Bounds) -> None:
        """Forget the old answer's size, and remove those that were longest of no use."""
        self.size -= self._sizes.pop(key, 0)
        while self._sizes and (self.count >= bounds.count or self.size + size > bounds.size):
            oldest, freed = self._sizes.popitem(last=False)
            self._path(oldest).unlink(missing_ok=True)
            self.size -= freed

    def _look(self) -> None:
        """Make the folder, or see what lies in it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._sizes = OrderedDict((key, size) for _, key, size in sorted(self._found()))
        self.size = sum(self._sizes.values())
        self._writes_until_a_look = WRITES_BEFORE_A_NEW_LOOK

    def _found(self) -> list[tuple[float, str, int]]:
        """When each was used, its key, and its size; what was left half-written is removed."""
        found: list[tuple[float, str, int]] = []
        with os.scandir(self.folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    state = entry.stat(follow_symlinks=False)
                    if NAME.fullmatch(entry.name):
                        key = entry.name.removesuffix(ENDING)
                        found.append((state.st_mtime, key, state.st_size))
                    elif self._is_left_behind(entry.name, state.st_mtime):
                        Path(entry.path).unlink()
        return found

    def _is_left_behind(self, name: str, at: float) -> bool:
        return name.endswith(PART) and self._clock() - at > LEFT_BEHIND_SECONDS

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{ENDING}"


def _written(copy: Copy) -> bytes:
    head = Head(at=copy.at, cursor=copy.cursor, sha256=copy.digest)
    return b"\n".join((head.model_dump_json().encode(), copy.body))


def _read(data: bytes) -> Copy | None:
    """The copy in a file; None where it is not whole."""
    line, _, body = data.partition(b"\n")
    try:
        head = Head.model_validate_json(line)
    except ValidationError:
        return None
    copy = Copy.of(body, head.at, head.cursor)
    return copy if copy.digest == head.sha256 else None

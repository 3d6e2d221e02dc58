"""Where pictures go: names, numbers, and a file that is there whole or not at all."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from secrets import token_hex
from typing import Protocol
from unicodedata import normalize

from imageway.core.errors import ImagewayError, invalid

FORMAT_BY_SUFFIX = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".webp": "webp",
    ".avif": "avif",
    ".gif": "gif",
}
LONGEST_SLUG = 40
STDOUT = "-"


class Destination(Protocol):
    """Where the pictures of one request go."""

    def save(self, data: bytes, kind: str, index: int, stem: str) -> Path:
        """Write one picture; a folder names it by stem, number and kind; raises OSError."""
        ...


def destination(output: str, pictures: int, *, force: bool) -> Destination:
    """Read -o: a folder, or a file that names its format; raises invalid_request."""
    path = Path(output)
    if path.is_dir() or output.endswith(("/", os.sep)):
        return Folder.prepare(path)
    if format_of(output) is not None:
        return Files.prepare(path, pictures, force=force)
    if not path.suffix:
        return Folder.prepare(path)
    raise invalid(
        "output",
        f"{output!r} is neither a folder nor a picture",
        f"end a file in {', '.join(FORMAT_BY_SUFFIX)}, and a new folder in /",
    )


def format_of(output: str) -> str | None:
    """The format that a file's name asks for."""
    return FORMAT_BY_SUFFIX.get(Path(output).suffix.lower())


def stem_of(prompt: str, otherwise: str) -> str:
    """The beginning of every file's name: the prompt in plain letters, where it has any."""
    plain = normalize("NFKD", prompt).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-")
    return f"imageway-{words or otherwise}"


@dataclass(slots=True)
class Folder:
    """A folder in which nothing is ever overwritten: each picture takes the next free number."""

    folder: Path
    taken: int | None = None

    @classmethod
    def prepare(cls, folder: Path) -> Folder:
        """Make the folder if need be."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unusable(folder, error.strerror) from error
        if not os.access(folder, os.W_OK):
            raise _unusable(folder, "it may not be written to")
        return cls(folder)

    def save(self, data: bytes, kind: str, index: int, stem: str) -> Path:
        """Write under the next number that is free, whoever else writes here."""
        if self.taken is None:
            numbers = [_number(path.name, stem) for path in self.folder.iterdir()]
            self.taken = max(numbers, default=0)
        part = _write_part(self.folder, data)
        try:
            numbered = (self.folder / f"{stem}-{self.taken + index + n}.{kind}" for n in count(1))
            return next(path for path in numbered if _claim(part, path))
        finally:
            part.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Files:
    """Exactly these files, one a picture."""

    paths: Sequence[Path]

    @classmethod
    def prepare(cls, path: Path, pictures: int, *, force: bool) -> Files:
        """Number the file when there are several pictures; refuse to overwrite unless forced."""
        if not path.parent.is_dir():
            raise _unusable(path, f"there is no folder {str(path.parent)!r}")
        numbered = [path.with_stem(f"{path.stem}-{number + 1}") for number in range(pictures)]
        paths = [path] if pictures == 1 else numbered
        existing = [each for each in paths if each.exists()]
        if existing and not force:
            raise invalid("output", f"{str(existing[0])!r} is already there", "overwrite: --force")
        return cls(paths)

    def save(self, data: bytes, kind: str, index: int, stem: str) -> Path:
        """Put the picture in the file's place in one step."""
        path = self.paths[index]
        part = _write_part(path.parent, data)
        try:
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return path


def _write_part(folder: Path, data: bytes) -> Path:
    part = folder / f".imageway-{token_hex(8)}.part"
    try:
        part.write_bytes(data)
    except OSError:
        part.unlink(missing_ok=True)
        raise
    return part


def _claim(part: Path, path: Path) -> bool:
    """Give a whole file its name unless the name is taken, in one step where links exist."""
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return False
    except OSError:
        if path.exists():
            return False
        part.rename(path)
    return True


def _number(name: str, stem: str) -> int:
    found = re.fullmatch(re.escape(stem) + r"-(\d{1,9})\.\w+", name)
    return int(found[1]) if found else 0


def _unusable(path: Path, reason: str | None) -> ImagewayError:
    return invalid("output", f"cannot write to {str(path)!r}: {reason}", "choose another with -o")

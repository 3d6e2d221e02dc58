"""Files for their owner alone: written whole or not at all, and never read through a link."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

# A draft's name begins so; it becomes a file when all of it is on the disk.
UNFINISHED = ".unfinished-"
NO_LINKS = getattr(os, "O_NOFOLLOW", 0)


def write_privately(path: Path, data: bytes, date: float | None = None) -> None:
    """Write a file that appears whole, with this date; raises OSError and then leaves nothing."""
    path.parent.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    draft = path.with_name(f"{UNFINISHED}{secrets.token_hex(8)}")
    try:
        _write(draft, data)
        if date is not None:
            os.utime(draft, (date, date))
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def read_privately(path: Path, most: int = -1) -> bytes:
    """Read a file that is no link, and see to it that only its owner can."""
    with os.fdopen(os.open(path, os.O_RDONLY | NO_LINKS), "rb") as file:
        if os.fstat(file.fileno()).st_mode & 0o077:
            os.fchmod(file.fileno(), 0o600)
        return file.read(most)


def _write(draft: Path, data: bytes) -> None:
    made = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(made, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())

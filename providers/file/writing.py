"""A file of the operator's, written whole or not at all, with a copy of what it was."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from secrets import token_hex


def write_whole(path: Path, text: str) -> None:
    """Put a text in a file's place in one step; rights and owner's bits stay as they were.

    Raises OSError, and then the file is what it was.
    """
    # A link stays a link: what it leads to is written.
    path = path.resolve()
    part = path.with_name(f".{path.name}.{token_hex(6)}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def back_up(path: Path) -> Path:
    """Copy a file beside itself under a name that is free; raises OSError."""
    names = (path.with_name(f"{path.name}.bak{number or ''}") for number in range(1000))
    backup = next(each for each in names if not each.exists())
    shutil.copy2(path, backup)
    return backup

"""Where the command line keeps the trace of a bug, so that the terminal stays readable."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def log_file() -> Path:
    """The file that traces go to; made only when there is something to write."""
    home = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "imageway" / "imageway.log"


def wants_debug(debug: bool) -> bool:
    """Whether a trace may be shown."""
    return debug or os.environ.get("IMAGEWAY_DEBUG", "") not in ("", "0")


@contextmanager
def kept(*, debug: bool) -> Generator[None]:
    """Send warnings and traces to the file while the block lasts; to stderr too for who debugs."""
    handlers = [LateFile(), *([logging.StreamHandler(sys.stderr)] if debug else [])]
    root = logging.getLogger()
    for handler in handlers:
        handler.setFormatter(logging.Formatter(FORMAT))
        root.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            root.removeHandler(handler)


class LateFile(logging.Handler):
    """Appends to the log file; where that cannot be written, the trace is lost in silence."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        path = log_file()
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with path.open("a", encoding="utf-8", errors="backslashreplace") as file:
                file.write(self.format(record) + "\n")
        except OSError:
            return

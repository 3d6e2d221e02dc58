"""The table of docs/support.md; `python -m imageway.cli.support docs/support.md` writes it anew."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path

from imageway.cli.conforming import subjects
from imageway.providers.file.documenting import rewrite
from imageway.providers.registry import GROUP
from imageway.testing.playing import prove
from imageway.testing.support import table

PACKAGE = "imageway"


def support() -> str:
    """The adapters that come with imageway, put to the proof and told as Markdown."""
    points = entry_points(group=GROUP)
    names = sorted(point.name for point in points if point.dist and point.dist.name == PACKAGE)
    return table([prove(subject) for subject in subjects(names, None, None)])


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(rewrite(page.read_text(encoding="utf-8"), support()), encoding="utf-8")

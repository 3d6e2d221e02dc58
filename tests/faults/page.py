"""The tables of docs/failures.md, made from the rows that the tests play.

`python -m tests.faults.page docs/failures.md` writes them anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

from imageway.providers.file.documenting import rewrite
from tests.faults import table, wire_table

SECOND = "## On the wire\n"


def written(page: str) -> str:
    """The same page with both of its tables made anew."""
    first, heading, second = page.partition(SECOND)
    return rewrite(first, table.as_markdown()) + heading + rewrite(second, wire_table.as_markdown())


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")

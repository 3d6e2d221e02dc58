"""Bugs that are seeded into our own adapters one at a time, and who must notice each."""

from tests.testing.bugs import answering, asking, demo, qwen
from tests.testing.bugs.bug import Bug, Kind

BUGS = (*asking.BUGS, *answering.BUGS, *demo.BUGS, *qwen.BUGS)

__all__ = ["BUGS", "Bug", "Kind"]

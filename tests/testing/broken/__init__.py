"""Adapters that break one promise each, and the scenario that must notice it."""

from tests.testing.broken import answering, asking, ending, failing, paying, promising
from tests.testing.broken.catalogue import BROKEN, Broken

__all__ = ["BROKEN", "Broken", "answering", "asking", "ending", "failing", "paying", "promising"]

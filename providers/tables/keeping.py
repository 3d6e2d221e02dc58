"""The table gallery of plugins.toml: how long a last good answer serves, and how much is kept."""

from __future__ import annotations

from dataclasses import dataclass

from imageway.providers.tables.section import Section, describe
from imageway.providers.tables.units import ByteCount, Duration, Positive, PositiveDuration


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many answers are kept in one place, and how many bytes they have together."""

    count: int
    size: int


class Keeping(Section):
    """What is remembered of a vendor's gallery, for the time when the vendor fails."""

    cache: Duration = describe(600.0, "so long an answer serves before the vendor is asked again")
    stale_for: Duration = describe(
        86_400.0, "so old an answer may be to stand in while the vendor fails, and is marked stale"
    )
    timeout: PositiveDuration = describe(
        20.0, "one try; past it an answer that is kept is better than a longer wait"
    )
    queries: Positive = describe(10_000, "answers that are kept, in memory and on disk alike")
    memory: ByteCount = describe(32 * 2**20, "memory for them")
    disk: ByteCount = describe(256 * 2**20, "room for them under gateway.state")

    @property
    def in_memory(self) -> Bounds:
        """How much is kept in memory."""
        return Bounds(self.queries, self.memory)

    @property
    def on_disk(self) -> Bounds:
        """How much is kept on disk."""
        return Bounds(self.queries, self.disk)

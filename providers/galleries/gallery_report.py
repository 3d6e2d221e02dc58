"""How a gallery stands, as data: what it answered and from where, what is kept, what is wrong."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from imageway.core.adapter import BrowsesGallery
from imageway.core.breaker import State as BreakerState
from imageway.providers.galleries.gallery import Listing
from imageway.providers.registry import Provider


class Answered(BaseModel):
    """How many pages came from the vendor, from a copy, from one that stood in, and not at all."""

    model_config = ConfigDict(frozen=True)

    fresh: int = 0
    cached: int = 0
    stale: int = 0
    refused: int = 0


class Place(BaseModel):
    """How many answers lie in one place, and how many bytes they have."""

    model_config = ConfigDict(frozen=True)

    answers: int = 0
    bytes: int = 0


class ListReport(BaseModel):
    """One of the vendor's lists: its words where it fails, and the age of what stood in."""

    model_config = ConfigDict(frozen=True)

    name: str
    breaker: BreakerState
    breaker_seconds: float
    failing: str | None
    failing_seconds: float
    oldest_stale_seconds: float


class GalleryReport(BaseModel):
    """One gallery: each list that was asked for, and the answers that are kept."""

    model_config = ConfigDict(frozen=True)

    answered: Answered
    memory: Place
    disk: Place | None
    disk_problem: str | None
    lists: tuple[ListReport, ...] = ()


def gallery_report(provider: Provider) -> GalleryReport | None:
    """Look at a provider's gallery; None where it has none."""
    if not isinstance(provider.adapter, BrowsesGallery):
        return None
    gallery = provider.state.gallery
    kept = gallery.kept
    return GalleryReport(
        answered=Answered(**gallery.outcomes),
        memory=Place(answers=kept.shelf.count, bytes=kept.shelf.size),
        disk=kept.drawer and Place(answers=kept.drawer.count, bytes=kept.drawer.size),
        disk_problem=kept.problem,
        lists=tuple(_of(listing) for listing in gallery.listings.values()),
    )


def _of(listing: Listing) -> ListReport:
    breaker, trouble = listing.breaker, listing.trouble
    return ListReport(
        name=listing.name,
        breaker=breaker.state,
        breaker_seconds=round(breaker.seconds_left, 1),
        failing=trouble and f"{trouble.code}: {trouble.message}",
        failing_seconds=round(listing.failing_seconds, 1),
        oldest_stale_seconds=round(listing.oldest_stale, 1),
    )

"""How a gallery stands, as data: what it answered and from where, what is kept, what is wrong."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from imageway.core.adapter import BrowsesGallery
from imageway.core.breaker import State as BreakerState
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


class GalleryReport(BaseModel):
    """One gallery; `failing` are the vendor's words, `oldest_stale` the age of what stood in."""

    model_config = ConfigDict(frozen=True)

    breaker: BreakerState
    breaker_seconds: float
    answered: Answered
    memory: Place
    disk: Place | None
    disk_problem: str | None
    failing: str | None
    failing_seconds: float
    oldest_stale_seconds: float


def gallery_report(provider: Provider) -> GalleryReport | None:
    """Look at a provider's gallery; None where it has none."""
    if not isinstance(provider.adapter, BrowsesGallery):
        return None
    gallery = provider.state.gallery
    kept, trouble = gallery.kept, gallery.trouble
    since = gallery.failing_since
    return GalleryReport(
        breaker=gallery.breaker.state,
        breaker_seconds=round(gallery.breaker.seconds_left, 1),
        answered=Answered(**gallery.outcomes),
        memory=Place(answers=kept.shelf.count, bytes=kept.shelf.size),
        disk=kept.drawer and Place(answers=kept.drawer.count, bytes=kept.drawer.size),
        disk_problem=kept.problem,
        failing=trouble and f"{trouble.code}: {trouble.message}",
        failing_seconds=0.0 if since is None else round(max(0.0, gallery.now() - since), 1),
        oldest_stale_seconds=round(gallery.oldest_stale, 1),
    )

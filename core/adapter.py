"""The port: what every adapter is, and the powers that some have besides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable

from pydantic import JsonValue

from imageway.core.capability import Capabilities
from imageway.core.powers import (
    Entitlement,
    GalleryPage,
    Health,
    Lost,
    ModelInfo,
    Quote,
    Recipe,
    ServiceHealth,
)
from imageway.core.request import ImageRequest
from imageway.core.run import Run


@runtime_checkable
class Adapter(Protocol):
    """Speaks one vendor's language; made with (config, http, memo), config being its own Config."""

    async def describe(self, model: str) -> Capabilities:
        """Say what a model can do; an unknown one is described permissively, never refused."""
        ...

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Draw what is asked, and keep five promises.

        Each picture goes into the run the moment its bytes are here, and each verdict on one
        picture too. It returns when nothing more will come and raises ImagewayError when the
        call itself failed. Every option that it claims reaches the wire. Cancelled, it stops at
        once and tells the vendor if the vendor can be told. It neither retries nor waits but
        between polls, caches nothing, logs no secret, and remembers only through its memo.
        """
        ...


@runtime_checkable
class ListsModels(Protocol):
    """Can say which models the vendor has for this account."""

    async def models(self) -> Sequence[ModelInfo]:
        """Ask the vendor, for free."""
        ...


@runtime_checkable
class ChecksHealth(Protocol):
    """Can ask the vendor, for free, whether it is well."""

    async def check(self) -> Health:
        """Ask once."""
        ...


@runtime_checkable
class Resumes(Protocol):
    """Can pick up a call after a crash."""

    async def resume(self, lost: Lost, run: Run) -> None:
        """Bring what the lost call made; the run's indices are what is missing."""
        ...


@runtime_checkable
class Quotes(Protocol):
    """Can say the price before the work."""

    async def quote(self, request: ImageRequest) -> Quote:
        """Ask the vendor, for free."""
        ...


@runtime_checkable
class ChecksEntitlement(Protocol):
    """Can say whether this account may use a model now."""

    async def entitlement(self, model: str, *, recheck: bool = False) -> Entitlement:
        """Ask the vendor, for free; a recheck, right after a purchase, believes no earlier no."""
        ...


@runtime_checkable
class BrowsesGallery(Protocol):
    """Can list pictures that the vendor shows in public."""

    async def browse(self, query: Mapping[str, JsonValue]) -> GalleryPage:
        """Ask for one page; wrong names or values raise invalid_request before anything is sent."""
        ...


@runtime_checkable
class ChecksQueries(Protocol):
    """Can tell a wrong query of its gallery from a right one while the vendor is down."""

    def check_query(self, query: Mapping[str, JsonValue]) -> None:
        """Raise invalid_request for a wrong name or value; nobody is asked."""
        ...


@runtime_checkable
class RecallsRecipes(Protocol):
    """Can say how a picture of the vendor's gallery was made."""

    async def recipe(self, item: str) -> Recipe:
        """Ask by the picture's id, for free; raises not_found, or unsupported if none is told."""
        ...


@runtime_checkable
class KnowsServices(Protocol):
    """Has learned from its own calls how each of the vendor's services is."""

    def services(self) -> Sequence[ServiceHealth]:
        """Tell what is known; nobody is asked."""
        ...

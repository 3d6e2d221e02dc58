"""Asking a gallery: a copy that is new enough, else the vendor, else the last good answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

import orjson
from pydantic import JsonValue

from imageway.core.adapter import BrowsesGallery, ChecksQueries
from imageway.core.door import guarded_now
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError, invalid
from imageway.core.powers import GalleryPage
from imageway.providers.asking import Asking, ask_through
from imageway.providers.galleries.drawer import Copy
from imageway.providers.galleries.gallery import STOOD_IN_FOR, Gallery, Listing, Outcome
from imageway.providers.loading import nearest
from imageway.providers.probing import services_of
from imageway.providers.registry import Provider

Query = Mapping[str, JsonValue]

# Seconds in which a vendor that has failed lately must answer, where a copy is at hand; its answer
# is taken in all the same when it comes later.
PATIENCE = 2.0
SLOW = ErrorInfo(
    code=ErrorCode.TIMEOUT,
    message=f"no answer within {PATIENCE:g} seconds",
    origin="vendor",
)


@dataclass(frozen=True, slots=True)
class Stale:
    """How old an answer is that stands in, and why there is no newer one."""

    age_seconds: int
    reason: str

    def told(self) -> dict[str, JsonValue]:
        """The same as data."""
        return {"age_seconds": self.age_seconds, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Shown:
    """One page as it is handed out: its items are JSON already, for most callers want that."""

    copy: Copy
    stale: Stale | None = None

    @property
    def page(self) -> GalleryPage:
        """The same as values."""
        return GalleryPage.model_validate_json(
            b'{"items":%b,"cursor":%b}' % (self.copy.body, orjson.dumps(self.copy.cursor))
        )


async def browse(provider: Provider, query: Query) -> Shown:
    """Show one page; raises invalid_request for a wrong query, unavailable where there is none."""
    adapter = browsable(provider)
    gallery, key = provider.state.gallery, _key(provider, query)
    copy = gallery.kept.at_hand(key)
    if copy is None or not _is_fresh(provider, copy):
        if isinstance(adapter, ChecksQueries):
            guarded_now(lambda: adapter.check_query(query))
        keeping = provider.policies.gallery
        copy = await gallery.kept.find(key, keeping.in_memory, keeping.on_disk)
    if copy is not None and _is_fresh(provider, copy):
        return _handed_out(gallery, "cached", copy)
    question = Question(provider, adapter, query, key, _listing(gallery, query), copy)
    try:
        fresh = await _asked(question)
    except ImagewayError as error:
        return _made_up_for(question, error)
    return _handed_out(gallery, "fresh", fresh)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, of which list, and the copy that is to be replaced."""

    provider: Provider
    adapter: BrowsesGallery
    query: Query
    key: str
    listing: Listing
    copy: Copy | None

    @property
    def stand_in(self) -> Copy | None:
        """The copy, if it is not too old to be shown for want of a newer one."""
        gallery, longest = self.provider.state.gallery, self.provider.policies.gallery.stale_for
        usable = self.copy is not None and gallery.age(self.copy) < longest
        return self.copy if usable else None


def _listing(gallery: Gallery, query: Query) -> Listing:
    kind = query.get("kind")
    return gallery.listing(kind) if isinstance(kind, str) and kind else gallery.listing()


def named(providers: Mapping[str, Provider], name: str | None) -> Provider:
    """The provider of a name, or the only one with a gallery; raises not_found or unsupported."""
    having = [each for each in providers.values() if isinstance(each.adapter, BrowsesGallery)]
    if name is None and len(having) == 1:
        return having[0]
    if name is None:
        raise _no_choice([each.name for each in having], providers)
    if name in providers:
        return providers[name]
    raise ImagewayError(
        ErrorCode.NOT_FOUND,
        f"there is no provider {name[:100]!r}",
        hint=nearest(name[:100], providers),
        details={"param": "provider"},
    )


def _no_choice(having: list[str], providers: Mapping[str, Provider]) -> ImagewayError:
    if having:
        return invalid("provider", "more than one has a gallery", f"name one: {', '.join(having)}")
    disabled = [f"{n} is disabled: {p.disabled}" for n, p in providers.items() if p.disabled]
    message = "no provider of this configuration has a gallery"
    return ImagewayError(ErrorCode.UNSUPPORTED, message, hint="; ".join(disabled) or None)


def browsable(provider: Provider) -> BrowsesGallery:
    """The adapter as one that browses; raises unavailable or unsupported where it is none.

    One that is switched off for a while is one still: its last good answers stand in.
    """
    if provider.adapter is None:
        raise switched_off(provider)
    if not isinstance(provider.adapter, BrowsesGallery):
        raise ImagewayError(
            ErrorCode.UNSUPPORTED,
            f"{provider.name} has no gallery: its adapter {provider.config.adapter!r} shows none",
            provider=provider.name,
        )
    return provider.adapter


def switched_off(provider: Provider) -> ImagewayError:
    """What is said where a provider must not be asked."""
    message = f"{provider.name} is disabled: {provider.disabled}"
    return ImagewayError(ErrorCode.UNAVAILABLE, message, provider=provider.name)


def canonical(query: Query) -> list[list[JsonValue]]:
    """The same for every way to write a query: names in order, and each value a list of texts."""
    return [[name, [*map(_text, _values(query[name]))]] for name in sorted(query)]


def _values(value: JsonValue) -> list[JsonValue]:
    return value if isinstance(value, list) else [value]


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _key(provider: Provider, query: Query) -> str:
    """A fingerprint of the query and of whom it is asked; a new key of ours changes nothing."""
    own = {} if provider.own is None else vars(provider.own)
    where = [value for value in own.values() if isinstance(value, str) and "://" in value]
    asked = json.dumps([provider.config.adapter, where, canonical(query)])
    return sha256(asked.encode()).hexdigest()


def _is_fresh(provider: Provider, copy: Copy) -> bool:
    """Whether it serves without a question; one from the future is not to be trusted so far."""
    return 0 <= provider.state.gallery.age(copy) < provider.policies.gallery.cache


async def _asked(question: Question) -> Copy:
    """Ask once for all who wait for the page; who has a copy waits little for a sick vendor."""
    provider, listing = question.provider, question.listing
    memo, place = provider.memo, ("imageway", "gallery", question.key)
    if provider.disabled or memo is None:
        raise switched_off(provider)

    async def asking() -> Copy:
        try:
            return await _refreshed(question)
        finally:
            memo.forget(place)

    hurries = question.stand_in is not None and listing.trouble is not None
    try:
        async with asyncio.timeout(PATIENCE if hurries else None):
            return await memo.remember(place, 0, asking)
    except TimeoutError:
        raise ImagewayError.carrying(listing.trouble or SLOW) from None


async def _refreshed(question: Question) -> Copy:
    """Ask, and keep what comes; while the vendor is known to fail, each question is asked once."""
    provider, listing = question.provider, question.listing
    gallery, keeping = provider.state.gallery, provider.policies.gallery
    seconds = min(keeping.timeout, provider.policies.timeout.attempt)
    asking = Asking(listing.breaker, gallery.repeating, seconds, gallery.slots)
    repeats = question.stand_in is None and listing.trouble is None
    try:
        page = await ask_through(
            asking, provider.name, lambda: question.adapter.browse(question.query), repeats=repeats
        )
    except ImagewayError as error:
        listing.is_ill(error.info)
        raise
    listing.is_well()
    copy = await asyncio.to_thread(_copied, page, gallery.now())
    await gallery.kept.keep(question.key, copy, keeping.in_memory, keeping.on_disk)
    return copy


def _copied(page: GalleryPage, at: float) -> Copy:
    """The items as JSON; numbers and letters that only the slower writer takes come too."""
    try:
        body = orjson.dumps(page.items)
    except TypeError:
        body = json.dumps(page.items, separators=(",", ":")).encode()
    return Copy.of(body, at, page.cursor)


def _handed_out(gallery: Gallery, outcome: Outcome, copy: Copy) -> Shown:
    gallery.outcomes[outcome] += 1
    return Shown(copy)


def _made_up_for(question: Question, error: ImagewayError) -> Shown:
    """The last good answer instead of the vendor's failure; what concerns who asked is raised."""
    provider, listing, copy = question.provider, question.listing, question.stand_in
    gallery = provider.state.gallery
    if error.info.code not in STOOD_IN_FOR or (provider.disabled and question.copy is None):
        raise error
    if copy is None:
        gallery.outcomes["refused"] += 1
        raise _unavailable(question, error.info) from error
    age = max(0.0, gallery.age(copy))
    listing.oldest_stale = max(listing.oldest_stale, age)
    shown = _handed_out(gallery, "stale", copy)
    return replace(shown, stale=Stale(int(age), provider.disabled or listing.reason(error.info)))


def _unavailable(question: Question, error: ErrorInfo) -> ImagewayError:
    """What is said where nothing stands in: the vendor's failure, and all else that is known."""
    provider, listing = question.provider, question.listing
    told, known = listing.told(error), services_of(provider)
    sick = [each for each in known if each.status in {"degraded", "down"}]
    waits = [error.retry_after, told.retry_after, listing.breaker.seconds_left]
    return ImagewayError(
        ErrorCode.UNAVAILABLE,
        f"{provider.name} fails and {_of_copy(question)}: {listing.reason(error)}",
        hint="; ".join(f"{each.name}: {each.detail or each.code}" for each in sick) or told.hint,
        origin=told.origin,
        retry_after=max((each for each in waits if each), default=None),
        provider=provider.name,
        vendor_code=told.vendor_code,
        vendor_message=told.vendor_message,
        details={
            "failure": str(told.code),
            "services": [each.model_dump(mode="json") for each in known],
        },
        request_id=told.request_id,
    )


def _of_copy(question: Question) -> str:
    if question.copy is None:
        return "has not answered this query before"
    hours = question.provider.state.gallery.age(question.copy) / 3600
    return f"its last answer to this query is too old, {hours:.1f} hours"

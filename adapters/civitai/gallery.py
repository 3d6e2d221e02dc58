"""The gallery: pictures and models of the site, page by page, from a second source if need be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit
from uuid import uuid4

from pydantic import JsonValue

from imageway.adapters.civitai.config import CivitaiConfig
from imageway.adapters.civitai.gallery_cursor import cursor_of
from imageway.adapters.civitai.gallery_model import with_model
from imageway.adapters.civitai.gallery_page import Item, Leaf, named, read_leaf
from imageway.adapters.civitai.gallery_query import Asked, names_of, read_query
from imageway.adapters.civitai.gallery_words import Kind
from imageway.adapters.civitai.live_words import check_words
from imageway.adapters.civitai.services import LISTS, Services
from imageway.adapters.civitai.site import Site
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError, invalid
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.powers import GalleryPage, ServiceHealth
from imageway.core.reply import Explain, Reply

# A hundred models with all their files are several megabytes.
LARGEST_PAGE = 32 << 20
# What says that a source is sick, and not that the question is wrong.
SICK = frozenset(
    {ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT, ErrorCode.NETWORK, ErrorCode.BAD_ANSWER}
)
# While the first source fails, the second is asked at once, and the first once in so many seconds.
TRIED_EVERY = 30.0
# A failure that an edge has kept for longer is asked for behind the edge: it may be over.
STALE_FAILURE = 10.0
# A statement that timed out: one popular model is too much for the older back end.
TOO_MUCH_BY_CODE: Mapping[str, str] = {
    "57014": "; if it was one modelId, ask by modelVersionId instead"
}
ANEW = "begin anew, without a cursor"


@dataclass(frozen=True, slots=True)
class Source:
    """One site with the lists; a key is only sent where it belongs."""

    number: int
    base_url: str
    headers: Mapping[str, str]
    services: Services

    @property
    def host(self) -> str:
        """Its name, as items tell it."""
        return urlsplit(self.base_url).netloc


class Gallery:
    """Asks the first source, and another where one is configured and the first is sick."""

    def __init__(
        self,
        config: CivitaiConfig,
        http: Http,
        memo: Memo,
        site: Site,
        services: Services,
    ) -> None:
        self._http, self._site = http, site
        self._sources = [Source(0, config.base_url, config.headers, services)]
        if config.gallery_fallback_url is not None:
            headers = config.headers if config.gallery_fallback_takes_key else {}
            host = urlsplit(config.gallery_fallback_url).netloc
            other = Services(memo.now, services.explain, host, tuple(sorted(LISTS)))
            self._sources.append(Source(1, config.gallery_fallback_url, headers, other))

    def check(self, given: Mapping[str, JsonValue]) -> Asked:
        """The query as it is sent; raises invalid_request for what the site does not take."""
        return read_query(with_model(given, self._site.host))

    async def browse(self, given: Mapping[str, JsonValue]) -> GalleryPage:
        """One page; a list goes on at the source where it began."""
        asked = self.check(given)
        await check_words(asked, self._site)
        leaf, source = await self._asked(asked)
        then = None if leaf.then is None else cursor_of(leaf.then, asked.identity)
        wanted = asked.query.username
        told: Item = {"imageway": {"source": source.host}} if len(self._sources) > 1 else {}
        items = [{**named(item, wanted), **told} for item in leaf.items]
        return GalleryPage(items=tuple(items), cursor=then)

    async def _asked(self, asked: Asked) -> tuple[Leaf, Source]:
        """The first source's answer that is one; where all are sick, the word of the first."""
        sick: list[ImagewayError] = []
        for source in self._order(asked):
            try:
                return await self.ask(source, asked), source
            except ImagewayError as error:
                if error.info.code not in SICK:
                    raise
                sick.append(error)
        raise sick[0]

    def _order(self, asked: Asked) -> Sequence[Source]:
        """Who is asked in turn: where a list has begun it goes on; the sick come last."""
        if asked.place is not None:
            if asked.place.source >= len(self._sources):
                raise invalid("cursor", "cursor: its source is not configured any more", ANEW)
            return [self._sources[asked.place.source]]
        first, *others = self._sources
        if others and first.services.failed_within(asked.kind, TRIED_EVERY):
            return [*others, first]
        return self._sources

    async def ask(self, source: Source, asked: Asked) -> Leaf:
        """One page of one source; what is known of the source goes with its failure."""
        try:
            return await self._read(source, asked, None)
        except ImagewayError as error:
            if not _is_kept_failure(error.info):
                raise _informed(error, source.services.health(asked.kind), asked.kind) from None
        try:
            return await self._read(source, asked, uuid4().hex)
        except ImagewayError as error:
            raise _informed(error, source.services.health(asked.kind), asked.kind) from None

    async def _read(self, source: Source, asked: Asked, fresh: str | None) -> Leaf:
        pairs = asked.pairs(fresh)
        path = f"{source.base_url}/api/v1/{asked.kind}"
        url = f"{path}?{urlencode(pairs, quote_via=quote)}" if pairs else path

        async def call(explain: Explain) -> Reply:
            return await self._http.exchange(
                "GET", url, headers=source.headers, explain=explain, limit=LARGEST_PAGE
            )

        return await source.services.hear(
            asked.kind,
            call,
            lambda reply: read_leaf(reply, source.number),
            has_parameters=bool(asked.pairs()),
        )

    def services(self) -> Iterator[ServiceHealth]:
        """How the lists of the second source are, once one is configured."""
        for source in self._sources[1:]:
            yield from source.services.told()


def _is_kept_failure(info: ErrorInfo) -> bool:
    """Whether an edge told what went wrong a while ago, which may be over."""
    age = info.details.get("age")
    is_old = isinstance(age, float) and age >= STALE_FAILURE
    return is_old and info.code in SICK


def _informed(error: ImagewayError, health: ServiceHealth, kind: Kind) -> ImagewayError:
    """The same failure, with what is known of the service, or which part of the query it was."""
    info = error.info
    if info.code is ErrorCode.INVALID_REQUEST:
        name = (info.vendor_message or "").partition(":")[0]
        known: dict[str, JsonValue] = {"param": name} if name in names_of(kind) else {}
        update: dict[str, object] = {"details": {**info.details, **known}}
    elif info.code in SICK | {ErrorCode.RATE_LIMITED}:
        known = {"service": health.name, "service_code": health.code}
        hint = f"{health.name}: {health.detail}{TOO_MUCH_BY_CODE.get(info.vendor_code or '', '')}"
        update = {"details": {**info.details, **known}, "hint": hint}
    else:
        return error
    return ImagewayError.carrying(info.model_copy(update=update))

"""GET /v1/gallery/{provider}: pictures that a vendor shows, also while the vendor fails."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import orjson
from aiohttp import web
from multidict import MultiDict
from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.galleries.browsing import Shown
from imageway.server.auth import caller_of
from imageway.server.state import gateway_of
from imageway.serving.problems import Refused, problem_of

# Whoever has a copy of his own asks before he shows it.
CACHING = "private, no-cache"


async def show_gallery(request: web.Request) -> web.Response:
    """One page for the query as it is; names that are repeated become lists."""
    caller_of(request)
    try:
        shown = await gateway_of(request).way.gallery(
            request.match_info["provider"], query_of(request)
        )
    except ImagewayError as error:
        raise _refused(error) from error
    return _unchanged(request, shown) or _answered(request, shown)


def query_of(request: web.Request) -> dict[str, JsonValue]:
    """The query string; nothing of it is changed or left out."""
    query: dict[str, JsonValue] = {}
    for name in dict.fromkeys(request.query):
        values = request.query.getall(name)
        query[name] = values[0] if len(values) == 1 else [*values]
    return query


def _answered(request: web.Request, shown: Shown) -> web.Response:
    tag = _tag(shown)
    return web.Response(
        body=b"".join(_parts(request, shown)),
        content_type="application/json",
        headers={"Cache-Control": CACHING, **({"ETag": tag} if tag else {})},
    )


def _parts(request: web.Request, shown: Shown) -> Iterator[bytes]:
    """The answer, around items that were written when they came."""
    yield b'{"items":'
    yield shown.copy.body
    yield b',"metadata":'
    yield orjson.dumps(_metadata(request, shown.copy.cursor))
    if shown.stale is not None:
        yield b',"stale":'
        yield orjson.dumps(shown.stale.told())
    yield b"}"


def _metadata(request: web.Request, cursor: str | None) -> dict[str, JsonValue]:
    if cursor is None:
        return {}
    query: MultiDict[str] = MultiDict(request.query)
    query["cursor"] = cursor
    base = gateway_of(request).settings.public_url or f"{request.scheme}://{request.host}"
    page = request.rel_url.with_query(query)
    return {"nextCursor": cursor, "nextPage": f"{base.rstrip('/')}{page}"}


def _tag(shown: Shown) -> str | None:
    """What is stale says how old it is, so that it is another answer every second."""
    return None if shown.stale else f'"{shown.copy.digest[:32]}"'


def _unchanged(request: web.Request, shown: Shown) -> web.Response | None:
    """304 for whoever has this page already."""
    tag = _tag(shown)
    known = request.if_none_match or ()
    if tag is None or not any(each.value in {tag.strip('"'), "*"} for each in known):
        return None
    return web.Response(status=304, headers={"ETag": tag, "Cache-Control": CACHING})


def _refused(error: ImagewayError) -> ImagewayError | Refused:
    """An unknown provider is not an unknown model."""
    info = error.info
    if info.code is ErrorCode.NOT_FOUND and info.param == "provider":
        return Refused(replace(problem_of(info), code="provider_not_found"))
    return error

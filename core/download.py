"""Fetching what a vendor's answer points to: every hop checked, no key for strangers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from yarl import URL

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.network import check_url
from imageway.core.polling import Sleep
from imageway.core.reply import CODE_BY_STATUS, explain_status

# Gives the bytes, or where they are instead.
Fetch = Callable[[URL, Mapping[str, str]], Awaitable[bytes | str]]

MOST_REDIRECTS = 3
MOST_REPEATS = 2
WAIT = 0.5
REPEATED = frozenset({ErrorCode.NETWORK, ErrorCode.TIMEOUT})
ABOUT_THE_ADDRESS = frozenset(CODE_BY_STATUS) - {408, 429, 504}


async def download(url: str, headers: Mapping[str, str], fetch: Fetch, sleep: Sleep) -> bytes:
    """Fetch a file, again at most twice when the connection is cut."""
    for repeat in range(MOST_REPEATS):
        try:
            return await _follow(url, headers, fetch)
        except ImagewayError as error:
            if error.info.code not in REPEATED:
                raise
        await sleep(WAIT * 2**repeat)
    return await _follow(url, headers, fetch)


async def _follow(url: str, headers: Mapping[str, str], fetch: Fetch) -> bytes:
    first = target = check_url(url)
    for _ in range(MOST_REDIRECTS + 1):
        found = await fetch(target, headers if target.origin() == first.origin() else {})
        if isinstance(found, bytes):
            return found
        target = _next_hop(target, found)
    raise _bad(f"the picture's address redirects more than {MOST_REDIRECTS!r} times")


def _next_hop(here: URL, location: str) -> URL:
    try:
        there = here.join(URL(location))
    except ValueError:
        raise _bad("the picture's address redirects to no address") from None
    if here.scheme == "https" and there.scheme == "http":
        raise _bad("the picture's address redirects from https to http")
    return check_url(str(there))


def explain_download(status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
    """Blame the address and not our key or the model, which had their say before."""
    if status in ABOUT_THE_ADDRESS:
        return _bad(f"the picture's address answered with HTTP {status}")
    return explain_status(status, headers, body)


def _bad(message: str) -> ImagewayError:
    return ImagewayError(ErrorCode.BAD_ANSWER, message, origin="vendor")

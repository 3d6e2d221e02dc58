"""A body as it comes, for adapters that frame it themselves: bounded, patient between parts."""

from __future__ import annotations

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.outgoing import Times
from imageway.core.run import Run
from tests.core.samples import listening
from tests.loopback import Loopback, loopback
from tests.virtual import swiftly

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/anything\r\nConnection: close\r\n\r\n"


async def read(
    site: Loopback, run: Run | None = None, *, between: bool = True, limit: int = 99
) -> tuple[bytes, ErrorInfo | None]:
    found = b""
    async with Http(private=True, times=Times(first_byte=60, idle=10)) as http:
        try:
            async for chunk in http.chunks(
                "POST", site.url, lambda: between, paid=run, limit=limit
            ):
                found += chunk
        except ImagewayError as error:
            return found, error.info
    return found, None


async def test_a_body_of_any_type_comes_as_it_is_and_is_charged_at_its_end() -> None:
    run, _ = listening(1)
    async with loopback() as site:
        site.says(HEAD + b"one\n{two}", "close")
        assert await read(site, run) == (b"one\n{two}", None)
    assert run.call.charged == "yes"


async def test_a_refusal_is_explained_before_anything_is_read() -> None:
    run, _ = listening(1)
    async with loopback() as site:
        site.answers(429)
        found, info = await read(site, run)
    assert info is not None
    assert (found, info.code, info.charged) == (b"", ErrorCode.RATE_LIMITED, "no")


async def test_a_body_beyond_its_limit_is_cut_and_counts_as_charged() -> None:
    run, _ = listening(1)
    async with loopback() as site:
        site.says(HEAD + b"x" * 100, "close")
        found, info = await read(site, run, limit=50)
    assert info is not None
    assert (found, info.code, info.charged) == (b"", ErrorCode.TOO_LARGE, "yes")


@swiftly
@pytest.mark.parametrize(("between", "seconds", "whole"), [(True, 50, True), (False, 50, False)])
async def test_between_two_parts_a_vendor_may_think_and_inside_of_one_it_may_not(
    between: bool, seconds: float, whole: bool
) -> None:
    async with loopback() as site:
        site.drips([HEAD + b"one", b"two"], seconds, "close")
        found, info = await read(site, between=between)
    assert (found, info is None) == (b"onetwo" if whole else b"one", whole)


@swiftly
async def test_nobody_thinks_for_ever() -> None:
    async with loopback() as site:
        site.drips([HEAD + b"one", b"two"], 70)
        found, info = await read(site)
    assert info is not None
    assert (found, info.code) == (b"one", ErrorCode.TIMEOUT)

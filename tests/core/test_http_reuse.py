"""Connections that are used again: who may ask twice, and what was said on them unasked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.outgoing import Times
from tests.loopback import Loopback, loopback

FOX = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nfox"
STALE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nstale"
TIMED_OUT = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(private=True) as found:
        yield found


async def test_a_get_that_an_idle_connection_swallowed_is_sent_once_more(
    http: Http, site: Loopback
) -> None:
    site.says(FOX, "keep")
    site.says(b"", "close")
    site.says(FOX, "keep")
    await http.exchange("GET", site.url)
    assert (await http.exchange("GET", site.url)).body == b"fox"
    assert (len(site.heard), site.connections) == (3, 2)


async def test_it_is_sent_once_more_and_not_for_ever(http: Http, site: Loopback) -> None:
    site.says(FOX, "keep")
    site.says(b"", "reset")
    await http.exchange("GET", site.url)
    with pytest.raises(ImagewayError) as caught:
        await http.exchange("GET", site.url)
    assert caught.value.info.code is ErrorCode.NETWORK
    assert (len(site.heard), site.connections) == (3, 2)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_nothing_but_a_get_is_sent_once_more(http: Http, site: Loopback, method: str) -> None:
    site.says(FOX, "keep")
    site.says(b"", "close")
    await http.exchange("GET", site.url)
    with pytest.raises(ImagewayError) as caught:
        await http.exchange(method, site.url)
    assert caught.value.info.code is ErrorCode.NETWORK
    assert (len(site.heard), site.connections) == (2, 1)


async def test_an_answer_that_began_is_not_asked_for_again(http: Http, site: Loopback) -> None:
    site.says(FOX, "keep")
    site.says(FOX[:-1], "close")
    await http.exchange("GET", site.url)
    with pytest.raises(ImagewayError):
        await http.exchange("GET", site.url)
    assert len(site.heard) == 2


@pytest.mark.parametrize("unasked", [STALE, TIMED_OUT, b"junk"])
async def test_what_was_said_unasked_is_no_answer(
    http: Http, site: Loopback, unasked: bytes
) -> None:
    site.drips([FOX, unasked], 0.01)
    site.says(FOX, "keep")
    await http.exchange("GET", site.url)
    await asyncio.sleep(0.03)
    assert (await http.exchange("GET", site.url)).body == b"fox"
    assert site.connections == 2


async def test_an_answer_with_something_behind_it_ends_its_connection(
    http: Http, site: Loopback
) -> None:
    site.says(FOX + STALE, "keep")
    assert (await http.exchange("GET", site.url)).body == b"fox"
    assert (await http.exchange("GET", site.url)).body == b"fox"
    assert site.connections == 2


async def test_who_talks_before_he_is_asked_is_heard_once(site: Loopback) -> None:
    async with Http(private=True, times=Times(first_byte=5)) as http:
        site.says(STALE, "keep")
        assert (await http.exchange("GET", site.url)).body == b"stale"


async def test_an_answer_is_over_at_its_length_whenever_the_vendor_hangs_up(
    http: Http, site: Loopback
) -> None:
    site.answers(body=b"fox", ending="stall", Connection="close")
    assert (await http.exchange("GET", site.url)).body == b"fox"
    await site.deserted()


async def test_what_was_not_read_to_its_end_ends_its_connection(http: Http, site: Loopback) -> None:
    site.says(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 9\r\n\r\n", "stall")
    with pytest.raises(ImagewayError):
        await http.exchange("GET", site.url)
    await site.deserted()

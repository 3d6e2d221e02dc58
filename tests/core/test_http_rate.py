"""Slow bodies are cut, at their true speed on a clock that runs ahead; slow vendors are not."""

from __future__ import annotations

import asyncio
import tracemalloc

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.outgoing import Times
from imageway.core.run import Run
from tests.core.samples import listening
from tests.loopback import Loopback, loopback
from tests.virtual import swiftly

pytestmark = pytest.mark.slow


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


def bytes_of(size: int, step: int = 1) -> list[bytes]:
    return [b"x" * step] * (size // step)


async def failure(site: Loopback, run: Run | None = None) -> tuple[ErrorInfo, float]:
    """What is said of an answer, and after how many seconds."""
    clock = asyncio.get_running_loop().time
    async with Http(private=True) as http:
        began = clock()
        with pytest.raises(ImagewayError) as caught:
            await http.exchange("POST", site.url, paid=run)
        return caught.value.info, clock() - began


async def read(site: Loopback) -> list[bytes]:
    async with Http(private=True) as http:
        return [event.data async for event in http.events("GET", site.url)]


@swiftly
async def test_two_bytes_a_second_are_cut_within_25_seconds() -> None:
    tracemalloc.start()
    async with loopback() as site:
        site.drips([HEAD, *bytes_of(99)], 0.5)
        info, seconds = await failure(site)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (info.code, info.charged) == (ErrorCode.TIMEOUT, "no")
    assert info.message == "the provider's answer came too slowly"
    assert 20 <= seconds <= 25
    assert peak < 4 << 20


@swiftly
async def test_a_paid_drip_may_have_been_charged() -> None:
    run, _ = listening(1)
    async with loopback() as site:
        site.drips([HEAD, *bytes_of(99)], 0.5)
        info, _ = await failure(site, run)
    assert (info.code, info.charged) == (ErrorCode.OUTCOME_UNKNOWN, "maybe")
    assert len(site.heard) == 1


@swiftly
async def test_a_refusal_that_drips_is_that_refusal() -> None:
    async with loopback() as site:
        site.drips([HEAD.replace(b"200 OK", b"401 No"), *bytes_of(99)], 0.5)
        info, seconds = await failure(site)
    assert info.code is ErrorCode.UNAUTHENTICATED
    assert seconds <= 25


@swiftly
async def test_a_drip_is_waited_for_where_the_provider_may_be_slow() -> None:
    async with loopback() as site, Http(private=True, times=Times(min_rate=None)) as http:
        site.drips([HEAD.replace(b"100000", b"99"), *bytes_of(99)], 0.5)
        assert len((await http.exchange("GET", site.url)).body) == 99


@swiftly
async def test_fifty_kilobytes_a_second_are_fast_enough() -> None:
    async with loopback() as site, Http(private=True) as http:
        site.drips([HEAD, *bytes_of(100_000, 25_000)], 0.5)
        assert len((await http.exchange("GET", site.url)).body) == 100_000


@swiftly
async def test_blanks_before_an_answer_say_that_it_is_coming() -> None:
    blanks = [b"\r\n"] * 60
    async with loopback() as site, Http(private=True) as http:
        site.drips([HEAD.replace(b"100000", b"122"), *blanks, b"{}"], 5.0)
        assert (await http.exchange("GET", site.url)).body.strip() == b"{}"


@swiftly
async def test_comments_between_events_say_that_one_is_coming() -> None:
    comments = [b": still at work\n\n"] * 24
    async with loopback() as site:
        site.drips([STREAM, *comments, b"data: one\n\n", *comments, b"data: two\n\n"], 5.0, "close")
        assert await read(site) == [b"one", b"two"]


@swiftly
async def test_an_event_that_drips_is_cut() -> None:
    clock = asyncio.get_running_loop().time
    async with loopback() as site:
        site.drips([STREAM, b"data: one\n\ndata: ", *bytes_of(99)], 0.5)
        began = clock()
        with pytest.raises(ImagewayError) as caught:
            await read(site)
    assert caught.value.info.code is ErrorCode.TIMEOUT
    assert clock() - began <= 25


@swiftly
async def test_an_event_that_never_ends_but_for_comments_is_cut() -> None:
    async with loopback() as site:
        site.drips([STREAM, b"data: one\n", *[b": wait\n"] * 99], 1.0)
        with pytest.raises(ImagewayError) as caught:
            await read(site)
    assert caught.value.info.code is ErrorCode.TIMEOUT

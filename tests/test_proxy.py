"""The wire that goes wrong does so exactly as it is told, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.loopback import Loopback, loopback
from tests.memory import growth
from tests.proxy import CHUNK, Proxy, Toxic, proxied
from tests.virtual import swiftly

pytestmark = pytest.mark.slow


ASK = b"GET /fox HTTP/1.1\r\nHost: here\r\n\r\n"
BODY = b"a fox in the snow"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


@asynccontextmanager
async def wire() -> AsyncGenerator[tuple[Proxy, Loopback]]:
    """A vendor that always gives the same answer, and a proxy before it."""
    async with loopback() as site, proxied(site.url) as proxy:
        site.says(ANSWER, "keep")
        yield proxy, site


async def ask(proxy: Proxy, asked: bytes = ASK) -> list[tuple[float, bytes]]:
    """Say something on a connection of one's own: each thing that was heard, and when."""
    clock = asyncio.get_running_loop().time
    reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
    heard: list[tuple[float, bytes]] = []
    try:
        writer.write(asked)
        while sum(len(data) for _, data in heard) < len(ANSWER):
            data = await reader.read(CHUNK)
            if not data:
                break
            heard.append((clock(), data))
    finally:
        writer.close()
    return heard


def poison(proxy: Proxy, way: str, toxic: Toxic) -> None:
    if way == "up":
        proxy.poison(up=toxic)
    else:
        proxy.poison(down=toxic)


async def answer(proxy: Proxy) -> bytes:
    return b"".join(data for _, data in await ask(proxy))


@swiftly
async def test_a_healthy_wire_passes_everything_and_counts_it() -> None:
    async with wire() as (proxy, site):
        assert [await answer(proxy) for _ in range(2)] == [ANSWER] * 2
        assert (proxy.connections, site.connections) == (2, 2)
        assert proxy.bytes == {"up": 2 * len(ASK), "down": 2 * len(ANSWER)}
        await proxy.deserted()


@swiftly
async def test_a_refused_connection_is_refused_until_it_listens_again() -> None:
    async with wire() as (proxy, _):
        port = proxy.port
        proxy.refuse()
        with pytest.raises(ConnectionRefusedError):
            await ask(proxy)
        await proxy.listen()
        assert proxy.port == port
        assert await answer(proxy) == ANSWER


@pytest.mark.parametrize("way", ["up", "down"])
@swiftly
async def test_latency_comes_before_each_message_and_its_jitter_on_top(way: str) -> None:
    async with wire() as (proxy, _):
        poison(proxy, way, Toxic(latency=2.0, jitter=1.0))
        [(seconds, _)] = await ask(proxy)
        assert 2.0 < seconds < 3.1


@pytest.mark.parametrize(("way", "size"), [("up", len(ASK)), ("down", len(ANSWER))])
@swiftly
async def test_a_drip_lasts_as_long_as_its_rate_says(way: str, size: int) -> None:
    async with wire() as (proxy, _):
        poison(proxy, way, Toxic(rate=2.0))
        heard = await ask(proxy)
        assert heard[-1][0] == pytest.approx(size / 2, abs=0.6)
        assert len(heard) == (size if way == "down" else 1)


@swiftly
async def test_a_drip_may_spare_the_head_of_a_message() -> None:
    async with wire() as (proxy, _):
        head = len(ANSWER) - len(BODY)
        proxy.poison(down=Toxic(rate=2.0, spares=head))
        (seconds, first), *rest = await ask(proxy)
        assert (seconds < 0.1, first) == (True, ANSWER[: head + 1])
        assert rest[-1][0] == pytest.approx(len(BODY) / 2, abs=0.6)


@swiftly
async def test_slices_arrive_one_by_one() -> None:
    async with wire() as (proxy, _):
        proxy.poison(down=Toxic(slice=1, pause=0.01))
        heard = await ask(proxy)
        assert [len(data) for _, data in heard] == [1] * len(ANSWER)
        assert b"".join(data for _, data in heard) == ANSWER


@swiftly
async def test_a_limit_of_data_cuts_the_answer_there() -> None:
    async with wire() as (proxy, _):
        proxy.poison(down=Toxic(passes=20))
        assert await answer(proxy) == ANSWER[:20]


@pytest.mark.parametrize(("passes", "heard"), [(0, 0), (20, 0)])
@swiftly
async def test_a_reset_before_the_request_is_whole_is_a_reset(passes: int, heard: int) -> None:
    async with wire() as (proxy, site):
        proxy.poison(up=Toxic(passes=passes, ending="reset"))
        with pytest.raises(ConnectionResetError):
            await ask(proxy)
        assert (len(site.heard), proxy.bytes["up"]) == (heard, passes)
        assert site.connections == (1 if passes else 0)


@swiftly
async def test_a_reset_after_the_request_comes_when_the_vendor_answers() -> None:
    async with wire() as (proxy, site):
        proxy.poison(down=Toxic(passes=0, ending="reset"))
        with pytest.raises(ConnectionResetError):
            await ask(proxy)
        assert len(site.heard) == 1


@pytest.mark.parametrize("way", ["up", "down"])
@swiftly
async def test_a_black_hole_takes_what_comes_and_says_nothing(way: str) -> None:
    async with wire() as (proxy, site):
        poison(proxy, way, Toxic(passes=0, ending="silence"))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3600):
                await ask(proxy)
        assert len(site.heard) == (way == "down")
        await proxy.deserted()


@swiftly
async def test_a_slow_close_keeps_the_end_back() -> None:
    async with wire() as (proxy, site):
        site.skip()
        site.says(ANSWER, "close")
        proxy.poison(down=Toxic(slow_close=30.0))
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(ASK)
        assert await reader.read() == ANSWER
        assert asyncio.get_running_loop().time() == pytest.approx(30.0, abs=0.1)
        writer.close()


@swiftly
async def test_a_kept_connection_dies_when_it_is_used_again() -> None:
    async with wire() as (proxy, site):
        proxy.poison(dies_at_reuse=True)
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(ASK)
        assert await reader.readexactly(len(ANSWER)) == ANSWER
        writer.write(ASK)
        assert await reader.read() == b""
        assert len(site.heard) == 1
        writer.close()


@swiftly
async def test_only_requests_that_begin_as_told_go_wrong_and_the_last_word_counts() -> None:
    async with wire() as (proxy, _):
        proxy.poison(b"GET /fox", down=Toxic(passes=5))
        assert await answer(proxy) == ANSWER[:5]
        proxy.poison(b"GET", down=Toxic(passes=7))
        assert await answer(proxy) == ANSWER[:7]
        proxy.poison(b"POST", down=Toxic(passes=9))
        assert await answer(proxy) == ANSWER[:7]
        proxy.heal()
        assert await answer(proxy) == ANSWER


@swiftly
async def test_what_it_is_told_holds_for_those_who_are_connected() -> None:
    async with wire() as (proxy, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        writer.write(ASK)
        assert await reader.readexactly(len(ANSWER)) == ANSWER
        proxy.poison(down=Toxic(passes=3))
        writer.write(ASK)
        assert await reader.read() == ANSWER[:3]
        writer.close()


@swiftly
async def test_megabytes_pass_without_being_kept() -> None:
    async with wire() as (proxy, site):
        piece = bytes(1 << 20)
        site.skip()
        site.drips([b"HTTP/1.1 200 OK\r\n\r\n", *[piece] * 64], 0.0, "close")
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.port)
        with growth() as grown:
            writer.write(ASK)
            while await reader.read(CHUNK):
                pass
        writer.close()
        assert proxy.bytes["down"] > 64 << 20
        assert grown.bytes < 8 << 20


def open_files() -> int:
    files = Path("/proc/self/fd")
    return len([*files.iterdir()]) if files.exists() else 0


async def test_nothing_is_left_open_whatever_was_going_on() -> None:
    before = open_files()
    async with wire() as (proxy, _):
        proxy.poison(up=Toxic(passes=0, ending="silence"))
        writers = [(await asyncio.open_connection("127.0.0.1", proxy.port))[1] for _ in range(5)]
        for writer in writers:
            writer.write(ASK)
        await asyncio.sleep(0)
        for writer in writers:
            writer.close()
            await writer.wait_closed()
    assert open_files() <= before
    assert len(asyncio.all_tasks()) == 1

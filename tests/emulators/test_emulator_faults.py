"""How a fault looks on the wire: said, spoilt on its way, or inside a stream."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from imageway.emulators.faults import Fault
from imageway.emulators.sending import GARBAGE_BY_VARIANT, NOISE
from imageway.emulators.serving import serve
from imageway.emulators.toy import EVENTS, Toy


async def make(client: aiohttp.ClientSession, path: str = "/make") -> tuple[int, bytes]:
    async with client.post(path, json={"a": 1}, allow_redirects=False) as response:
        return response.status, await response.read()


async def test_an_error_in_a_stream_comes_after_some_events(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    toy.script(Fault.REFUSED, after_events=1)
    status, body = await make(client, "/stream")
    assert (status, body) == (200, EVENTS[0] + b'data: {"oh": "refused"}\n\n')
    assert toy.charges == []


async def test_a_hang_up_gives_no_byte_and_is_charged(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    toy.script(Fault.HANG_UP)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await make(client)
    assert len(toy.charges) == 1


@pytest.mark.parametrize(
    ("path", "events", "half"),
    [
        ("/make", None, b'{"mad'),
        ("/stream", None, b"data: one\n\ndata: "),
        ("/stream", 1, EVENTS[0]),
    ],
)
async def test_a_cut_ends_in_the_middle(
    toy: Toy, client: aiohttp.ClientSession, path: str, events: int | None, half: bytes
) -> None:
    toy.script(Fault.CUT, after_events=events)
    async with client.post(path) as response:
        assert response.status == 200
        assert await response.content.readexactly(len(half)) == half
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.content.read()


@pytest.mark.parametrize(("events", "body"), [(None, b"".join(EVENTS[:2])), (0, b"")])
async def test_a_stream_may_end_early_and_cleanly(
    toy: Toy, client: aiohttp.ClientSession, events: int | None, body: bytes
) -> None:
    toy.script(Fault.CUT_STREAM, after_events=events)
    assert await make(client, "/stream") == (200, body)


async def test_what_is_no_stream_cannot_end_early(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.script(Fault.CUT_STREAM)
    assert await make(client) == (200, b'{"made": 1}')


async def test_a_stall_gives_no_byte(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.script(Fault.STALL)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(make(client), 0.05)
    assert len(toy.charges) == 1


async def test_a_stall_may_come_after_some_events(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.script(Fault.STALL, after_events=2)
    async with client.post("/stream") as response:
        both = EVENTS[0] + EVENTS[1]
        assert await response.content.readexactly(len(both)) == both
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(response.content.read(1), 0.05)


async def test_a_stall_ends_when_the_emulator_does() -> None:
    working = asyncio.Event()

    async def sleep(seconds: float) -> None:
        working.set()

    toy = Toy(key=None, sleep=sleep)
    toy.script(Fault.STALL)
    async with aiohttp.ClientSession() as client:
        async with serve(toy) as url:
            asking = asyncio.ensure_future(client.post(f"{url}/make"))
            await working.wait()
            closing = time.monotonic()
        assert time.monotonic() - closing < 0.5
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await asking


async def test_a_drip_pauses_between_bytes() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    toy = Toy(key=None, sleep=sleep)
    toy.script(Fault.DRIP, step=4, pause=9.0)
    async with serve(toy) as url, aiohttp.ClientSession(url) as client:
        assert await make(client) == (200, b'{"made": 1}')
    assert slept == [0.0, 9.0, 9.0, 9.0]


async def test_an_oversized_answer_has_the_size_asked_for(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    toy.script(Fault.OVERSIZED, size=200_000)
    status, body = await make(client)
    assert (status, len(body), body.strip()) == (200, 200_011, b'{"made": 1}')


async def test_an_oversized_stream_begins_with_a_comment(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    toy.script(Fault.OVERSIZED, size=100)
    assert (await make(client, "/stream"))[1] == b":" + b" " * 100 + b"\n\n" + b"".join(EVENTS)


async def test_garbage_is_a_fine_answer_of_a_wrong_shape(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    toy.script(Fault.GARBAGE)
    assert await make(client) == (200, b'{"surprise": [1, 2, {"three": null}]}')
    assert len(toy.charges) == 1


@pytest.mark.parametrize("status", [502, 500])
async def test_a_proxy_answers_html(toy: Toy, client: aiohttp.ClientSession, status: int) -> None:
    toy.script(Fault.HTML, status=status)
    async with client.post("/make") as response:
        assert (response.status, response.content_type) == (status, "text/html")


async def test_a_page_is_never_inside_a_stream(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.script(Fault.HTML, after_events=1)
    assert (await make(client, "/stream"))[0] == 502


async def test_a_redirect_names_its_place(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.script(Fault.REDIRECT, location="http://127.0.0.1:9/x", headers={"x-more": "1"})
    async with client.post("/make", allow_redirects=False) as response:
        assert response.status == 307
        assert response.headers["Location"] == "http://127.0.0.1:9/x"
        assert response.headers["x-more"] == "1"


async def test_a_chattering_stream_holds_comments_and_unknown_events(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    toy.script(Fault.CHATTER)
    status, body = await make(client, "/stream")
    assert (status, body) == (200, b"".join(NOISE + event for event in EVENTS))


@pytest.mark.parametrize("variant", GARBAGE_BY_VARIANT)
async def test_garbage_comes_in_many_kinds(
    toy: Toy, client: aiohttp.ClientSession, variant: str
) -> None:
    toy.script(Fault.GARBAGE, variant=variant)
    assert await make(client) == (200, GARBAGE_BY_VARIANT[variant])


def test_a_kind_of_garbage_that_there_is_not_is_refused(toy: Toy) -> None:
    with pytest.raises(ValueError, match="no variant 'plastic' of garbage; there are surprise,"):
        toy.script(Fault.GARBAGE, variant="plastic")


async def test_what_is_said_may_ask_to_come_back_later(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    toy.script(Fault.UNAVAILABLE, retry_after="7")
    async with client.post("/make") as response:
        assert response.headers["Retry-After"] == "7"

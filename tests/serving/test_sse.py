"""Events go out as they come, with comments while nothing comes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer

from imageway.serving.sse import Feed, frame, send_events


async def serve(frames: AsyncGenerator[bytes], beat: float) -> TestServer:
    async def endpoint(request: web.Request) -> web.StreamResponse:
        async with Feed(frames) as feed:
            return await send_events(request, feed, {"X-Own": "1"}, beat)

    app = web.Application()
    app.router.add_get("/", endpoint)
    server = TestServer(app)
    await server.start_server()
    return server


def test_a_frame_is_an_event_with_one_line_of_data() -> None:
    assert frame("made", b'{"a":', b"1}") == b'event: made\ndata: {"a":1}\n\n'


def test_a_frame_may_have_a_number_to_go_on_from() -> None:
    assert frame("made", b"{}", number=7) == b"id: 7\nevent: made\ndata: {}\n\n"


async def test_silence_is_filled_with_comments_and_nothing_is_lost() -> None:
    go_on = asyncio.Event()

    async def frames() -> AsyncGenerator[bytes]:
        yield frame("one", b"{}")
        await go_on.wait()
        yield frame("two", b"{}")

    server = await serve(frames(), beat=0.02)
    async with ClientSession() as session, session.get(server.make_url("/")) as response:
        assert response.headers["X-Accel-Buffering"] == "no"
        assert response.headers["X-Own"] == "1"
        heard = [await response.content.readline() for _ in range(9)]
        go_on.set()
        rest = await response.read()
    await server.close()
    assert heard[0] == b": keep-alive\n"
    assert heard[2] == b"event: one\n"
    assert heard[5] == heard[7] == b": keep-alive\n"
    assert rest.endswith(b"event: two\ndata: {}\n\n")


async def test_a_reader_that_leaves_ends_the_source() -> None:
    ended = asyncio.Event()

    async def frames() -> AsyncGenerator[bytes]:
        try:
            yield frame("one", b"{}")
            await asyncio.Event().wait()
        finally:
            ended.set()

    server = await serve(frames(), beat=10)
    async with ClientSession() as session:
        response = await session.get(server.make_url("/"))
        await response.content.readline()
        response.close()
        await asyncio.wait_for(ended.wait(), 1)
    await server.close()

"""Server-sent events out: one write an event, and a comment whenever nothing else was said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from typing import Self

from aiohttp import web

BEAT_SECONDS = 15.0
BEAT = b": keep-alive\n\n"
HEADERS: Mapping[str, str] = {
    "Content-Type": "text/event-stream; charset=utf-8",
    # Without these two nginx and other proxies keep events back.
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}


def frame(name: str, *parts: bytes, number: int | None = None) -> bytes:
    """One event; the parts are its JSON, which has no line breaks."""
    numbered = b"" if number is None else b"id: %d\n" % number
    return b"".join((numbered, b"event: ", name.encode(), b"\ndata: ", *parts, b"\n\n"))


class Feed:
    """Frames that can be waited for with a time limit and without losing any."""

    def __init__(self, frames: AsyncGenerator[bytes]) -> None:
        self._frames = frames
        self._next: asyncio.Task[bytes | None] | None = None

    async def arrives(self, seconds: float) -> bool:
        """Whether a frame or the end is here within so many seconds."""
        if self._next is None:
            self._next = asyncio.create_task(self._ask())
        await asyncio.wait((self._next,), timeout=seconds)
        return self._next.done()

    async def take(self) -> bytes | None:
        """The next frame; None at the end."""
        task, self._next = self._next, None
        return await (task or self._ask())

    async def _ask(self) -> bytes | None:
        try:
            return await anext(self._frames)
        except StopAsyncIteration:
            return None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._next is not None:
            self._next.cancel()
            await asyncio.gather(self._next, return_exceptions=True)
        await self._frames.aclose()


async def send_events(
    request: web.Request,
    feed: Feed,
    headers: Mapping[str, str],
    beat: float = BEAT_SECONDS,
    opening: bytes = BEAT,
) -> web.StreamResponse:
    """Send frames as they come; the opening goes out at once.

    While a slow reader blocks a write no frame is taken, so what only informs is replaced by its
    successor upstream; the connection's own guard cuts a reader that stops altogether.
    """
    response = web.StreamResponse(headers={**HEADERS, **headers})
    await response.prepare(request)
    await response.write(opening)
    while True:
        if not await feed.arrives(beat):
            await response.write(BEAT)
        elif (data := await feed.take()) is not None:
            await response.write(data)
        else:
            break
    await response.write_eof()
    return response

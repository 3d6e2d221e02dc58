"""Server-sent events out: one write an event, and a comment whenever nothing else was said."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping

from aiohttp import web

BEAT_SECONDS = 15.0
BEAT = b": keep-alive\n\n"
HEADERS: Mapping[str, str] = {
    "Content-Type": "text/event-stream; charset=utf-8",
    # Without these two nginx and other proxies keep events back.
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
}


def frame(name: str, *parts: bytes) -> bytes:
    """One event; the parts are its JSON, which has no line breaks."""
    return b"".join((b"event: ", name.encode(), b"\ndata: ", *parts, b"\n\n"))


async def send_events(
    request: web.Request,
    frames: AsyncGenerator[bytes],
    headers: Mapping[str, str],
    beat: float = BEAT_SECONDS,
) -> web.StreamResponse:
    """Send frames as they come; the first byte goes out at once.

    While a slow reader blocks a write no frame is taken, so what only informs is replaced by its
    successor upstream; the connection's own guard cuts a reader that stops altogether.
    """
    response = web.StreamResponse(headers={**HEADERS, **headers})
    await response.prepare(request)
    await response.write(BEAT)
    pending: asyncio.Task[bytes | None] | None = None
    try:
        while True:
            pending = pending or asyncio.create_task(_next(frames))
            await asyncio.wait((pending,), timeout=beat)
            if not pending.done():
                await response.write(BEAT)
                continue
            data, pending = pending.result(), None
            if data is None:
                break
            await response.write(data)
    finally:
        await _drop(pending)
        await frames.aclose()
    await response.write_eof()
    return response


async def _next(frames: AsyncGenerator[bytes]) -> bytes | None:
    try:
        return await anext(frames)
    except StopAsyncIteration:
        return None


async def _drop(pending: asyncio.Task[bytes | None] | None) -> None:
    if pending is not None:
        pending.cancel()
        await asyncio.gather(pending, return_exceptions=True)

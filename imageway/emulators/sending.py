"""Puts an answer on the wire, whole or spoilt on its way."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace

from aiohttp import web

from imageway.emulators.answer import Answer
from imageway.emulators.faults import Fault, Scripted

# JSON that no adapter can use, each in a way of its own; the first is the usual one.
GARBAGE_BY_VARIANT: Mapping[str, bytes] = {
    "surprise": b'{"surprise": [1, 2, {"three": null}]}',
    "truncated": b'{"data": [{"b64_json": "iVBORw0KGgo',
    "empty": b"",
    "null": b"null",
    "list": b"[1, 2, 3]",
    "nan": b'{"data": NaN, "images": -Infinity}',
    "deep": b"[" * 10_000 + b"]" * 10_000,
    "number": b"1" * 5000,
    "latin": '{"data": "\u00e9"}'.encode("latin-1"),
}
VARIANTS_BY_FAULT: Mapping[Fault, Iterable[str]] = {Fault.GARBAGE: GARBAGE_BY_VARIANT}
# What the rules of server-sent events and every vendor's documents tell readers to skip.
NOISE = b': keep-alive\n\nevent: heartbeat\ndata: {"type":"heartbeat"}\n\n\n'
FILLER = 1 << 16

Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Sending:
    """An answer about to leave, and what it needs for that."""

    request: web.Request
    answer: Answer
    sleep: Sleep
    closing: asyncio.Event

    def drop(self) -> None:
        """Close the connection after what was written."""
        if self.request.transport is not None:
            self.request.transport.close()


async def send(sending: Sending, scripted: Scripted | None) -> web.StreamResponse:
    """Do the work's waiting, then send; a fault that spoils answers changes how."""
    answer = sending.answer
    spoil = None if scripted is None else SPOIL_BY_FAULT.get(scripted.fault)
    if not answer.streamed:
        await sending.sleep(answer.seconds)
    if scripted is None or spoil is None:
        return await _whole(sending)
    return await spoil(sending, scripted)


async def _whole(sending: Sending) -> web.StreamResponse:
    answer = sending.answer
    if not answer.streamed:
        return web.Response(
            body=b"".join(answer.pieces), status=answer.status, headers=_headers(answer)
        )
    response = await _begin(sending)
    await _write(sending, response)
    await response.write_eof()
    return response


async def _begin(sending: Sending) -> web.StreamResponse:
    answer = sending.answer
    response = web.StreamResponse(status=answer.status, headers=_headers(answer))
    await response.prepare(sending.request)
    return response


async def _write(sending: Sending, response: web.StreamResponse, most: int | None = None) -> None:
    """Write the pieces, each in its time; of a stream at most so many."""
    if most == 0:
        return
    async with aclosing(_flow(sending)) as pieces:
        written = 0
        async for piece in pieces:
            await response.write(piece)
            written += 1
            if written == most:
                return


async def _flow(sending: Sending) -> AsyncGenerator[bytes]:
    answer = sending.answer
    if answer.live is not None:
        async with aclosing(answer.live()) as pieces:
            async for piece in pieces:
                yield piece
        return
    pause = answer.seconds / max(1, len(answer.pieces))
    for piece in answer.pieces:
        if answer.streamed:
            await sending.sleep(pause)
        yield piece


async def _body(answer: Answer) -> bytes:
    if answer.live is None:
        return b"".join(answer.pieces)
    async with aclosing(answer.live()) as pieces:
        return b"".join([piece async for piece in pieces])


def _headers(answer: Answer) -> dict[str, str]:
    return {"Content-Type": answer.media_type, **answer.headers}


async def _hang_up(sending: Sending, scripted: Scripted) -> web.StreamResponse:
    sending.drop()
    return web.Response()


async def _cut(sending: Sending, scripted: Scripted) -> web.StreamResponse:
    """The headers promise everything; the connection ends after a part of it."""
    answer = sending.answer
    if answer.streamed and scripted.after_events is not None:
        response = await _begin(sending)
        await _write(sending, response, scripted.after_events)
    else:
        body = await _body(answer)
        response = web.StreamResponse(status=answer.status, headers=_headers(answer))
        if not answer.streamed:
            response.content_length = len(body)
        await response.prepare(sending.request)
        await response.write(body[: len(body) // 2])
    sending.drop()
    return response


async def _cut_stream(sending: Sending, scripted: Scripted) -> web.StreamResponse:
    """A clean end that comes too early."""
    if not sending.answer.streamed:
        return await _whole(sending)
    keep = scripted.after_events
    if keep is None:
        cut = sending.answer.without_its_last()
        return await _whole(replace(sending, answer=cut))
    response = await _begin(sending)
    await _write(sending, response, keep)
    await response.write_eof()
    return response


async def _stall(sending: Sending, scripted: Scripted) -> web.StreamResponse:
    """Silence, from the start or after some events, until somebody hangs up."""
    if scripted.after_events is not None:
        response = await _begin(sending)
        await _write(sending, response, scripted.after_events)
    await sending.closing.wait()
    return await _hang_up(sending, scripted)


async def _drip(sending: Sending, scripted: Scripted) -> web.StreamResponse:
    body = await _body(sending.answer)
    response = await _begin(sending)
    for start in range(0, len(body), scripted.step):
        await response.write(body[start : start + scripted.step])
        await sending.sleep(scripted.pause)
    await response.write_eof()
    return response


async def _oversize(sending: Sending, scripted: Scripted) -> web.StreamResponse:
    """The right answer, and far too much of nothing: blanks after JSON, before events a comment."""
    streamed = sending.answer.streamed
    body = await _body(sending.answer)
    response = await _begin(sending)
    await response.write(b":" if streamed else body)
    for start in range(0, scripted.size, FILLER):
        await response.write(b" " * min(FILLER, scripted.size - start))
    await response.write(b"\n\n" + body if streamed else b"")
    await response.write_eof()
    return response


async def _garble(sending: Sending, scripted: Scripted) -> web.StreamResponse:
    body = GARBAGE_BY_VARIANT[scripted.variant or "surprise"]
    garbage = Answer((body,), headers=sending.answer.headers)
    return await _whole(replace(sending, answer=garbage))


async def _chatter(sending: Sending, scripted: Scripted) -> web.StreamResponse:
    """A stream with comments and unknown events before and between its own."""
    answer = sending.answer
    if not answer.streamed:
        return await _whole(sending)
    pieces = tuple(part for piece in answer.pieces for part in (NOISE, piece))
    return await _whole(replace(sending, answer=replace(answer, pieces=pieces)))


Spoil = Callable[[Sending, Scripted], Awaitable[web.StreamResponse]]
SPOIL_BY_FAULT: Mapping[Fault, Spoil] = {
    Fault.HANG_UP: _hang_up,
    Fault.CUT: _cut,
    Fault.CUT_STREAM: _cut_stream,
    Fault.STALL: _stall,
    Fault.DRIP: _drip,
    Fault.OVERSIZED: _oversize,
    Fault.GARBAGE: _garble,
    Fault.CHATTER: _chatter,
}

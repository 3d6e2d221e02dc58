"""Clients of a chat that leave at every moment, and readers that never read."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from io import BytesIO

import aiohttp
import orjson
import pytest
from PIL import Image

from imageway.core.picture import Picture
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.providers.jobs import KEPT_BYTES
from imageway.serving.connection import Patience
from tests.memory import growth
from tests.server.chatting import PAGE, PLAIN, Heard, lines, messages
from tests.server.lab import Json, Lab, Scripted, lab, picture

SHORT = Patience(reader=0.2)
PAID: Mapping[str, object] = {"paid": {"adapter": "tests.server.lab:Scripted"}}
TWO: Json = {"model": "default", "messages": messages("two foxes --n 2"), "stream": True}


class Held:
    """Says how far it is, draws one picture, and draws the second only when it is told to."""

    def __init__(self, *, paid: bool = False) -> None:
        self.entered, self.held, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self.drawing = asyncio.Event()
        self._paid = paid

    async def __call__(self, request: ImageRequest, run: Run) -> None:
        try:
            if self._paid:
                await run.paying()
            self.entered.set()
            await self.drawing.wait()
            run.image(picture("red"))
            await self.held.wait()
            run.image(picture("blue"))
        finally:
            self.ended.set()


async def until_idle(it: Lab) -> None:
    """Ask until no job runs and no stream is open; the caller bounds the time."""
    idle = (b"\nimageway_streams_open 0.0", b"\nimageway_jobs_running 0.0")
    text = b""
    while not all(line in text for line in idle):
        text = (await it.ask("/metrics")).body


def post(body: Json) -> bytes:
    """A whole request as it goes over the wire."""
    sent = orjson.dumps(body)
    head = f"POST {PAGE} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(sent)}\r\n\r\n"
    return head.encode() + sent


@pytest.mark.parametrize("path", [PAGE, PLAIN])
@pytest.mark.parametrize("streams", [False, True])
async def test_who_leaves_before_the_first_picture_frees_everything_within_a_second(
    it: Lab, path: str, streams: bool
) -> None:
    it.adapter.play = held = Held()
    asking = asyncio.create_task(it.session.post(it.url + path, json={**TWO, "stream": streams}))
    await held.entered.wait()
    if streams:
        (await asking).close()
    asking.cancel()
    async with asyncio.timeout(1):
        await held.ended.wait()
        await until_idle(it)


async def test_who_leaves_after_the_first_picture_has_it_and_ends_the_rest(it: Lab) -> None:
    it.adapter.play = held = Held()
    held.drawing.set()
    heard = Heard()
    async with it.session.post(it.url + PAGE, json=TWO) as response:
        async for line in lines(response, heard):
            heard.lines.append(line)
            if heard.pictures:
                break
        response.close()
    async with asyncio.timeout(1):
        await held.ended.wait()
        await until_idle(it)


@pytest.mark.parametrize("length", [10, 40, 90, 120])
async def test_who_leaves_in_the_midst_of_the_question_draws_nothing(it: Lab, length: int) -> None:
    with socket.create_connection(("127.0.0.1", it.port)) as client:
        client.sendall(post(TWO)[:length])
        assert (await it.ask("/health")).status == 200
    assert (await it.ask("/health")).status == 200
    assert it.adapter.asked == []


@pytest.mark.parametrize("streams", [False, True])
async def test_what_was_paid_is_awaited_though_its_reader_has_left(streams: bool) -> None:
    async with lab(providers=PAID) as it:
        adapter = it.way.snapshot.providers["paid"].adapter
        assert isinstance(adapter, Scripted)
        adapter.play = held = Held(paid=True)
        body = {**TWO, "model": "paid/one", "stream": streams}
        asking = asyncio.create_task(it.session.post(it.url + PAGE, json=body))
        await held.entered.wait()
        (job,) = it.way.jobs.running
        if streams:
            (await asking).close()
        asking.cancel()
        await job.ledger.leaving.wait()
        assert not held.ended.is_set()
        held.drawing.set()
        held.held.set()
        await it.gateway.close()
        told = await it.ask(f"/v1/jobs/{job.id}")
        assert (told.json["status"], told.json["pictures"]) == ("succeeded", 2)


def noise() -> Picture:
    """A picture of some megabytes, which no socket takes at once."""
    data = BytesIO()
    Image.effect_noise((1500, 1500), 100).save(data, "png", compress_level=0)
    return Picture.from_bytes(data.getvalue())


@pytest.mark.slow
async def test_readers_that_never_read_are_cut_and_cost_no_memory() -> None:
    large, entered = noise(), asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        entered.set()
        for _ in range(request.count):
            run.image(Picture.from_bytes(large.bytes))

    async with lab(patience=SHORT, storage={"size": "1B"}) as it, asyncio.timeout(60):
        it.adapter.play = play
        with growth() as grown:
            for number in range(10):
                entered.clear()
                # Each time something else, or it would be the answer that was not delivered.
                told = messages(f"{number} foxes --n 10")
                with socket.create_connection(("127.0.0.1", it.port)) as client:
                    client.sendall(post({**TWO, "messages": told}))
                    await entered.wait()
                    await until_idle(it)
    # An answer is fifty megabytes, with its base64; of those nobody fetched few are kept.
    assert grown.bytes < KEPT_BYTES


async def test_an_answer_that_nobody_began_to_read_does_not_hold_up_others(it: Lab) -> None:
    it.adapter.play = held = Held()
    held.drawing.set()
    silent = asyncio.create_task(it.session.post(it.url + PAGE, json=TWO))
    await held.entered.wait()
    async with aiohttp.ClientSession() as other, other.get(it.url + "/health") as answer:
        assert answer.status == 200
    held.held.set()
    (await silent).close()

"""However a call ends, its connection ends with it, and what was never sent costs nothing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from pydantic import BaseModel

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.outgoing import FormPart, Outgoing, Times
from imageway.core.run import Hooks, Run
from tests.core.samples import listening
from tests.loopback import Loopback, loopback

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n"
SAID_BEFORE = {"the_head": b"", "the_body": HEAD, "the_rest": HEAD + b"x"}


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(private=True) as found:
        yield found


@pytest.fixture
def run() -> Run:
    return listening(1)[0]


async def read(http: Http, url: str, run: Run) -> list[bytes]:
    return [event.data async for event in http.events("POST", url, paid=run)]


async def cancelled(call: Awaitable[object], when: Callable[[], Awaitable[object]]) -> None:
    task = asyncio.ensure_future(call)
    await when()
    task.cancel()
    await asyncio.wait((task,))
    assert task.cancelled()


async def failure(call: Awaitable[object]) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        await call
    return caught.value.info


async def soon() -> None:
    await asyncio.sleep(0.01)


@pytest.mark.parametrize("before", SAID_BEFORE)
async def test_a_call_that_is_cancelled_hangs_up_before(
    http: Http, site: Loopback, run: Run, before: str
) -> None:
    site.says(SAID_BEFORE[before], "stall")
    await cancelled(http.exchange("POST", site.url, paid=run), soon)
    await site.deserted()
    assert (len(site.heard), run.call.charged) == (1, "maybe")


async def test_a_call_that_is_cancelled_while_it_is_sent_hangs_up(
    http: Http, site: Loopback, run: Run
) -> None:
    site.reads_bodies = False
    site.drips([b""], 0.05)
    large = b"x" * (16 << 20)
    await cancelled(http.exchange("POST", site.url, body=large, paid=run), site.asked.wait)
    await site.deserted()
    assert run.call.charged == "maybe"


async def test_a_stream_that_is_cancelled_hangs_up(http: Http, site: Loopback, run: Run) -> None:
    site.says(STREAM, "stall")
    await cancelled(read(http, site.url, run), soon)
    await site.deserted()
    assert run.call.charged == "maybe"


async def test_a_reader_that_fails_hangs_up_though_its_error_is_kept(
    http: Http, site: Loopback
) -> None:
    async def stumble() -> None:
        async for event in http.events("GET", site.url):
            raise KeyError(event.data)

    site.says(STREAM, "stall")
    with pytest.raises(KeyError) as kept:
        await stumble()
    await site.deserted()
    assert kept.tb is not None


async def test_a_stream_that_is_closed_hangs_up(http: Http, site: Loopback) -> None:
    site.says(STREAM, "stall")
    stream = http.events("GET", site.url)
    await anext(stream)
    await stream.aclose()
    await site.deserted()


@pytest.mark.parametrize("before", SAID_BEFORE)
async def test_closing_ends_what_still_waits_for(
    http: Http, site: Loopback, run: Run, before: str
) -> None:
    site.says(SAID_BEFORE[before], "stall")
    call = asyncio.create_task(http.exchange("POST", site.url, paid=run))
    await soon()
    await http.close()
    info = await failure(call)
    assert (info.code, info.charged) == (ErrorCode.OUTCOME_UNKNOWN, "maybe")
    await site.deserted()


async def test_closing_is_no_happy_end_of_a_stream(http: Http, site: Loopback, run: Run) -> None:
    site.says(STREAM, "stall")
    call = asyncio.create_task(read(http, site.url, run))
    await soon()
    await http.close()
    assert (await failure(call)).code is ErrorCode.OUTCOME_UNKNOWN
    assert run.call.charged == "maybe"


async def test_what_was_closed_before_it_went_out_costs_nothing(
    http: Http, site: Loopback, run: Run
) -> None:
    async def close_first(paying: Run) -> None:
        await http.close()

    paying = run.recording(Hooks(on_paying=close_first))
    info = await failure(http.exchange("POST", site.url, paid=paying))
    assert (info.code, info.origin, info.charged) == (ErrorCode.UNAVAILABLE, "imageway", "no")
    assert (site.connections, run.call.charged) == (0, "no")


@pytest.fixture
async def black_hole(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Nobody answers a connection; says when somebody tries."""
    tried = asyncio.Event()

    async def never(sock: socket.socket, address: object) -> None:
        tried.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", never)
    return tried


async def test_a_call_that_is_cancelled_while_it_connects_costs_nothing(
    http: Http, run: Run, black_hole: asyncio.Event
) -> None:
    await cancelled(http.exchange("POST", "http://127.0.0.1:1", paid=run), black_hole.wait)
    assert run.call.charged == "no"


async def test_a_call_whose_time_is_over_while_it_connects_costs_nothing(
    run: Run, black_hole: asyncio.Event
) -> None:
    async with Http(private=True, times=Times(total=0.01)) as http:
        info = await failure(http.exchange("POST", "http://127.0.0.1:1", paid=run))
    assert (info.code, info.charged) == (ErrorCode.NETWORK, "no")
    assert info.message == "the provider could not be connected to in time"


class Wish(BaseModel):
    prompt: str


async def test_what_cannot_be_written_costs_nothing(http: Http, site: Loopback, run: Run) -> None:
    wish = Wish(prompt="\ud800")
    info = await failure(http.exchange("POST", site.url, send=wish, paid=run))
    assert (info.code, info.charged) == (ErrorCode.INVALID_REQUEST, "no")
    assert (site.connections, run.call.charged) == (0, "no")


async def test_what_a_form_cannot_hold_costs_nothing(http: Http, site: Loopback, run: Run) -> None:
    call = http.exchange("POST", site.url, form=[FormPart("prompt", "\ud800")], paid=run)
    with pytest.raises(TypeError):
        await call
    assert (site.connections, run.call.charged) == (0, "no")


@pytest.mark.parametrize(
    ("name", "filename", "media_type"),
    [
        ("a\r\nX: y", None, None),
        ("a", "a\r\nX: y.png", None),
        ("a", "a.png", "image/png\r\nX: y"),
        ("a", "a\0.png", None),
    ],
)
def test_a_form_cannot_be_split(name: str, filename: str | None, media_type: str | None) -> None:
    with pytest.raises(ImagewayError) as caught:
        FormPart(name, b"", filename, media_type)
    assert caught.value.info.code is ErrorCode.INVALID_REQUEST


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\nb", "ä"])
def test_a_header_has_a_plain_name(name: str) -> None:
    with pytest.raises(ImagewayError) as caught:
        Outgoing("GET", "http://127.0.0.1", headers={name: "x"})
    assert caught.value.info.code is ErrorCode.MISCONFIGURED


async def test_a_refusal_is_heard_while_we_still_send(http: Http, site: Loopback, run: Run) -> None:
    site.reads_bodies = False
    site.answers(413, ending="stall", Connection="close")
    large = b"x" * (16 << 20)
    info = await failure(http.exchange("POST", site.url, body=large, paid=run))
    assert (info.code, info.charged) == (ErrorCode.TOO_LARGE, "no")

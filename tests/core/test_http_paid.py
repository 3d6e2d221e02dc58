"""Calls that may cost money: sent once, on a fresh connection, and never believed to be free."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from pydantic import BaseModel

from imageway.core.errors import Charged, ErrorCode, ErrorInfo, ImagewayError
from imageway.core.events import Event
from imageway.core.http import Http
from imageway.core.outgoing import Times
from imageway.core.run import Hooks, Ledger, Run
from tests.loopback import Ending, Loopback, loopback

QUICK = Times(first_byte=0.2, idle=0.2)
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"


class Fox(BaseModel):
    name: str


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(private=True) as found:
        yield found


@pytest.fixture
async def hasty() -> AsyncIterator[Http]:
    """Waits for nothing; of use only where nothing comes."""
    async with Http(private=True, times=QUICK) as found:
        yield found


@pytest.fixture
def run() -> Run:
    events: list[Event] = []
    return Run(Ledger(events.append, 1), (0,))


async def failure(
    http: Http, url: str, run: Run, limit: int = 99, refusals: frozenset[int] = frozenset({400})
) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        await http.exchange("POST", url, body=b"{}", paid=run, limit=limit, refusals=refusals)
    return caught.value.info


async def test_leave_is_asked_before_anything_is_sent(http: Http, site: Loopback, run: Run) -> None:
    async def refuse(paying: Run) -> None:
        raise ImagewayError(ErrorCode.QUOTA_EXHAUSTED, "the journal is full")

    info = await failure(http, site.url, run.recording(Hooks(on_paying=refuse)))
    assert (info.code, info.charged) == (ErrorCode.QUOTA_EXHAUSTED, "no")
    assert site.connections == 0


async def test_a_complete_answer_is_charged(http: Http, site: Loopback, run: Run) -> None:
    site.answers()
    await http.exchange("POST", site.url, paid=run)
    assert run.call.charged == "yes"


@pytest.mark.parametrize(
    ("data", "ending"),
    [(b"", "close"), (b"", "reset"), (HALF, "close"), (b"HTTP/1.1 2", "close"), (HALF, "reset")],
)
async def test_a_cut_answer_is_unknown_and_the_call_was_sent_exactly_once(
    http: Http, site: Loopback, run: Run, data: bytes, ending: Ending
) -> None:
    site.says(data, ending)
    info = await failure(http, site.url, run)
    assert (info.code, info.origin, info.charged) == (
        ErrorCode.OUTCOME_UNKNOWN,
        "vendor",
        "maybe",
    )
    assert not info.may_be_repeated
    assert not info.another_may_cure
    assert (len(site.heard), site.connections) == (1, 1)


@pytest.mark.parametrize("data", [b"", HALF])
async def test_a_stall_is_unknown(hasty: Http, site: Loopback, run: Run, data: bytes) -> None:
    site.says(data, "stall")
    info = await failure(hasty, site.url, run)
    assert (info.code, info.charged) == (ErrorCode.OUTCOME_UNKNOWN, "maybe")
    assert len(site.heard) <= 1


async def test_garbage_is_unknown(http: Http, site: Loopback, run: Run) -> None:
    site.says(b"nonsense\r\n\r\n")
    info = await failure(http, site.url, run)
    assert (info.code, info.charged) == (ErrorCode.OUTCOME_UNKNOWN, "maybe")
    assert len(site.heard) == 1


@pytest.mark.parametrize("data", [b"", HALF])
async def test_a_stall_of_a_free_adapter_is_a_timeout(
    hasty: Http, site: Loopback, run: Run, data: bytes
) -> None:
    site.says(data, "stall")
    info = await failure(hasty, site.url, run.recording(Hooks(free=True)))
    assert (info.code, info.charged) == (ErrorCode.TIMEOUT, "no")


async def test_a_hang_up_on_a_free_adapter_may_be_repeated(
    http: Http, site: Loopback, run: Run
) -> None:
    site.says(b"")
    info = await failure(http, site.url, run.recording(Hooks(free=True)))
    assert info.code is ErrorCode.NETWORK
    assert info.may_be_repeated


async def test_what_never_connected_costs_nothing(http: Http, run: Run) -> None:
    info = await failure(http, "http://127.0.0.1:1", run)
    assert (info.code, info.charged, run.call.charged) == (ErrorCode.NETWORK, "no", "no")
    assert info.may_be_repeated


@pytest.mark.parametrize(
    ("status", "charged"),
    [
        (307, "maybe"),
        (400, "no"),
        (401, "no"),
        (424, "maybe"),
        (429, "no"),
        (500, "maybe"),
        (502, "maybe"),
        (503, "no"),
        (504, "maybe"),
    ],
)
async def test_a_status_says_whether_it_was_charged(
    http: Http, site: Loopback, run: Run, status: int, charged: Charged
) -> None:
    site.answers(status)
    with pytest.raises(ImagewayError) as caught:
        await http.json("POST", site.url, Fox, paid=run)
    assert (caught.value.info.charged, run.call.charged) == (charged, charged)
    assert len(site.heard) == 1


async def test_the_adapters_table_may_prove_another_status_free(
    http: Http, site: Loopback, run: Run
) -> None:
    site.answers(500)
    info = await failure(http, site.url, run, refusals=frozenset({500}))
    assert (info.code, info.charged) == (ErrorCode.UNAVAILABLE, "no")


async def test_an_answer_we_cannot_read_is_charged(http: Http, site: Loopback, run: Run) -> None:
    site.answers(body=b"<html>")
    with pytest.raises(ImagewayError) as caught:
        await http.json("POST", site.url, Fox, paid=run)
    info = caught.value.info
    assert (info.code, info.charged) == (ErrorCode.BAD_ANSWER, "yes")
    assert not info.another_may_cure


async def test_an_answer_too_large_to_take_is_charged(http: Http, site: Loopback, run: Run) -> None:
    site.answers(body=b"x" * 100)
    info = await failure(http, site.url, run)
    assert (info.code, info.charged) == (ErrorCode.TOO_LARGE, "yes")
    assert len(site.heard) == 1


async def test_a_refused_second_look_does_not_make_the_first_call_free(
    http: Http, site: Loopback, run: Run
) -> None:
    site.says(b"")
    site.answers(400)
    await failure(http, site.url, run)
    info = await failure(http, site.url, run)
    assert (info.code, info.charged) == (ErrorCode.INVALID_REQUEST, "maybe")


async def test_a_paid_call_never_goes_out_on_an_old_connection(
    http: Http, site: Loopback, run: Run
) -> None:
    site.answers()
    await http.exchange("GET", site.url)
    await http.exchange("POST", site.url, paid=run)
    await http.exchange("POST", site.url, paid=run)
    assert (len(site.heard), site.connections) == (3, 3)


@pytest.mark.parametrize("method", ["GET", "PUT", "post"])
async def test_only_a_post_may_be_paid(http: Http, site: Loopback, run: Run, method: str) -> None:
    with pytest.raises(ImagewayError, match="it must be a 'POST'"):
        await http.exchange(method, site.url, paid=run)
    assert (site.connections, run.call.charged) == (0, "no")


async def test_a_cancelled_call_may_have_been_charged(site: Loopback, run: Run) -> None:
    site.says(b"", "stall")
    async with Http(private=True) as http:
        sending = asyncio.create_task(http.exchange("POST", site.url, paid=run))
        await site.asked.wait()
        sending.cancel()
        await asyncio.wait((sending,))
    assert sending.cancelled()
    assert run.call.charged == "maybe"

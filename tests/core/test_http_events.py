"""Streams of events: read as they come, settled at their end, never taken for something else."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.events import Event
from imageway.core.http import Http
from imageway.core.outgoing import Times
from imageway.core.run import Ledger, Run
from tests.loopback import Ending, Loopback, loopback

STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
ONE = b"11\r\ndata: one\r\n\r\n: \n\r\n"
END = b"0\r\n\r\n"


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(private=True, times=Times(idle=0.2)) as found:
        yield found


@pytest.fixture
def run() -> Run:
    events: list[Event] = []
    return Run(Ledger(events.append, 1), (0,))


async def read(http: Http, site: Loopback, run: Run | None) -> tuple[list[bytes], ErrorInfo | None]:
    found: list[bytes] = []
    try:
        async for event in http.events("POST", site.url, paid=run, limit=99):
            found += [event.data]
    except ImagewayError as error:
        return found, error.info
    return found, None


async def test_a_whole_stream_is_charged(http: Http, site: Loopback, run: Run) -> None:
    site.says(STREAM + ONE + ONE + END, "keep")
    assert await read(http, site, run) == ([b"one", b"one"], None)
    assert run.call.charged == "yes"
    assert site.heard[0].headers["accept"] == "text/event-stream"


async def test_a_stream_whose_end_may_be_a_cut_may_be_charged(
    http: Http, site: Loopback, run: Run
) -> None:
    site.says(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: one\n\n")
    assert await read(http, site, run) == ([b"one"], None)
    assert run.call.charged == "maybe"


@pytest.mark.parametrize("ending", ["close", "stall"])
async def test_a_cut_stream_keeps_what_came_and_is_unknown(
    http: Http, site: Loopback, run: Run, ending: Ending
) -> None:
    site.says(STREAM + ONE, ending)
    found, info = await read(http, site, run)
    assert found == [b"one"]
    assert info is not None
    assert (info.code, info.charged) == (ErrorCode.OUTCOME_UNKNOWN, "maybe")
    assert len(site.heard) == 1


@pytest.mark.parametrize(
    ("ending", "code"), [("close", ErrorCode.NETWORK), ("stall", ErrorCode.TIMEOUT)]
)
async def test_a_free_stream_that_is_cut_says_how(
    http: Http, site: Loopback, ending: Ending, code: ErrorCode
) -> None:
    site.says(STREAM + ONE, ending)
    _, info = await read(http, site, None)
    assert info is not None
    assert (info.code, info.charged) == (code, "no")


async def test_json_in_place_of_a_stream_is_a_bad_answer(
    http: Http, site: Loopback, run: Run
) -> None:
    site.answers(body=b'{"error": "no"}')
    found, info = await read(http, site, run)
    assert found == []
    assert info is not None
    assert (info.code, info.charged) == (ErrorCode.BAD_ANSWER, "yes")


async def test_the_adapter_may_explain_json_in_place_of_a_stream(
    http: Http, site: Loopback
) -> None:
    def explain(status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
        return ImagewayError(ErrorCode.REJECTED, body.decode())

    site.answers(body=b"no foxes")
    with pytest.raises(ImagewayError, match="rejected: no foxes"):
        _ = [event async for event in http.events("POST", site.url, explain=explain)]


async def test_a_refused_stream_costs_nothing(http: Http, site: Loopback, run: Run) -> None:
    site.answers(429, Retry_After="3")
    _, info = await read(http, site, run)
    assert info is not None
    assert (info.code, info.charged, info.retry_after) == (ErrorCode.RATE_LIMITED, "no", 3.0)


async def test_an_event_has_a_largest_size(http: Http, site: Loopback) -> None:
    site.says(STREAM + b"c8\r\n" + b"data: ".ljust(200, b"x") + b"\r\n" + END, "keep")
    _, info = await read(http, site, None)
    assert info is not None
    assert info.code is ErrorCode.TOO_LARGE


async def test_leaving_a_stream_early_drops_its_connection(site: Loopback) -> None:
    site.says(STREAM + ONE, "stall")
    async with Http(private=True) as http:
        stream = http.events("GET", site.url)
        assert (await anext(stream)).data == b"one"
        await stream.aclose()
        assert (await anext(http.events("GET", site.url))).data == b"one"
    assert site.connections == 2

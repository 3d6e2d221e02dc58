"""Lines F01 to F14: what happens between us and a vendor, beyond what the table says."""

from __future__ import annotations

import ssl
import time
import zlib
from pathlib import Path

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.result import ImageResult
from imageway.providers.powers import models
from tests.core.samples import dot
from tests.faults.lab import BLACK_HOLE, NO_NAME, NOBODY, PICTURE, draws, items, lab
from tests.loopback import Loopback, loopback
from tests.memory import growth
from tests.virtual import swiftly

pytestmark = pytest.mark.slow


CERTIFICATE = Path(__file__).parents[1] / "data" / "self_signed.pem"


def code_of(result: ImageResult) -> ErrorCode | None:
    return None if result.error is None else result.error.code


@swiftly
async def test_f01_a_refused_connection_is_not_waited_for_while_another_is_left() -> None:
    async with lab(NOBODY) as both:
        result = await both.draw()
        assert result.images[0].provider == "second"
        assert both.seconds < 1


@swiftly
async def test_f01_refused_connections_open_the_breaker() -> None:
    async with lab(NOBODY) as both:
        for _ in range(5):
            await both.draw()
        assert both.provider().state.breaker.state == "open"


@swiftly
async def test_f02_a_black_hole_costs_three_seconds_and_then_the_next_is_asked() -> None:
    async with lab(BLACK_HOLE) as both:
        result = await both.draw()
        assert result.images[0].provider == "second"
        assert 3 <= both.seconds < 3.1


@swiftly
async def test_f03_a_name_that_does_not_exist_is_told_by_the_provider_s_name() -> None:
    async with lab(NO_NAME) as both:
        result = await both.alone()
    assert result.error is not None
    assert result.error.provider == "first"
    assert "studio.invalid" not in result.error.model_dump_json()


@swiftly
async def test_f04_a_wrong_certificate_is_asked_once_and_never_without_one() -> None:
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(CERTIFICATE)
    async with loopback(secure) as site, lab(site.url) as both:
        result = await both.alone()
        assert code_of(result) is ErrorCode.BAD_ANSWER
        assert (result.notes, site.heard) == ((), [])
        assert (await both.draw()).images[0].provider == "second"


@swiftly
async def test_f05_a_reset_before_any_byte_is_asked_again_where_it_costs_nothing() -> None:
    async with lab(first={"cost": "local"}) as both:
        both.first.slams = 1
        draws(both.first)
        result = await both.alone()
        assert result.status == "succeeded"
        assert (both.first.connections, len(both.first.heard)) == (2, 1)


@swiftly
async def test_f05_a_free_question_survives_a_reset() -> None:
    async with lab() as both:
        both.first.slams = 1
        both.first.answers(body=b'{"id": "fox-xl"}')
        [model] = await models(both.provider())
        assert model.name == "fox-xl"


@swiftly
async def test_f06_what_the_vendor_has_read_is_sent_once_and_to_nobody_else() -> None:
    async with lab() as both:
        both.first.says(b"", "reset")
        result = await both.draw()
        assert code_of(result) is ErrorCode.OUTCOME_UNKNOWN
        assert (len(both.first.heard), len(both.second.heard)) == (1, 0)


@swiftly
async def test_f07_a_picture_that_is_cut_is_fetched_again_and_not_drawn_again() -> None:
    async with lab() as both:
        data = dot().bytes
        both.first.answers(body=items({"url": f"{both.first.url}/fox.png"}))
        both.first.says(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n" + data[:9], "reset")
        both.first.answers(body=data, kind="image/png")
        result = await both.alone()
        assert result.images[0].picture.bytes == data
        assert [heard.method for heard in both.first.heard] == ["POST", "GET", "GET"]


@swiftly
async def test_f09_a_picture_that_drips_is_given_up_and_nobody_draws_it_again() -> None:
    async with lab() as both:
        both.first.answers(body=items({"url": f"{both.first.url}/fox.png"}))
        both.first.drips([b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", *[b"x"] * 98], 0.5)
        result = await both.draw()
        assert result.error is not None
        assert (result.error.code, result.error.charged) == (ErrorCode.TIMEOUT, "yes")
        # The file is asked for three times at most, each time for about twenty seconds.
        assert both.seconds < 3 * 25
        assert both.second.heard == []


def huge_picture(size: int) -> bytes:
    """A whole PNG whose bytes are mostly a chunk that nobody reads."""
    data = dot().bytes
    content = b"fxAt" + bytes(size)
    chunk = size.to_bytes(4) + content + zlib.crc32(content).to_bytes(4)
    return data[:-12] + chunk + data[-12:]


@swiftly
async def test_f10_twenty_megabytes_at_fifty_kilobytes_a_second_come_whole() -> None:
    data = huge_picture(20_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data)
    pieces = [data[start : start + 250_000] for start in range(0, len(data), 250_000)]
    # Five minutes are the usual bound of one attempt.
    async with lab(first={"timeout": {"attempt": "10m"}}) as both:
        both.first.answers(body=items({"url": f"{both.first.url}/fox.png"}))
        both.first.drips([head, *pieces], 5.0, "keep")
        result = await both.alone()
        assert result.images[0].picture.bytes == data
        assert 390 < both.seconds < 900


def each_byte(site: Loopback, data: bytes) -> None:
    site.drips([bytes((byte,)) for byte in data], 1e-6, "close")


@swiftly
async def test_f11_an_answer_in_single_bytes_is_the_same_answer() -> None:
    async with lab() as both:
        body = items(None)
        each_byte(both.first, b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        result = await both.alone()
        assert result.images[0].picture.base64 == PICTURE


@swiftly
async def test_f11_events_in_single_bytes_are_the_same_events() -> None:
    events = f": é🎨\r\n\r\nevent: picture\r\ndata: {PICTURE}\r\n\r\n".encode()
    async with lab(first={"way": "stream"}) as both:
        each_byte(
            both.first, b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + events
        )
        result = await both.alone()
        assert result.images[0].picture.base64 == PICTURE


@swiftly
async def test_f12_a_vendor_that_does_not_hang_up_holds_nobody_up() -> None:
    async with lab() as both:
        both.first.answers(body=items(None), ending="stall", Connection="close")
        for _ in range(2):
            assert (await both.alone()).status == "succeeded"
        await both.first.deserted()
        assert both.seconds < 1


@swiftly
async def test_f13_a_question_on_a_connection_that_is_just_closed_is_answered() -> None:
    async with lab() as both:
        both.first.answers(body=b'{"id": "fox-xl"}')
        both.first.says(b"")
        both.first.answers(body=b'{"id": "fox-xxl"}')
        await models(both.provider())
        both.provider().state.repeating.budget.least_per_minute = 0
        await both.wait(61)
        [model] = await models(both.provider())
        assert (model.name, both.first.connections) == ("fox-xxl", 2)


@swiftly
async def test_f13_an_order_is_never_sent_on_a_connection_that_may_be_closed() -> None:
    async with lab() as both:
        draws(both.first)
        for _ in range(3):
            await both.alone()
        assert both.first.connections == 3


@swiftly
async def test_f14_what_is_too_large_is_cut_before_it_is_here_and_was_paid_for() -> None:
    async with lab(first={"limit": 100_000}) as both:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        endless = [b"10000\r\n" + bytes(1 << 16) + b"\r\n"] * 1000
        both.first.drips([head, *endless], 0.0)
        with growth() as grown:
            began = time.process_time()
            result = await both.alone()
        assert time.process_time() - began < 1
    assert grown.bytes < 8 << 20
    assert result.error is not None
    assert (result.error.code, result.error.charged) == (ErrorCode.TOO_LARGE, "yes")
    assert result.error.details == {"limit": 100_000}
    assert len(both.first.heard) == 1

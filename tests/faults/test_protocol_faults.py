"""Lines F20 to F27 and F31: answers that are no success, beyond what the table says."""

from __future__ import annotations

import time

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.events import Note
from imageway.providers.jobs import Job
from tests.core.samples import dot
from tests.faults.lab import draws, items, lab
from tests.faults.studio import KEYS
from tests.faults.table import HTML
from tests.loopback import loopback
from tests.memory import growth
from tests.virtual import swiftly

pytestmark = pytest.mark.slow


@swiftly
async def test_f20_two_seconds_are_waited_for_two_seconds_and_the_repeat_is_counted() -> None:
    async with lab() as both:
        both.first.answers(429, Retry_After="2")
        draws(both.first)
        before = both.provider().state.repeating.budget.left
        result = await both.alone()
        assert result.status == "succeeded"
        assert [note.kind for note in result.notes] == ["retried"]
        assert 1.8 <= both.seconds <= 2.2
        assert len(both.first.heard) == 2
        assert both.provider().state.repeating.budget.left == before - 1


@swiftly
async def test_f20_nobody_waits_longer_because_others_wait_too() -> None:
    async with lab() as both:
        both.first.answers(429, Retry_After="2")
        draws(both.first)
        events = await both.events()
        [note] = [event for event in events if isinstance(event, Note)]
        assert note.detail.endswith("asked again in 2.0 s")


@swiftly
async def test_f21_an_hour_is_told_to_the_caller_and_not_waited_for() -> None:
    async with lab() as both:
        both.first.answers(429, Retry_After="3600")
        answer = await both.over_http()
        assert (answer.status, answer.headers["Retry-After"]) == (429, "3600")
        assert both.seconds < 1


@swiftly
async def test_f21_nonsense_is_not_told_and_our_own_waits_are_kept() -> None:
    async with lab() as both:
        both.first.answers(429, Retry_After="-3600, soon")
        answer = await both.over_http()
        assert "Retry-After" not in answer.headers
        assert 1.5 <= both.seconds < 1.6


@swiftly
async def test_f22_a_storm_is_not_passed_on_and_ends_when_the_vendor_heals() -> None:
    """Fifty requests in each second of a minute, all of them answered with 503."""
    async with lab(first={"concurrency": {"at_once": 50, "queue": 5000}}) as both:
        both.first.answers(503)
        breaker = both.provider().state.breaker
        jobs: list[Job] = []
        opened = 0.0
        for second in range(60):
            jobs += [await both.begin() for _ in range(50)]
            await both.wait(second + 1 - both.seconds)
            opened = opened or (both.seconds if breaker.state == "open" else 0.0)
        assert 0 < opened <= 2
        for job in jobs:
            await job.ended()
        assert len(both.first.heard) <= 1.1 * len(jobs)
        draws(both.first)
        both.first.skip()
        healed = both.seconds
        while (await both.alone()).error is not None:
            await both.wait(1)
            assert both.seconds - healed <= 35
        assert breaker.state == "closed"


@swiftly
async def test_f23_of_a_broken_server_s_page_only_the_log_shows_something(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG", "imageway")
    async with lab() as both:
        both.first.answers(500, HTML + b" " * 300 + b"END", kind="text/html")
        answer = await both.over_http()
    assert answer.error["message"] == "the provider answered with HTTP 500"
    assert "html" not in answer.text.lower()
    samples = [record.getMessage() for record in caplog.records if "502" in record.getMessage()]
    assert len(samples) == 1
    assert "END" not in samples[0]


@swiftly
async def test_f24_an_error_inside_a_success_is_told_in_the_vendor_s_words() -> None:
    async with lab() as both:
        both.first.answers(body=b'{"error": {"code": "safety", "message": "no foxes"}}')
        result = await both.draw()
        assert result.error is not None
        assert result.error.code is ErrorCode.REJECTED
        assert result.error.vendor_message == "no foxes"
        assert both.second.heard == []


@swiftly
async def test_f25_a_safety_block_for_one_picture_is_a_refusal_of_that_picture() -> None:
    async with lab() as both:
        both.first.answers(body=items({"error": {"code": "safety"}}))
        result = await both.draw()
        assert result.error is not None
        assert (result.error.code, result.error.charged) == (ErrorCode.REJECTED, "yes")
        assert both.second.heard == []


@swiftly
async def test_f26_fewer_pictures_than_asked_for_are_a_partial_success() -> None:
    async with lab() as both:
        both.first.answers(body=items(None, None))
        result = await both.alone(3)
        assert result.status == "partial"
        assert [image.index for image in result.images] == [0, 1]
        [failed] = result.failures
        assert (failed.index, failed.error.code) == (2, ErrorCode.FAILED)
        assert failed.error.charged == "yes"


@swiftly
async def test_f26_the_gateway_says_that_a_success_is_partial() -> None:
    async with lab() as both:
        both.first.answers(body=items(None, None))
        answer = await both.over_http(count=3)
        assert answer.status == 200
        assert answer.headers["x-imageway-status"] == "partial"


@swiftly
async def test_f26_the_next_provider_is_asked_for_what_is_missing() -> None:
    async with lab() as both:
        both.first.answers(body=items(None, None))
        result = await both.draw(3)
        assert [image.provider for image in result.images] == ["first", "first", "second"]
        assert b'"count":1' in both.second.heard[0].body


BOMBS = {
    "nested": b'{"junk": ' + b"[" * 10_000,
    "a_number": b'{"junk": ' + b"9" * (60 << 20) + b"}",
    "cut": items(None)[:-3],
    "wrong_items": b'{"items": [' + b"1," * (10 << 20) + b"1]}",
    "too_large": b'{"junk": ' + b"9" * (200 << 20) + b"}",
}


@pytest.mark.parametrize("name", BOMBS)
@swiftly
async def test_f27_json_that_is_none_costs_no_time_and_no_memory(name: str) -> None:
    body = BOMBS[name]
    async with lab() as both:
        head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
        pieces = [body[start : start + (1 << 20)] for start in range(0, len(body), 1 << 20)]
        both.first.drips([head, *pieces], 0.0, "keep")
        with growth() as grown:
            began = time.process_time()
            result = await both.alone()
            seconds = time.process_time() - began
    assert result.error is not None
    assert result.error.code in {ErrorCode.BAD_ANSWER, ErrorCode.TOO_LARGE}
    # An answer is held once while it comes and once when it is here, up to the limit of 64 MiB.
    held = 2 * min(len(body), 64 << 20)
    assert grown.bytes < held + (50 << 20)
    assert seconds < 1


@pytest.mark.parametrize("status", [302, 307, 308])
@swiftly
async def test_f31_an_order_is_not_carried_to_another_host(status: int) -> None:
    async with lab() as both, loopback() as other:
        both.first.answers(status, Location=other.url)
        result = await both.alone()
        assert result.error is not None
        assert result.error.code is ErrorCode.BAD_ANSWER
        assert other.connections == 0


@pytest.mark.parametrize("status", [302, 307, 308])
@swiftly
async def test_f31_a_picture_may_lie_elsewhere_and_our_key_stays_here(status: int) -> None:
    async with lab() as both, loopback() as other:
        both.first.answers(body=items({"url": f"{both.first.url}/fox.png"}))
        both.first.answers(status, Location=f"{other.url}/fox.png")
        other.answers(body=dot().bytes, kind="image/png")
        result = await both.alone()
        assert result.status == "succeeded"
        assert both.first.heard[1].headers["authorization"] == KEYS["Authorization"]
        assert "authorization" not in other.heard[0].headers


@swiftly
async def test_f31_a_picture_that_is_always_elsewhere_is_none() -> None:
    async with lab() as both:
        both.first.answers(body=items({"url": f"{both.first.url}/0"}))
        both.first.answers(302, Location="/1")
        result = await both.draw()
        assert result.error is not None
        assert (result.error.code, result.error.charged) == (ErrorCode.BAD_ANSWER, "yes")
        assert len(both.first.heard) == 1 + 4
        assert both.second.heard == []


@pytest.mark.parametrize("url", ["http://169.254.169.254/fox.png", "file:///etc/passwd"])
@swiftly
async def test_f31_a_picture_is_not_fetched_from_where_no_picture_is(url: str) -> None:
    async with lab() as both:
        both.first.answers(body=items({"url": url}))
        result = await both.draw()
        assert result.error is not None
        assert result.error.code in {ErrorCode.BAD_ANSWER, ErrorCode.FORBIDDEN}
        assert both.second.heard == []

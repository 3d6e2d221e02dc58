"""A rehearsal that nobody can overlook: log, health, list of providers, numbers, answers."""

from __future__ import annotations

import asyncio
import logging

import pytest

from imageway.providers.report import Reports
from imageway.providers.tables.chaos import Chaos, Trouble
from imageway.server.chaos import EVERY_SECONDS, HEADER, keep_telling
from tests.server.lab import Lab

WORDS = "error unavailable, until 20"


def rehearse(it: Lab, **trouble: object) -> None:
    """Let the lab's provider only rehearse for ten minutes."""
    rehearsal = it.way.snapshot.providers["lab"].state.rehearsal
    rehearsal.adjust(Chaos(enabled=True))
    rehearsal.begin(Trouble.model_validate(trouble or {"error": "unavailable"}), 600)


async def test_without_a_rehearsal_nothing_speaks_of_one(it: Lab) -> None:
    answer = await it.draw()
    assert HEADER not in answer.headers
    assert "chaos" not in (await it.ask("/health")).json
    assert b'imageway_provider_chaos{provider="lab"} 0.0' in (await it.ask("/metrics")).body


async def test_health_says_who_only_rehearses_and_what(it: Lab) -> None:
    rehearse(it)
    answer = await it.ask("/health")
    assert answer.status == 200
    chaos = answer.json["chaos"]
    assert isinstance(chaos, dict)
    assert str(chaos["lab"]).startswith(WORDS)


async def test_the_list_of_providers_and_the_numbers_say_it_too(it: Lab) -> None:
    rehearse(it)
    lab, shop = Reports.model_validate_json((await it.ask("/v1/providers")).body).providers
    assert lab.chaos is not None
    assert lab.chaos.startswith(WORDS)
    assert shop.chaos is None
    assert b'imageway_provider_chaos{provider="lab"} 1.0' in (await it.ask("/metrics")).body


async def test_an_error_that_was_only_rehearsed_names_its_provider_in_a_header(it: Lab) -> None:
    rehearse(it, error="failed")
    answer = await it.draw()
    assert (answer.status, answer.headers[HEADER]) == (502, "lab")
    assert b'imageway_notes_total{kind="rehearsed"} 1.0' in (await it.ask("/metrics")).body


async def test_a_picture_that_came_late_on_purpose_has_the_header_and_a_note(it: Lab) -> None:
    rehearse(it, latency="1ms")
    answer = await it.draw()
    assert (answer.status, answer.headers[HEADER]) == (200, "lab")
    beside = answer.json["imageway"]
    assert isinstance(beside, dict)
    [note] = beside["notes"] if isinstance(beside["notes"], list) else []
    assert isinstance(note, dict)
    assert note["kind"] == "rehearsed"


async def test_a_stream_has_the_header_too(it: Lab) -> None:
    rehearse(it, latency="1ms")
    answer = await it.draw(stream=True)
    assert (answer.status, answer.headers[HEADER]) == (200, "lab")


async def test_the_log_tells_of_it_when_it_begins_and_each_minute(
    it: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "imageway.chaos")
    rehearse(it)
    naps: list[float] = []

    async def sleep(seconds: float) -> None:
        naps.append(seconds)
        if len(naps) > 3:
            raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await keep_telling(lambda: it.way.snapshot, sleep)
    assert naps == [EVERY_SECONDS] * 4
    told = [record.getMessage() for record in caplog.records]
    assert len(told) == 1 + 4
    assert all(line.startswith("chaos: lab only rehearses: error unavailable") for line in told)

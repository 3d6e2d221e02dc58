"""A workflow under way: progress, the line, previews, links that end, and every kind of end."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pydantic import JsonValue

from imageway.core.errors import ErrorCode
from imageway.core.events import Accepted, ImageReady, Preview, Progress, Queued
from imageway.emulators.civitai_workflows import Script, Status
from imageway.emulators.faults import Fault, Spot
from tests.adapters.civitai_stand import Stand, stand


@pytest.fixture
async def found() -> AsyncIterator[Stand]:
    async with stand() as made:
        yield made


async def test_the_line_and_the_progress_are_told_and_never_go_back(found: Stand) -> None:
    found.vendor.polls_until_done = 4
    found.vendor.play(Script(path=(("preparing", 5.0), ("scheduled", 5.0))))
    found.vendor.seconds_per_picture = 40
    await found.draw()
    assert any(isinstance(event, Queued) and event.position == 3 for event in found.heard)
    told = [event.fraction for event in found.heard if isinstance(event, Progress)]
    known = [fraction for fraction in told if fraction is not None]
    assert known == sorted(known)
    assert known


async def test_the_ticket_is_told_before_the_first_poll(found: Stand) -> None:
    await found.draw()
    first = found.heard[0]
    assert isinstance(first, Accepted)
    assert first.ticket in found.at(Spot.POLL)[0].path


async def test_it_waits_at_the_vendor_and_not_here(found: Stand) -> None:
    found.vendor.seconds_per_picture, found.vendor.polls_until_done = 60, 0
    await found.draw()
    assert len(found.at(Spot.POLL)) <= 8
    assert "wait=10" in found.at(Spot.POLL)[0].query


async def test_a_deployment_that_takes_no_seconds_is_polled_without_waiting(found: Stand) -> None:
    found.vendor.facts = replace(found.vendor.facts, boolean_wait=True)
    assert (await found.draw()).status == "succeeded"
    first, *others = found.at(Spot.POLL)
    assert "wait" in first.query
    assert all("wait" not in poll.query for poll in others)


async def test_a_picture_that_is_ready_early_is_delivered_early(found: Stand) -> None:
    found.vendor.play(Script(last_first=True))
    await found.draw(count=3)
    ready = [event.index for event in found.heard if isinstance(event, ImageReady)]
    assert ready[0] == 2
    assert sorted(ready) == [0, 1, 2]


async def test_a_preview_is_shown_where_the_vendor_offers_one(found: Stand) -> None:
    found.vendor.facts = replace(found.vendor.facts, offers_previews=True)
    await found.draw(count=2)
    shown = [event.index for event in found.heard if isinstance(event, Preview)]
    assert sorted(shown) == [0, 1]


async def test_a_status_that_nobody_knows_is_not_the_end(found: Stand) -> None:
    found.vendor.play(Script(unknown_status="dreaming"))
    assert (await found.draw()).status == "succeeded"


@pytest.mark.parametrize("has_jobs", [True, False])
async def test_jobs_may_be_there_or_not(found: Stand, has_jobs: bool) -> None:
    found.vendor.facts = replace(found.vendor.facts, has_jobs=has_jobs)
    assert (await found.draw()).status == "succeeded"


@pytest.mark.parametrize("relative", [True, False])
async def test_a_link_that_has_ended_is_replaced(found: Stand, relative: bool) -> None:
    found.vendor.facts = replace(found.vendor.facts, relative_redirect=relative)
    found.vendor.script(Fault.NOT_FOUND, spot=Spot.DOWNLOAD)
    assert (await found.draw()).status == "succeeded"


async def test_a_picture_is_fetched_by_its_id_where_no_link_helps(found: Stand) -> None:
    found.vendor.script(Fault.NOT_FOUND, times=2, spot=Spot.DOWNLOAD)
    assert (await found.draw()).status == "succeeded"
    shown = [heard for heard in found.at(Spot.DOWNLOAD) if heard.header("Authorization")]
    assert len(shown) == 1


async def test_a_picture_that_is_gone_is_one_failure_and_was_paid(found: Stand) -> None:
    found.vendor.play(Script(("ok", "lost")))
    result = await found.draw(count=2)
    assert [image.index for image in result.images] == [0]
    [failed] = result.failures
    assert (failed.error.code, failed.error.charged) == (ErrorCode.BAD_ANSWER, "yes")
    assert str(failed.error.details["ticket"]) in found.at(Spot.POLL)[0].path


@pytest.mark.parametrize(
    ("end", "message"),
    [
        ("failed", "CivitAI tried and made no picture"),
        ("expired", "CivitAI did not get to this picture in time"),
        ("canceled", "the workflow was ended at CivitAI before this picture was made"),
    ],
)
async def test_a_bad_end_is_told_by_its_name(found: Stand, end: Status, message: str) -> None:
    found.vendor.play(Script(("missing",), end))
    error = await found.refusal()
    assert (error.code, error.message) == (ErrorCode.FAILED, message)
    assert error.vendor_message == "no reason was given"


async def test_pictures_of_an_expired_step_are_delivered(found: Stand) -> None:
    found.vendor.play(Script(("ok", "missing"), "expired"))
    result = await found.draw(count=2)
    assert ([image.index for image in result.images], result.status) == ([0], "partial")


async def test_a_list_that_is_too_short_fails_what_is_missing(found: Stand) -> None:
    found.vendor.play(Script(left_out=2))
    result = await found.draw(count=4)
    assert [failed.index for failed in result.failures] == [2, 3]


async def test_what_is_mature_says_how_it_is_released(found: Stand) -> None:
    found.vendor.play(Script(("mature",)))
    error = await found.refusal()
    assert (error.code, error.vendor_message) == (ErrorCode.REJECTED, "MatureContent")
    assert "civitai.allow_mature" in (error.hint or "")


@pytest.mark.parametrize("reason", ["none", "NONE", ""])
async def test_the_word_none_is_no_reason(found: Stand, reason: str) -> None:
    found.vendor.play(Script((f"blocked:{reason}",)))
    assert (await found.refusal()).code is ErrorCode.FAILED


async def test_lost_polls_in_a_row_are_survived_up_to_a_point(found: Stand) -> None:
    found.vendor.script(Fault.UNAVAILABLE, times=5, spot=Spot.POLL)
    assert (await found.draw()).status == "succeeded"
    found.vendor.script(Fault.GARBAGE, times=5, spot=Spot.POLL)
    assert (await found.draw()).status == "succeeded"
    found.vendor.script(Fault.UNAVAILABLE, times=None, spot=Spot.POLL)
    error = await found.refusal()
    assert (error.code, error.charged) == (ErrorCode.UNAVAILABLE, "yes")
    assert str(error.details["ticket"]) in (error.hint or "")
    assert error.details["buzz"] == 8


async def test_another_model_than_was_ordered_is_told(found: Stand) -> None:
    extra: list[JsonValue] = [{"requested": "urn:a", "applied": "urn:b", "reason": "gated"}]
    found.vendor.play(Script(metadata={"modelSubstitutions": extra}))
    await found.draw()
    assert found.notes == ["CivitAI drew with 'urn:b' for 'urn:a' (gated)"]

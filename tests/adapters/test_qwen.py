"""The Qwen adapter before a server that has the whole contract."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.events import Accepted, ImageReady, Preview, Progress, Queued
from imageway.core.picture import Picture
from imageway.emulators.faults import Fault
from tests.adapters.qwen_lab import Lab, heard, lab, wishes
from tests.core.samples import sample
from tests.emulators.qwen_client import Clock, SmallQwen


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def server(clock: Clock) -> SmallQwen:
    return SmallQwen(clock=clock)


@pytest.fixture
async def at(server: SmallQwen) -> AsyncIterator[Lab]:
    async with lab(server) as opened:
        yield opened


def seeds_of(server: SmallQwen) -> list[int]:
    return [int(str(body["seed"])) for body in wishes(server)]


async def test_a_picture_comes_with_its_seed(at: Lab, server: SmallQwen) -> None:
    result = await at.draw(seed=7)
    [ready] = result.images
    assert (ready.picture.media_type, ready.picture.seed) == ("image/png", 7)
    assert (ready.picture.width, ready.picture.height) == (64, 64)
    assert (result.status, result.notes) == ("succeeded", ())
    assert len(server.drawn) == 1


async def test_the_time_that_it_took_is_told(at: Lab, server: SmallQwen, clock: Clock) -> None:
    server.seconds_per_picture = 8

    async def sleep(seconds: float) -> None:
        clock.now += seconds

    server.sleep = sleep
    result = await at.draw()
    assert [(charged.amount, charged.unit) for charged in result.usage] == [(8.0, "seconds")]


async def test_everything_on_the_way_is_told_in_order(at: Lab, server: SmallQwen) -> None:
    server.polls_until_done = 3
    server.crowd(2)
    await at.draw(steps=20, previews=2)
    kinds = [type(event) for event in at.events]
    assert kinds.index(Accepted) < kinds.index(Queued) < kinds.index(Progress)
    assert kinds.index(Progress) < kinds.index(Preview) < kinds.index(ImageReady)
    fractions = [event.fraction for event in at.of(Progress)]
    assert fractions == sorted(fractions, key=lambda each: each or 0)
    assert at.of(Progress)[-1].stage == "step 20 of 20"


async def test_the_place_in_the_line_falls(at: Lab, server: SmallQwen) -> None:
    server.polls_until_done = 3
    server.crowd(3)
    await at.draw()
    places = [event.position for event in at.of(Queued)]
    assert [place for i, place in enumerate(places) if places[:i][-1:] != [place]] == [3, 2, 1]
    assert None not in [event.seconds for event in at.of(Queued)]


async def test_the_ticket_is_the_servers_id(at: Lab, server: SmallQwen) -> None:
    await at.draw()
    assert [event.ticket for event in at.of(Accepted)] == list(server.drawn)


@pytest.mark.parametrize("wanted", [0, 1, 2, 3])
async def test_as_many_previews_as_wished_are_shown(at: Lab, wanted: int) -> None:
    await at.draw(previews=wanted)
    shown = at.of(Preview)
    assert len(shown) == wanted
    assert all(preview.picture.media_type == "image/jpeg" for preview in shown)


async def test_a_server_without_previews_is_no_failure(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.NO_PREVIEWS)
    assert (await at.draw(previews=3)).status == "succeeded"
    assert at.of(Preview) == []


@pytest.mark.parametrize(
    ("wish", "value", "field", "sent"),
    [
        ("negative_prompt", "fog", "negative_prompt", "fog"),
        ("aspect", "16:9", "aspect_ratio", "16:9"),
        ("size", "112x64", "aspect_ratio", "16:9"),
        ("steps", 30, "num_steps", 30),
        ("guidance", 2.5, "cfg_scale", 2.5),
        ("seed", 9, "seed", 9),
        ("format", "webp", "format", "webp"),
        ("strict", True, "allow_degrade", False),
        ("extras", {"qwen": {"allow_degrade": False}}, "allow_degrade", False),
        ("extras", {"qwen": {"max_wait_seconds": 9.5}}, "max_wait_seconds", 9.5),
    ],
)
async def test_a_wish_reaches_the_server(
    at: Lab, server: SmallQwen, wish: str, value: object, field: str, sent: object
) -> None:
    result = await at.draw(**{wish: value})
    assert (result.status, result.notes) == ("succeeded", ())
    await at.draw()
    first, second = wishes(server)
    assert first[field] == sent
    assert second.get(field) != sent


async def test_what_is_not_wished_is_not_sent(at: Lab, server: SmallQwen) -> None:
    await at.draw()
    assert wishes(server)[0].keys() == {"prompt", "seed", "async"}


async def test_without_a_seed_each_picture_has_one_of_its_own(at: Lab, server: SmallQwen) -> None:
    result = await at.draw(count=3)
    seeds = sorted(ready.picture.seed or 0 for ready in result.images)
    assert len({*seeds, 42}) == 4
    assert sorted(seeds_of(server)) == seeds
    assert len({ready.picture.base64 for ready in result.images}) == 3


async def test_the_largest_seed_goes_on_at_nought(at: Lab, server: SmallQwen) -> None:
    result = await at.draw(count=2, seed=2**53 - 1)
    assert result.status == "succeeded"
    assert sorted(seeds_of(server)) == [0, 2**53 - 1]


async def test_every_call_has_a_key_of_its_own(at: Lab, server: SmallQwen) -> None:
    await at.draw(count=2)
    keys = {each.header("Idempotency-Key") for each in heard(server, "POST")}
    assert len(keys) == 2
    assert all((key or "").startswith("call_") for key in keys)


async def test_a_size_that_is_not_drawn_becomes_the_nearest_and_is_noted(
    at: Lab, server: SmallQwen
) -> None:
    result = await at.draw(size="1024x512")
    assert [note.detail for note in result.notes] == ["size 1024x512 became 112x64"]
    assert wishes(server)[0]["aspect_ratio"] == "16:9"


async def test_numbers_out_of_range_are_brought_into_it(at: Lab, server: SmallQwen) -> None:
    result = await at.draw(steps=4, guidance=30)
    assert {note.kind for note in result.notes} == {"adjusted"}
    assert wishes(server)[0]["num_steps"] == 20
    assert wishes(server)[0]["cfg_scale"] == 20


async def test_a_degraded_picture_is_noted_and_has_the_seed_that_drew_it(
    at: Lab, server: SmallQwen
) -> None:
    server.script(Fault.DEGRADED)
    result = await at.draw(seed=7, steps=50)
    [ready], [note] = result.images, result.notes
    assert ready.picture.seed != 7
    assert note.kind == "degraded"
    assert note.detail == (
        f"after nan the Qwen server drew with 40 steps and seed {ready.picture.seed} instead"
    )


async def test_a_strict_request_is_rather_refused_than_degraded(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.DEGRADED)
    result = await at.draw(strict=True)
    assert result.error is not None
    assert result.error.code is ErrorCode.FAILED


async def test_unknown_extras_are_refused_before_anything_is_sent(
    at: Lab, server: SmallQwen
) -> None:
    result = await at.draw(extras={"qwen": {"sampler": "euler"}})
    assert result.error is not None
    assert result.error.code is ErrorCode.INVALID_REQUEST
    assert result.error.param == "extras.qwen.sampler"
    assert wishes(server) == []


async def test_references_are_refused(at: Lab, server: SmallQwen) -> None:
    picture = Picture.from_bytes(sample("png"))
    result = await at.draw(references=[{"picture": picture}])
    assert result.error is not None
    assert result.error.code is ErrorCode.UNSUPPORTED
    assert wishes(server) == []


async def test_another_model_is_not_there(at: Lab, server: SmallQwen) -> None:
    result = await at.draw(model="flux")
    assert result.error is not None
    assert (result.error.code, result.error.hint) == (
        ErrorCode.NOT_FOUND,
        "it has 'qwen-image-2512'",
    )
    assert wishes(server) == []


async def test_a_key_is_sent_where_there_is_one() -> None:
    server = SmallQwen(key="secret")
    async with lab(server, key="secret") as at:
        assert (await at.draw()).status == "succeeded"
    async with lab(server, key="another-secret") as at:
        error = (await at.draw()).error
    assert error is not None
    assert error.code is ErrorCode.UNAUTHENTICATED
    assert "another" not in error.model_dump_json()

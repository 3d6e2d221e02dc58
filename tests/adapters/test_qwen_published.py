"""The Qwen adapter before a server of the article: it waits, and asks for nothing it has not."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.events import Accepted, Preview, Progress
from imageway.core.options import Option
from imageway.core.size import Size
from imageway.emulators.faults import Fault
from tests.adapters.qwen_lab import Gate, Lab, heard, lab, wishes
from tests.core.samples import sample
from tests.emulators.qwen_client import SmallPublishedQwen
from tests.vendor import Vendor

PUBLISHED = {"prompt", "negative_prompt", "aspect_ratio", "num_steps", "cfg_scale", "seed"}


@pytest.fixture
def server() -> SmallPublishedQwen:
    return SmallPublishedQwen()


@pytest.fixture
async def at(server: SmallPublishedQwen) -> AsyncIterator[Lab]:
    async with lab(server) as opened:
        yield opened


async def test_it_claims_what_the_article_has(at: Lab) -> None:
    can = await at.adapter.describe("qwen-image-2512")
    assert can.known
    assert can.options == {
        Option.SIZE,
        Option.ASPECT,
        Option.SEED,
        Option.NEGATIVE_PROMPT,
        Option.GUIDANCE,
        Option.STEPS,
    }
    assert Size(1664, 928) in can.sizes.choices
    assert can.sizes.usual == Size(1328, 1328)
    assert (can.reports_progress, can.sends_previews) == (False, False)


async def test_the_picture_comes_with_the_seed_that_was_sent(
    at: Lab, server: SmallPublishedQwen
) -> None:
    result = await at.draw(
        negative_prompt="fog", aspect="16:9", steps=20, guidance=2.0, previews=2, format="webp"
    )
    [ready], [body] = result.images, wishes(server)
    assert (ready.picture.width, ready.picture.height) == (112, 64)
    assert ready.picture.seed == body["seed"] != 42
    assert body.keys() == PUBLISHED
    assert {note.kind for note in result.notes} == {"ignored"}
    assert [at.of(kind) for kind in (Progress, Preview, Accepted)] == [[], [], []]


async def test_two_pictures_of_one_wish_are_two(at: Lab) -> None:
    result = await at.draw(count=2)
    assert len({ready.picture.base64 for ready in result.images}) == 2


async def test_extras_that_it_does_not_know_are_noted(at: Lab, server: SmallPublishedQwen) -> None:
    result = await at.draw(extras={"qwen": {"max_wait_seconds": 5}})
    assert [note.detail for note in result.notes] == ["this Qwen server knows no max_wait_seconds"]
    assert wishes(server)[0].keys() == {"prompt", "seed"}


@pytest.mark.parametrize(
    ("fault", "code", "vendor_code"),
    [
        (Fault.UNAVAILABLE, ErrorCode.UNAVAILABLE, "3001"),
        (Fault.RATE_LIMITED, ErrorCode.RATE_LIMITED, "3002"),
        (Fault.SERVER_ERROR, ErrorCode.FAILED, "4001"),
    ],
)
async def test_its_codes_are_told(
    at: Lab,
    server: SmallPublishedQwen,
    fault: Fault,
    code: ErrorCode,
    vendor_code: str,
) -> None:
    server.script(fault, retry_after="30")
    error = (await at.draw()).error
    assert error is not None
    assert (error.code, error.vendor_code, error.retry_after) == (code, vendor_code, 30)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (Fault.NO_IMAGE, ErrorCode.FAILED),
        (Fault.NOT_A_PICTURE, ErrorCode.BAD_ANSWER),
        (Fault.GARBAGE, ErrorCode.BAD_ANSWER),
        (Fault.HANG_UP, ErrorCode.NETWORK),
        (Fault.CUT, ErrorCode.NETWORK),
        (Fault.HTML, ErrorCode.UNAVAILABLE),
    ],
)
async def test_what_is_no_picture_is_no_success_and_is_not_asked_again(
    at: Lab, server: SmallPublishedQwen, fault: Fault, code: ErrorCode
) -> None:
    server.script(fault)
    error = (await at.draw()).error
    assert error is not None
    assert error.code is code
    assert len(wishes(server)) == 1


async def test_where_work_costs_a_lost_answer_may_have_been_charged() -> None:
    server = SmallPublishedQwen()
    async with lab(server, cost="paid") as at:
        server.script(Fault.HANG_UP)
        error = (await at.draw()).error
    assert error is not None
    assert (error.code, error.charged) == (ErrorCode.OUTCOME_UNKNOWN, "maybe")
    assert len(wishes(server)) == 1


async def test_there_is_nothing_to_cancel(at: Lab, server: SmallPublishedQwen) -> None:
    gate = Gate()
    server.sleep = gate
    job = at.start()
    await gate.reached.wait()
    job.cancel()
    await job.ended()
    assert heard(server, "DELETE") == []


async def test_its_line_says_how_it_is(at: Lab, server: SmallPublishedQwen) -> None:
    assert (await at.adapter.check()).status == "up"
    server.standing = "loading"
    assert (await at.adapter.check()).status == "degraded"


async def test_its_model_has_the_usual_name(at: Lab) -> None:
    assert [model.name for model in await at.adapter.models()] == ["qwen-image-2512"]


async def test_what_its_picture_claims_to_be_it_must_be(vendor: Vendor) -> None:
    url = "http://127.0.0.1:7860"
    claimed = {"Content-Type": "image/jpeg"}
    vendor.answers("GET", f"{url}/api/info", status=404)
    vendor.answers("POST", f"{url}/api/generate", body=sample("png"), headers=claimed)
    async with lab(url) as at:
        error = (await at.draw()).error
    assert error is not None
    assert error.message == "the Qwen server sent 'image/png' and called it 'image/jpeg'"


async def test_a_picture_of_one_colour_is_noted(vendor: Vendor) -> None:
    url = "http://127.0.0.1:7860"
    said = {"Content-Type": "image/png", "X-Warning": "flat-image"}
    vendor.answers("GET", f"{url}/api/info", status=404)
    vendor.answers("POST", f"{url}/api/generate", body=sample("png"), headers=said)
    async with lab(url) as at:
        result = await at.draw()
    assert [note.detail for note in result.notes] == ["the picture is of one flat colour"]

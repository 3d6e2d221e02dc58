"""Lines F33 to F36: what a vendor has against our account, beyond what the table says."""

from __future__ import annotations

import json

import pytest

from imageway.core.errors import ErrorCode
from tests.faults.lab import draws, items, lab
from tests.loopback import Loopback
from tests.virtual import swiftly


def refuses(site: Loopback, status: int, **error: str) -> None:
    site.answers(status, json.dumps({"error": error}).encode())


@pytest.mark.parametrize("status", [401, 403])
@swiftly
async def test_f33_a_refused_key_is_ours_and_takes_no_other_route_with_it(status: int) -> None:
    async with lab() as both:
        refuses(both.first, status, message="bad key")
        answer = await both.over_http()
        assert answer.status == 502
        assert answer.error["provider"] == "first"
        assert answer.error["vendor_message"] == "bad key"
        assert (await both.draw(model="second/two")).status == "succeeded"


@swiftly
async def test_f33_it_is_said_whose_key_was_refused() -> None:
    async with lab() as both:
        both.first.answers(401)
        answer = await both.over_http()
        assert answer.error["message"] == "the provider refused imageway's key"


@swiftly
async def test_f33_a_refused_key_does_not_open_the_breaker() -> None:
    async with lab() as both:
        both.first.answers(401)
        for _ in range(10):
            await both.alone()
        assert both.provider().state.breaker.state == "closed"


@swiftly
async def test_f34_spent_money_is_a_reason_to_ask_the_next() -> None:
    async with lab() as both:
        refuses(both.first, 402, code="no_money")
        result = await both.draw()
        assert result.images[0].provider == "second"
        assert [note.kind for note in result.notes] == ["fallback"]
        assert len(both.first.heard) == 1


@swiftly
async def test_f35_a_refused_wish_is_final_for_it_and_for_nothing_else() -> None:
    async with lab() as both:
        both.first.answers(body=items(None, {"error": {"code": "safety"}}, None))
        result = await both.draw(3)
        assert [image.index for image in result.images] == [0, 2]
        assert [failed.error.code for failed in result.failures] == [ErrorCode.REJECTED]
        assert (len(both.first.heard), len(both.second.heard)) == (1, 0)


@swiftly
async def test_f35_after_a_refusal_the_vendor_is_asked_as_ever() -> None:
    async with lab() as both:
        for _ in range(10):
            refuses(both.first, 400, code="safety")
        draws(both.first)
        for _ in range(10):
            assert (await both.alone()).error is not None
        assert (await both.alone()).status == "succeeded"


@swiftly
async def test_f36_of_a_model_that_is_not_bought_the_end_of_its_early_access_is_told() -> None:
    async with lab() as both:
        refuses(both.first, 403, code="early_access", ends_at="2031-05-01")
        answer = await both.over_http()
        assert answer.status == 403
        assert answer.error["details"] == {"ends_at": "2031-05-01"}
        assert answer.error["charged"] == "no"

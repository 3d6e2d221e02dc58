"""The Qwen service's codes as a caller meets them, one by one, by family, and without any."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from imageway.adapters.qwen.errors import explain
from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.emulators.faults import Fault
from tests.adapters.qwen_lab import Lab, heard, lab, wishes
from tests.emulators.qwen_client import SmallQwen


@pytest.fixture
def server() -> SmallQwen:
    return SmallQwen()


@pytest.fixture
async def at(server: SmallQwen) -> AsyncIterator[Lab]:
    async with lab(server) as opened:
        yield opened


async def failure(at: Lab, prompt: str = "a red fox", **wishes: object) -> ErrorInfo:
    error = (await at.draw(prompt, **wishes)).error
    assert error is not None
    return error


@pytest.mark.parametrize(
    ("fault", "variant", "code", "vendor_code"),
    [
        (Fault.BAD_KEY, None, ErrorCode.UNAUTHENTICATED, "1901"),
        (Fault.FORBIDDEN, None, ErrorCode.FORBIDDEN, "1902"),
        (Fault.UNAVAILABLE, None, ErrorCode.UNAVAILABLE, "3001"),
        (Fault.UNAVAILABLE, "3904", ErrorCode.UNAVAILABLE, "3904"),
        (Fault.RATE_LIMITED, None, ErrorCode.RATE_LIMITED, "3002"),
        (Fault.RATE_LIMITED, "3903", ErrorCode.RATE_LIMITED, "3903"),
        (Fault.SERVER_ERROR, None, ErrorCode.FAILED, "4001"),
        (Fault.SERVER_ERROR, "nan", ErrorCode.FAILED, "4001"),
        (Fault.SERVER_ERROR, "4002", ErrorCode.FAILED, "4002"),
        (Fault.RATE_LIMITED, "3901", ErrorCode.CANCELLED, "3901"),
    ],
)
async def test_a_code_is_told_in_our_words_and_in_its_own(
    at: Lab,
    server: SmallQwen,
    fault: Fault,
    variant: str | None,
    code: ErrorCode,
    vendor_code: str,
) -> None:
    server.script(fault, variant=variant)
    error = await failure(at)
    assert (error.code, error.vendor_code, error.origin) == (code, vendor_code, "vendor")
    assert error.vendor_message
    assert error.charged == "no"


@pytest.mark.parametrize(
    ("variant", "status", "code"),
    [
        ("1950", 500, ErrorCode.INVALID_REQUEST),
        ("2950", 500, ErrorCode.INVALID_REQUEST),
        ("3950", 400, ErrorCode.UNAVAILABLE),
        ("4950", 400, ErrorCode.FAILED),
    ],
)
async def test_a_code_nobody_knows_goes_by_its_family_and_not_by_its_status(
    at: Lab, server: SmallQwen, variant: str, status: int, code: ErrorCode
) -> None:
    server.script(Fault.RATE_LIMITED, variant=variant, status=status)
    error = await failure(at)
    assert (error.code, error.vendor_code) == (code, variant)
    assert error.vendor_message == "Something new"


async def test_a_code_of_no_family_goes_by_its_status(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.RATE_LIMITED, variant="9000", status=503)
    error = await failure(at)
    assert (error.code, error.vendor_code) == (ErrorCode.UNAVAILABLE, None)


async def test_a_code_of_no_family_that_ends_a_drawing_is_a_failure(
    at: Lab, server: SmallQwen
) -> None:
    server.script(Fault.SERVER_ERROR, variant="9000")
    error = await failure(at)
    assert (error.code, error.vendor_code) == (ErrorCode.FAILED, "9000")


@pytest.mark.parametrize("status", [502, 504])
async def test_a_proxys_page_goes_by_its_status_and_is_shown_to_nobody(
    at: Lab, server: SmallQwen, status: int
) -> None:
    server.script(Fault.HTML, status=status)
    error = await failure(at)
    assert error.code is (ErrorCode.TIMEOUT if status == 504 else ErrorCode.UNAVAILABLE)
    assert "<" not in error.model_dump_json()


async def test_a_redirect_is_no_answer(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.REDIRECT)
    assert (await failure(at)).code is ErrorCode.BAD_ANSWER


async def test_an_answer_of_another_shape_is_no_answer(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.GARBAGE)
    assert (await failure(at)).code is ErrorCode.BAD_ANSWER


async def test_the_wait_that_a_full_line_asks_for_is_kept(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.RATE_LIMITED, retry_after="85")
    error = await failure(at)
    assert (error.retry_after, error.may_be_repeated) == (85, True)


async def test_a_wait_until_a_date_is_kept_too(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.RATE_LIMITED, retry_after="Wed, 01 Jan 2200 00:00:00 GMT")
    assert ((await failure(at)).retry_after or 0) > 1e9


async def test_a_loading_model_is_waited_for_by_whoever_repeats(at: Lab, server: SmallQwen) -> None:
    server.standing = "loading"
    error = await failure(at)
    assert (error.code, error.retry_after) == (ErrorCode.UNAVAILABLE, 20)
    assert error.message == "the Qwen server is still loading its model"
    server.standing = "ready"
    assert (await at.draw()).status == "succeeded"


async def test_a_line_that_is_really_full_refuses(at: Lab, server: SmallQwen) -> None:
    server.crowd(17)
    error = await failure(at)
    assert (error.code, error.vendor_code) == (ErrorCode.RATE_LIMITED, "3002")


async def test_the_servers_advice_is_the_hint(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.SERVER_ERROR, variant="nan")
    error = await failure(at)
    assert error.message == "the Qwen server could not draw this (nan)"
    assert error.hint == "reduce num_steps to 40; try a different seed"
    assert error.details["reason"] == "nan"
    assert error.details["suggested_fix"] == ["reduce num_steps to 40", "try a different seed"]


async def test_what_failed_while_it_was_drawn_is_not_taken_back(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.SERVER_ERROR)
    await failure(at)
    assert heard(server, "DELETE") == []


@pytest.mark.parametrize(
    ("prompt", "wishes", "param", "code"),
    [
        ("狐" * 513, {}, "prompt", "1002"),
        ("a fox", {"negative_prompt": "狐" * 513}, "negative_prompt", "1904"),
    ],
)
async def test_what_the_caller_must_change_is_named(
    at: Lab, prompt: str, wishes: dict[str, object], param: str, code: str
) -> None:
    error = await failure(at, prompt, **wishes)
    assert (error.code, error.param) == (ErrorCode.INVALID_REQUEST, param)
    assert (error.vendor_code, error.may_be_repeated) == (code, False)
    assert "狐" not in error.model_dump_json()


async def test_512_characters_are_not_too_many(at: Lab) -> None:
    assert (await at.draw("🦊" * 512)).status == "succeeded"


async def test_what_is_no_picture_is_no_success(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.NOT_A_PICTURE)
    error = await failure(at)
    assert error.code is ErrorCode.BAD_ANSWER
    assert error.message.startswith("the Qwen server sent no picture: expected an image, got")


async def test_an_empty_picture_is_a_failure(at: Lab, server: SmallQwen) -> None:
    server.script(Fault.NO_IMAGE)
    error = await failure(at)
    assert (error.code, error.message) == (
        ErrorCode.FAILED,
        "the Qwen server sent an empty picture",
    )


def test_words_without_a_code_are_kept_from_their_beginning() -> None:
    error = explain(502, {}, b"upstream said: " + b"no " * 500).info
    assert (error.vendor_message or "").startswith("upstream said: no no")
    assert len(error.vendor_message or "") <= 200


def test_a_body_that_is_too_large_is_told_as_that() -> None:
    error = explain(413, {}, b'{"code": 1900, "message": "too large"}').info
    assert (error.code, error.vendor_code) == (ErrorCode.TOO_LARGE, "1900")


def test_what_was_sent_is_not_repeated_in_an_error() -> None:
    body = b'{"code": 1003, "message": "no", "got": "a secret", "allowed": ["1:1"]}'
    error = explain(400, {}, body).info
    assert error.details == {"param": "aspect", "allowed": ["1:1"]}


async def test_where_work_costs_a_refusal_is_free_and_a_failure_is_not() -> None:
    server = SmallQwen()
    async with lab(server, cost="paid") as at:
        server.script(Fault.RATE_LIMITED)
        assert (await failure(at)).charged == "no"
        server.script(Fault.SERVER_ERROR)
        assert (await failure(at)).charged == "yes"
    assert len(wishes(server)) == 2

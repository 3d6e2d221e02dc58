"""A key never comes out again, whoever repeats it."""

from __future__ import annotations

import logging

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.outgoing import Outgoing
from imageway.core.veil import secrets, veiled, veiled_error
from tests.loopback import loopback

KEY = "sk-canary-4711"


@pytest.mark.parametrize(
    "call",
    [
        Outgoing("GET", "http://a.example/", headers={"Authorization": f"Bearer {KEY}"}),
        Outgoing("GET", "http://a.example/", headers={"x-goog-api-key": KEY}),
        Outgoing("GET", "http://a.example/", params={"token": KEY}),
        Outgoing("GET", f"http://a.example/?key={KEY}&b=2"),
    ],
)
def test_a_key_is_known_wherever_it_is_sent(call: Outgoing) -> None:
    assert secrets(call) == (KEY,)


@pytest.mark.parametrize(
    "call",
    [
        Outgoing("GET", "http://a.example/?page=number-four"),
        Outgoing("GET", "http://a.example/", headers={"Accept": "application/json"}),
        Outgoing("GET", "http://a.example/", headers={"Authorization": "Bearer none"}),
        Outgoing("GET", "http://[broken"),
    ],
)
def test_what_is_no_key_is_not_hidden(call: Outgoing) -> None:
    assert secrets(call) == ()


def test_a_failure_is_told_without_the_key() -> None:
    info = ErrorInfo(
        code=ErrorCode.UNAUTHENTICATED,
        message=f"{KEY} is wrong",
        hint=f"not {KEY}",
        vendor_code=KEY,
        vendor_message=f"the key {KEY}, {KEY}",
    )
    told = veiled_error(info, (KEY,))
    assert KEY not in told.model_dump_json()
    assert told.vendor_message == "the key …, …"


def test_a_failure_of_a_call_without_a_key_stays_as_it_is() -> None:
    info = ErrorInfo(code=ErrorCode.FAILED, message="nothing came")
    assert veiled_error(info, ()) is info
    assert veiled("nothing", ()) == "nothing"


async def test_a_vendor_that_repeats_the_key_tells_nobody(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def explain(status: int, headers: object, body: bytes) -> ImagewayError:
        return ImagewayError(ErrorCode.UNAUTHENTICATED, "no", vendor_message=body.decode())

    caplog.set_level(logging.DEBUG)
    async with loopback() as site, Http(private=True) as http:
        site.answers(401, f"{'x' * 190} {KEY}".encode())
        headers = {"Authorization": f"Bearer {KEY}"}
        with pytest.raises(ImagewayError) as caught:
            await http.exchange("GET", site.url, headers=headers, explain=explain)
    assert KEY not in caught.value.info.model_dump_json()
    assert KEY[:8] not in caplog.text

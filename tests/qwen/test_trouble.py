"""What is said when there is no picture: the same facts in two shapes and two languages."""

from __future__ import annotations

import orjson
import pytest

from imageway.qwen.codes import ROW_BY_CODE, Code, Words
from imageway.qwen.trouble import Trouble, shown

PUBLISHED = {
    **dict.fromkeys((1001, 1002, 1003, 2001, 2002), 400),
    **dict.fromkeys((3001, 3002), 503),
    **dict.fromkeys((4001, 4002), 500),
}


def test_the_published_codes_have_their_published_status() -> None:
    assert {int(code): row.status for code, row in ROW_BY_CODE.items() if code in PUBLISHED} == (
        PUBLISHED
    )


def test_every_other_code_is_marked_as_an_addition() -> None:
    added = [int(code) for code in Code if int(code) not in {0, *PUBLISHED}]
    assert [code for code in added if str(code)[1] != "9"] == []


@pytest.mark.parametrize("code", list(Code))
def test_every_code_is_said_in_both_languages(code: Code) -> None:
    words = ROW_BY_CODE[code].words
    assert words.en.isascii()
    assert not words.zh.isascii()


def test_an_error_has_the_published_keys_and_no_others() -> None:
    assert Trouble(Code.PROMPT_MISSING, param="prompt").body("req_8a2f1c7e", "en") == {
        "code": 1001,
        "message": "Prompt cannot be empty",
        "request_id": "req_8a2f1c7e",
    }


def test_what_applies_is_said_beside_it() -> None:
    fix = Words("try a different seed", "换一个种子")
    trouble = Trouble(Code.INFERENCE, reason="nan", suggested_fix=(fix,), retry_after=0.2)
    assert trouble.members("zh") == {
        "retry_after": 1,
        "reason": "nan",
        "suggested_fix": ["换一个种子"],
    }


def test_openais_clients_are_told_the_field_and_whether_to_try_again() -> None:
    problem = Trouble(Code.STEPS, param="num_inference_steps", got=19).problem("en")
    assert problem.body("req_1")["error"] == {
        "message": "num_steps must be an integer from 20 to 100",
        "type": "invalid_request_error",
        "param": "num_inference_steps",
        "code": "2001",
        "got": 19,
        "request_id": "req_1",
    }
    assert problem.all_headers["x-should-retry"] == "false"


@pytest.mark.parametrize("code", [Code.LOADING, Code.BUSY, Code.NOT_STARTED, Code.STOPPING])
def test_only_what_passes_may_be_tried_again(code: Code) -> None:
    assert Trouble(code, retry_after=3.2).problem("en").all_headers == {
        "x-should-retry": "true",
        "Retry-After": "4",
    }


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (19, 19),
        (None, None),
        (True, True),
        (1.5, 1.5),
        (float("nan"), "nan"),
        (2**70, str(2**70)),
        ("x" * 500, "x" * 100),
        ("\udfff", "?"),
        ([1], "[1]"),
    ],
)
def test_a_callers_value_is_shown_short_and_as_valid_json(value: object, said: object) -> None:
    assert shown(value) == said
    assert orjson.dumps(shown(value))

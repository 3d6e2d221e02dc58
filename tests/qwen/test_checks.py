"""Each field: what is taken, what is refused, and with which code."""

from __future__ import annotations

from collections.abc import Callable
from math import inf, nan

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imageway.qwen import checks
from imageway.qwen.codes import Code
from imageway.qwen.order import FORMATS
from imageway.qwen.seeds import MOST_SEED, Seeds
from imageway.qwen.sizes import NATIVE
from imageway.qwen.trouble import Refusal

SEEDS = Seeds(nanoseconds=lambda: 7, below=lambda most: most - 1)
NO_NUMBERS: list[object] = [True, False, "50", [50], {}, nan, inf, -inf, 10**400]


def refusal_of(check: Callable[[object], object], value: object) -> Refusal | None:
    try:
        check(value)
    except Refusal as refusal:
        return refusal
    return None


def code_of(check: Callable[[object], object], value: object) -> Code | None:
    refused = refusal_of(check, value)
    return None if refused is None else refused.trouble.code


@pytest.mark.parametrize("value", [None, "", " \n\t", 7, True, ["x"], {}, "a\udfff"])
def test_what_is_no_prompt_is_1001(value: object) -> None:
    assert code_of(checks.prompt_of, value) is Code.PROMPT_MISSING


@pytest.mark.parametrize("letter", ["a", "中", "🦊"])
def test_a_prompt_is_counted_in_code_points(letter: str) -> None:
    assert checks.prompt_of(letter * 512) == letter * 512
    assert code_of(checks.prompt_of, letter * 513) is Code.PROMPT_TOO_LONG


def test_a_prompt_is_trimmed_before_it_is_counted() -> None:
    assert checks.prompt_of(f"  {'a' * 512}\u3000\n") == "a" * 512


def test_no_negative_prompt_is_an_empty_one() -> None:
    assert checks.negative_prompt_of(None) == ""


@pytest.mark.parametrize("value", [7, True, ["x"], "x" * 513, "\ud800"])
def test_a_wrong_negative_prompt_is_1904(value: object) -> None:
    assert code_of(checks.negative_prompt_of, value) is Code.NEGATIVE_PROMPT


@pytest.mark.parametrize("value", ["16/9", "16:10", "", " 1:1", "１:１", 1, True, ["1:1"]])
def test_a_ratio_that_is_not_one_of_the_seven_is_1003_and_they_are_named(value: object) -> None:
    with pytest.raises(Refusal) as caught:
        checks.ratio_of(value, "1:1", NATIVE)
    assert caught.value.trouble.code is Code.RATIO
    assert caught.value.trouble.allowed == [*NATIVE]


@pytest.mark.parametrize(("value", "steps"), [(None, 50), (20, 20), (100, 100), (50.0, 50)])
def test_steps_are_whole_numbers_from_20_to_100(value: object, steps: int) -> None:
    assert checks.steps_of(value) == steps


@pytest.mark.parametrize("value", [19, 101, 50.5, 0, -50, *NO_NUMBERS])
def test_other_steps_are_2001(value: object) -> None:
    assert code_of(checks.steps_of, value) is Code.STEPS


@pytest.mark.parametrize(("value", "scale"), [(None, 4.0), (1, 1.0), (20, 20.0), (3.5, 3.5)])
def test_guidance_is_a_number_from_1_to_20(value: object, scale: float) -> None:
    assert checks.guidance_of(value) == scale


@pytest.mark.parametrize("value", [0.99, 20.01, 0, -1, *NO_NUMBERS])
def test_other_guidance_is_2002(value: object) -> None:
    assert code_of(checks.guidance_of, value) is Code.GUIDANCE


@pytest.mark.parametrize(("value", "seed"), [(0, 0), (42.0, 42), (MOST_SEED, MOST_SEED)])
def test_a_seed_that_is_named_is_used(value: object, seed: int) -> None:
    assert checks.seed_of(value, SEEDS) == seed


def test_the_other_two_seeds_come_from_chance_and_from_the_clock() -> None:
    assert checks.seed_of(None, SEEDS) == MOST_SEED
    assert checks.seed_of(-1, SEEDS) == SEEDS.from_clock()


@pytest.mark.parametrize("value", [-2, MOST_SEED + 1, 1.5, *NO_NUMBERS])
def test_other_seeds_are_2903(value: object) -> None:
    assert code_of(lambda each: checks.seed_of(each, SEEDS), value) is Code.SEED


@pytest.mark.parametrize("value", ["gif", "PNG", "", 1, True])
def test_another_format_is_2904_and_the_right_ones_are_named(value: object) -> None:
    with pytest.raises(Refusal) as caught:
        checks.choice_of("format", value, "png", FORMATS)
    assert caught.value.trouble.code is Code.EXTENSION
    assert caught.value.trouble.allowed == [*FORMATS]


@pytest.mark.parametrize("value", ["true", 1, 0, []])
def test_a_switch_is_true_or_false(value: object) -> None:
    assert code_of(lambda each: checks.switch_of("async", each, False), value) is Code.EXTENSION


@pytest.mark.parametrize("value", [0, -1, *NO_NUMBERS])
def test_a_time_to_wait_is_longer_than_none(value: object) -> None:
    assert code_of(lambda each: checks.seconds_of("max_wait_seconds", each), value) is (
        Code.EXTENSION
    )


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(value=ANYTHING)
def test_any_value_is_taken_or_refused_with_something_that_can_be_said(value: object) -> None:
    every = (checks.prompt_of, checks.negative_prompt_of, checks.steps_of, checks.guidance_of)
    for check in every:
        refused = refusal_of(check, value)
        assert refused is None or orjson.dumps(refused.problem.body("req_1"))

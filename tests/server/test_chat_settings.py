"""Settings inside a message: every name that an option has, and an error that teaches."""

from __future__ import annotations

import pytest

from imageway.core.options import ROW_BY_OPTION, Option, names
from imageway.server.dialects.chat.settings import PICTURES, read_settings, settings_shown
from tests.server.chatting import ask, hear
from tests.server.lab import Json, Lab

SAMPLE_BY_OPTION = {
    Option.SIZE: "1024x768",
    Option.ASPECT: "16:9",
    Option.SEED: "7",
    Option.NEGATIVE_PROMPT: "text, blur",
    Option.QUALITY: "high",
    Option.BACKGROUND: "opaque",
    Option.FORMAT: "webp",
    Option.PREVIEWS: "1",
    Option.GUIDANCE: "4.5",
    Option.STEPS: "20",
    Option.STYLE: "vivid",
}
EVERY_NAME = [
    (option, name.lstrip("-"))
    for option in Option
    if option not in PICTURES
    for name in (*names(option, "chat"), *names(option, "json"), *names(option, "cli"))
]


@pytest.mark.parametrize(("option", "name"), EVERY_NAME)
def test_each_name_of_an_option_is_a_setting(option: Option, name: str) -> None:
    found = read_settings(f"a red fox --{name} {SAMPLE_BY_OPTION[option]}")
    assert found.prompt == "a red fox"
    assert list(found.wishes) == [option.value]


def test_settings_may_stand_anywhere_and_in_many_forms() -> None:
    found = read_settings('--n=2 a red fox —seed 7 in the snow --SIZE "1024x768"\n--no text, blur')
    assert found.prompt.split() == ["a", "red", "fox", "in", "the", "snow"]
    assert found.wishes == {
        "count": 2,
        "seed": 7,
        "size": "1024x768",
        "negative_prompt": "text, blur",
    }


def test_a_shape_is_an_aspect_under_whichever_name() -> None:
    assert read_settings("x --size 16:9").wishes == {"aspect": "16:9"}
    assert read_settings("x --ar 1024x768").wishes == {"size": "1024x768"}


def test_a_text_ends_at_the_next_setting_or_at_the_end_of_its_line() -> None:
    found = read_settings("a fox --negative text, a frame --seed 7")
    assert found.wishes == {"negative_prompt": "text, a frame", "seed": 7}
    found = read_settings("--negative text\na fox")
    assert (found.prompt, found.wishes) == ("a fox", {"negative_prompt": "text"})


def test_flags_need_no_value() -> None:
    assert read_settings("--strict a fox").wishes == {"strict": True}
    assert read_settings("a fox --recheck").prompt == "a fox"


@pytest.mark.parametrize("text", ["a fox -- red", "well-known --", "a fox —red and —blue", "e--n"])
def test_dashes_that_are_no_settings_stay_in_the_wish(text: str) -> None:
    assert read_settings(text).prompt == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a fox --sed 7", "there is no setting '--sed'; did you mean '--seed'"),
        ("a fox --zzzz 7", "there is no setting '--zzzz'; there are --n, --size, --aspect"),
        ("a fox --n", "--n needs a value; --n: how many pictures, such as 4"),
        ("a fox --n --seed 7", "--n needs a value"),
        ("a fox --n four", "--n: must be a whole number, got 'four'"),
        ("a fox --n 11", "at most 10 pictures, got 11"),
        ("a fox --size big", "--size: a size is written WIDTHxHEIGHT, such as 1024x768, got 'big'"),
        ("a fox --seed -1", "--seed: must be at least 0"),
        ("a fox --steps 500", "--steps: must be at most 150"),
        ("a fox --cfg 7 --guidance 8", "--guidance: means the same as --cfg; give one of them"),
        ("a fox --size 512x512 --ar 1:1", "give a size or an aspect, not both"),
    ],
)
async def test_a_wrong_setting_teaches_the_right_one(it: Lab, text: str, words: str) -> None:
    answer = await ask(it, text)
    assert answer.status == 400
    assert words in str(answer.error["message"])
    assert it.adapter.asked == []


async def test_what_the_message_says_goes_before_the_fields_beside_it(it: Lab) -> None:
    beside: Json = {"n": 3, "size": "512x512", "seed": 9}
    await hear(it, "a fox --ar 1:1 --n 1", fields=beside)
    asked = it.adapter.asked[0]
    assert (asked.count, asked.size, str(asked.aspect), asked.seed) == (1, None, "1:1", 9)


async def test_a_shape_beside_the_message_is_an_aspect_under_whichever_name(it: Lab) -> None:
    await hear(it, "a fox", fields={"size": "16:9"})
    await hear(it, "a fox", fields={"aspect_ratio": "1024x768"})
    first, second = it.adapter.asked
    assert (first.size, str(first.aspect)) == (None, "16:9")
    assert (str(second.size), second.aspect) == ("1024x768", None)


def test_the_list_of_settings_has_each_option_once() -> None:
    shown = [name for name, _ in settings_shown()]
    assert len(shown) == len(set(shown)) == len(ROW_BY_OPTION) - len(PICTURES) + 4
    for name in shown:
        assert read_settings(f"x {name} 1").said

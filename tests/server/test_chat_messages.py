"""Messages as clients send them; a sentence for each that cannot be heeded."""

from __future__ import annotations

import asyncio
import base64
import string
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.server.dialects.chat.messages import read_messages
from imageway.server.dialects.chat.settings import read_settings
from tests.server.chatting import PAGE, PLAIN, ask, content, hear, messages, url_of, with_picture
from tests.server.lab import Lab, lab, png

ATTACHED = (
    '<attached_files>\n<file type="image" id="1" url="/api/v1/files/1/content" '
    'content_type="image/png" name="hat.png"/>\n</attached_files>\n\n'
)


async def test_an_attached_picture_is_what_the_answer_starts_from(it: Lab) -> None:
    await hear(it, [with_picture(f"{ATTACHED}put a hat on it", url_of("green"))])
    asked = it.adapter.asked[0]
    assert asked.prompt == "put a hat on it"
    assert [each.picture.bytes for each in asked.references] == [png("green")]


async def test_several_texts_and_pictures_of_a_message_are_all_heeded(it: Lab) -> None:
    parts: list[JsonValue] = [
        {"type": "text", "text": "both"},
        {"type": "image_url", "image_url": url_of("red")},
        {"type": "text", "text": "together"},
        {"type": "image_url", "image_url": {"url": url_of("blue"), "detail": "high"}},
    ]
    await hear(it, [{"role": "user", "content": parts}])
    asked = it.adapter.asked[0]
    assert asked.prompt == "both\ntogether"
    assert [each.picture.bytes for each in asked.references] == [png("red"), png("blue")]


async def test_what_was_once_said_and_cannot_be_heeded_does_not_end_the_chat(it: Lab) -> None:
    strange: JsonValue = {"type": "input_audio", "input_audio": {}}
    told: list[JsonValue] = [{"role": "user", "content": ["a fox", strange]}]
    assert (await ask(it, told)).status == 400
    assert (await ask(it, [*told, *messages("a dog")])).status == 200
    assert it.adapter.asked[0].prompt == "a dog"


async def test_a_text_that_is_null_is_an_empty_one(it: Lab) -> None:
    parts: list[JsonValue] = [{"type": "text", "text": None}, {"type": "text", "text": "a fox"}]
    assert (await ask(it, [{"role": "user", "content": parts}])).status == 200
    answer = await ask(it, [{"role": "user", "content": parts[:1]}])
    assert "the message is empty" in str(answer.error["message"])


async def test_our_own_link_is_a_reference(it: Lab) -> None:
    text = content(await ask(it, "a red fox"))
    link = text.partition("](")[2].partition(")")[0]
    await hear(it, [with_picture("make it blue", link)])
    assert [each.picture.bytes for each in it.adapter.asked[1].references] == [png()]


SENTENCE_BY_URL = {
    "http://127.0.0.1:9/x.png": "pictures are not fetched from 'http://127.0.0.1:9/x.png'",
    "http://10.0.0.1/x.png": "pictures are not fetched from 'http://10.0.0.1/x.png'",
    "https://example.com/x.png": "pictures are not fetched from 'https://example.com/x.png'",
    "file:///etc/passwd": "pictures are not fetched from 'file:///etc/passwd'",
    "/api/v1/files/1/content": "pictures are not fetched from '/api/v1/files/1/content'",
    "http://evil/v1/files/file-00000000000000": "this picture is not kept any more",
    "data:image/png;base64,AAAA": "expected an image",
    "data:text/plain,hello": "expected an image",
    "": "the picture is empty",
    "nonsense": "image_url:",
}


@pytest.mark.parametrize("path", [PAGE, PLAIN])
async def test_a_reference_that_cannot_be_had_is_a_sentence(it: Lab, path: str) -> None:
    for url, sentence in SENTENCE_BY_URL.items():
        answer = await it.ask(path, {"messages": [with_picture("blue", url)], "stream": True})
        assert answer.status == 400
        assert sentence in str(answer.error["message"])
    assert it.adapter.asked == []


MISTAKES: list[tuple[list[JsonValue], str]] = [
    (messages(""), "the message is empty; write what to draw, such as: a red fox"),
    (messages("  \n "), "the message is empty"),
    (messages("/new"), "the message is empty"),
    (messages("--n 4"), "the message is empty"),
    ([{"role": "user", "content": None}], "the message is empty"),
    ([{"role": "user"}], "the message is empty"),
    ([with_picture("", url_of())], "there is a picture but no word about it; write what to do"),
    ([with_picture(ATTACHED, url_of())], "there is a picture but no word about it"),
    ([], "there is no message with the role 'user'"),
    ([{"role": "system", "content": "x"}], "there is no message with the role 'user'"),
    ([{"content": "x"}], "messages[0]: must be an object with a role"),
    (["x"], "messages[0]: must be an object with a role"),
    ([{"role": "user", "content": 7}], "content must be a text or a list of parts"),
    (
        [{"role": "user", "content": [{"type": "input_audio", "input_audio": {}}]}],
        "a message holds texts and pictures, not 'input_audio'",
    ),
    ([{"role": "user", "content": "a\u0000b"}], "must not contain NUL characters"),
    (messages("x" * 8001), "at most 8000 characters, got 8001"),
    ([with_picture("x", *[url_of()] * 17)], "at most 16 pictures, got 17"),
]


@pytest.mark.parametrize("path", [PAGE, PLAIN])
async def test_a_message_that_cannot_be_heeded_is_a_sentence(it: Lab, path: str) -> None:
    for told, sentence in MISTAKES:
        answer = await it.ask(path, {"messages": told, "stream": True})
        assert answer.status == 400
        assert sentence in str(answer.error["message"])
    assert it.adapter.asked == []


@pytest.mark.parametrize("value", [None, "x", 7, {}])
async def test_messages_must_be_a_list(it: Lab, value: JsonValue) -> None:
    answer = await it.ask(PLAIN, {"messages": value})
    assert (answer.status, answer.error["param"]) == (400, "messages")


@pytest.mark.parametrize("model", [7, [], {}, "x" * 400])
async def test_a_model_that_is_no_name_is_a_sentence(it: Lab, model: JsonValue) -> None:
    answer = await it.ask(PLAIN, {"messages": messages("x"), "model": model})
    assert (answer.status, answer.error["param"]) in {(400, "model"), (404, "model")}


async def test_fifty_earlier_messages_are_no_trouble(it: Lab) -> None:
    told: list[JsonValue] = [
        *messages(*["a fox", "Picture"] * 25),
        with_picture("/edit it", url_of("blue")),
    ]
    told[20] = with_picture("x", url_of("green"))
    heard = await hear(it, told)
    assert len(heard.pictures) == 1
    assert [each.picture.bytes for each in it.adapter.asked[0].references] == [
        png("green"),
        png("blue"),
    ]


async def test_a_data_url_of_thirty_megabytes_is_too_large() -> None:
    url = f"data:image/png;base64,{base64.b64encode(png() + bytes(22 * 2**20)).decode()}"
    async with lab() as it:
        answer = await ask(it, [with_picture("make it blue", url)], PAGE)
        assert (answer.status, answer.error["code"]) == (413, "too_large")
        assert "a picture may have 20971520 bytes" in str(answer.error["message"])
        answer = await ask(it, [with_picture("make it blue", url + "A" * 2**22)], PAGE)
        assert (answer.status, answer.error["code"]) == (413, "too_large")
        assert it.adapter.asked == []


async def test_a_model_that_takes_no_pictures_says_how_to_go_on(it: Lab) -> None:
    async def play(request: object, run: object) -> None:
        raise ImagewayError(
            ErrorCode.UNSUPPORTED, "'one' takes no references", details={"param": "references"}
        )

    it.adapter.play = play
    told = [with_picture("a fox", url_of()), *messages("x", "Picture")[1:]]
    answer = await ask(it, [*told, *messages("make it blue")])
    assert answer.status == 422
    assert "begin with /new to draw without the earlier picture" in str(answer.error["message"])


LONG = 400_000
# Each is built to make a reader that is not careful look at every letter again and again.
TRAPS = [
    "<attached_files>" * (LONG // 16),
    "</attached_files>" + "<attached_files>" * (LONG // 16),
    "[" * LONG,
    "--" * LONG,
    "--no x" + " " * 12_000,
    "--n" + " " * 12_000,
    "/v1/files/" * (LONG // 10),
    "(data:image/" * (LONG // 12),
    "Picture 1 of 1](" * (LONG // 16) + "/v1/files/file-00000000",
    "### Task:<chat_history>" + "[" * LONG,
]


async def test_no_text_keeps_the_gateway_busy(it: Lab) -> None:
    async with asyncio.timeout(5):
        for trap in TRAPS:
            for told in (messages(trap), messages("x", trap, "make it blue")):
                assert (await ask(it, told)).status in {200, 400}


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=20),
    lambda inner: (
        some.lists(inner, max_size=4)
        | some.dictionaries(
            some.sampled_from(
                ["role", "content", "type", "text", "image_url", "url", "images", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)
MESSAGES = some.lists(
    some.fixed_dictionaries(
        {"role": some.sampled_from(["user", "assistant", "x"])},
        optional={
            "content": JSON,
            "images": JSON,
        },
    )
    | JSON,
    max_size=4,
)


def complaint(read: Callable[[], object]) -> ErrorInfo | None:
    """Why it was refused; None where it was read. Anything else that is raised is a bug."""
    try:
        read()
    except ImagewayError as error:
        return error.info
    return None


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MESSAGES | JSON)
def test_whatever_is_sent_for_messages_is_read_or_refused_in_words(value: object) -> None:
    info = complaint(lambda: read_messages(value))
    if info is not None:
        assert info.code is ErrorCode.INVALID_REQUEST
        assert len(info.message) < 300


@settings(max_examples=200, deadline=None)
@given(some.text(alphabet=string.ascii_lowercase + '-— ="\n:4', max_size=60))
def test_whatever_is_written_for_settings_is_read_or_refused_in_words(text: str) -> None:
    info = complaint(lambda: read_settings(text))
    assert info is None or info.code is ErrorCode.INVALID_REQUEST

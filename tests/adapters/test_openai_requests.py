"""What goes over the wire, against the requests that OpenAI's own SDK was seen to send."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest
from pydantic import JsonValue, TypeAdapter

from imageway.emulators.heard import Heard
from imageway.emulators.openai import OpenAIEmulator
from tests.adapters.openai_lab import CAPTURED, KEY, Lab, bench, lab, picture, reference
from tests.loopback import loopback

Fields = dict[str, JsonValue]
Parts = list[tuple[str, str]]
A_FILE = "(a file)"


@pytest.fixture
async def emulator() -> OpenAIEmulator:
    return OpenAIEmulator()


@pytest.fixture
async def whole(emulator: OpenAIEmulator) -> AsyncIterator[Lab]:
    """An adapter that asks for all pictures in one call, as the SDK does."""
    async with lab(emulator, split=False) as found:
        yield found


def captured(name: str) -> Fields:
    text = (CAPTURED / "captured_requests.json").read_text()
    requests = TypeAdapter(list[Fields]).validate_json(text)
    return next(each for each in requests if each["name"] == name)


def captured_parts(name: str) -> Parts:
    parts = captured(name)["parts"]
    assert isinstance(parts, list)
    fields = [part for part in parts if isinstance(part, dict)]
    return sorted((str(part["name"]), str(part.get("text") or A_FILE)) for part in fields)


def parts_of(heard: Heard) -> Parts:
    return sorted((part.name, A_FILE if part.filename else part.text) for part in heard.parts)


async def test_every_parameter_is_sent_as_the_sdk_sends_it(
    emulator: OpenAIEmulator, whole: Lab
) -> None:
    await whole.draw(
        count=2,
        background="transparent",
        format="webp",
        quality="high",
        size="1536x864",
        extras={"openai": {"moderation": "low", "output_compression": 80, "user": "user-1"}},
    )
    assert emulator.heard[0].body == captured("o01-generate-all-params")["json"]


async def test_what_is_not_wished_for_is_not_sent(emulator: OpenAIEmulator, whole: Lab) -> None:
    await whole.draw()
    assert emulator.heard[0].body == captured("o01b-generate-minimal")["json"]


async def test_a_stream_is_asked_for_as_the_sdk_asks(emulator: OpenAIEmulator, whole: Lab) -> None:
    await whole.draw(previews=2)
    assert emulator.heard[0].body == captured("o02-generate-stream-partial2")["json"]


async def test_without_previews_nothing_is_streamed(emulator: OpenAIEmulator, whole: Lab) -> None:
    await whole.draw(previews=0)
    assert set(emulator.heard[0].fields()) == {"model", "prompt"}


async def test_an_edit_of_one_picture_is_the_form_of_the_sdk(
    emulator: OpenAIEmulator, whole: Lab
) -> None:
    extras = {"openai": {"input_fidelity": "high"}}
    await whole.draw(
        "blue", "gpt-image-1.5", size="1024x1024", references=[reference()], extras=extras
    )
    # The SDK was told n=1, which is the default; we leave it out.
    with_default = sorted([*parts_of(emulator.heard[0]), ("n", "1")])
    assert with_default == captured_parts("o04-edit-single")


async def test_an_edit_with_a_mask_is_the_form_of_the_sdk(
    emulator: OpenAIEmulator, whole: Lab
) -> None:
    await whole.draw(
        "blend",
        "gpt-image-1.5",
        count=2,
        background="opaque",
        format="webp",
        quality="low",
        references=[reference(), reference()],
        mask=reference(picture("RGBA")),
    )
    assert parts_of(emulator.heard[0]) == captured_parts("o05-edit-multi-mask")


async def test_a_streamed_edit_is_the_form_of_the_sdk(emulator: OpenAIEmulator, whole: Lab) -> None:
    await whole.draw("blend", "gpt-image-1.5", previews=1, references=[reference()])
    # The SDK was given a list of one, which it calls image[]; one picture alone is image.
    renamed = [(name.removesuffix("[]"), text) for name, text in captured_parts("o05b-edit-stream")]
    assert parts_of(emulator.heard[0]) == sorted(renamed)


async def test_a_gif_is_asked_for_as_the_sdk_asks(emulator: OpenAIEmulator, whole: Lab) -> None:
    extras = {"openai": {"frame_count": 4, "frame_duration_ms": 100}}
    result = await whole.draw("spin", "gpt-image-2.6-sunburst", format="gif", extras=extras)
    assert emulator.heard[0].body == captured("o13c-generate-gif")["json"]
    assert result.images[0].picture.format == "gif"


async def test_a_local_servers_fields_are_sent_as_the_sdk_sends_them() -> None:
    async with loopback() as site, bench(site.url, profile="compatible") as found:
        site.answers(body=b'{"data": []}')
        await found.draw(model="local-qwen", seed=7, negative_prompt="text", steps=20)
        body = json.loads(site.heard[0].body)
    # Such servers like to send links, so that base64 must be asked for.
    assert body.pop("response_format") == "b64_json"
    assert body == captured("o01d-generate-extra-body")["json"]


async def test_open_webuis_request_is_sent_to_a_server_that_nobody_knows() -> None:
    async with loopback() as site, bench(site.url, profile="compatible") as found:
        site.answers(body=b'{"data": []}')
        await found.draw(model="imageway-model", size="1024x1024")
        body = json.loads(site.heard[0].body)
    assert {**body, "n": 1} == captured("w01-openwebui-openai-generations")["json"]


async def test_the_fields_of_a_form_come_before_its_files(
    emulator: OpenAIEmulator, whole: Lab
) -> None:
    mask = reference(picture("RGBA"))
    await whole.draw(references=[reference(), reference()], mask=mask)
    order = [part.name for part in emulator.heard[0].parts]
    assert order == ["model", "prompt", "image[]", "image[]", "mask"]


async def test_files_have_their_type_and_no_name_of_the_callers(
    emulator: OpenAIEmulator, whole: Lab
) -> None:
    jpeg = {"picture": picture(kind="jpeg"), "name": "my secret holiday.jpg"}
    await whole.draw(references=[jpeg, reference()])
    files = emulator.heard[0].files("image[]")
    assert [(file.filename, file.content_type) for file in files] == [
        ("image-1.jpeg", "image/jpeg"),
        ("image-2.png", "image/png"),
    ]
    assert files[0].content == jpeg["picture"].bytes  # type: ignore[attr-defined]  # a picture


async def test_who_pays_is_said_with_every_call(emulator: OpenAIEmulator) -> None:
    async with lab(emulator, organization="org-1", project="proj-1") as found:
        await found.draw()
        await found.adapter.models()
    for heard in emulator.heard:
        assert heard.header("Authorization") == f"Bearer {KEY}"
        assert heard.header("OpenAI-Organization") == "org-1"
        assert heard.header("OpenAI-Project") == "proj-1"


async def test_without_a_key_none_is_sent() -> None:
    emulator = OpenAIEmulator(key=None)
    async with lab(emulator, api_key=None) as found:
        await found.draw()
    assert emulator.heard[0].header("Authorization") is None


async def test_split_asks_for_each_picture_in_a_call_of_its_own(emulator: OpenAIEmulator) -> None:
    async with lab(emulator) as found:
        result = await found.draw(count=3)
    assert [heard.fields().get("n") for heard in emulator.heard] == [None] * 3
    assert len(result.images) == 3


async def test_unsplit_asks_for_ten_at_once_at_most(emulator: OpenAIEmulator, whole: Lab) -> None:
    result = await whole.draw(count=12, model="gpt-image-1-mini")
    assert sorted(str(heard.fields().get("n")) for heard in emulator.heard) == ["10", "2"]
    assert len(result.images) == 12

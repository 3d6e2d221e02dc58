"""What only OpenAI understands, and wishes that cannot be had together."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping

import pytest
from pydantic import JsonValue

from imageway.core.errors import ErrorCode
from imageway.core.events import Note
from imageway.emulators.openai import OpenAIEmulator
from tests.adapters.openai_lab import Lab, bench, lab, picture, reference
from tests.loopback import loopback

NEW = "gpt-image-2.6-flare"


@pytest.fixture
def emulator() -> OpenAIEmulator:
    return OpenAIEmulator()


@pytest.fixture
async def asked(emulator: OpenAIEmulator) -> AsyncIterator[Lab]:
    async with lab(emulator) as found:
        yield found


async def refused(
    asked: Lab, extras: dict[str, JsonValue], model: str = NEW
) -> tuple[str | None, str]:
    """The param and the whole sentence."""
    info = await asked.refusal(model=model, extras={"openai": extras})
    assert (info.code, info.origin, info.charged) == (ErrorCode.INVALID_REQUEST, "imageway", "no")
    return info.param, f"{info.message}; {info.hint}"


async def test_extras_reach_the_wire(emulator: OpenAIEmulator, asked: Lab) -> None:
    extras: Mapping[str, JsonValue] = {
        "output_compression": 70,
        "moderation": "low",
        "complexity": "high",
        "safety_identifier": "h",
        "user": "u",
    }
    result = await asked.draw(model=NEW, format="jpeg", extras={"openai": extras})
    assert result.status == "succeeded"
    assert emulator.heard[0].fields().items() >= extras.items()


async def test_the_providers_own_extras_win_over_the_adapters(emulator: OpenAIEmulator) -> None:
    async with lab(emulator) as found:
        found.name = "house"
        both = {"openai": {"user": "a", "moderation": "low"}, "house": {"user": "b"}}
        await found.draw(extras=both)
        info = await found.refusal(extras={"house": {"usr": "b"}})
    fields = emulator.heard[0].fields()
    assert (fields["user"], fields["moderation"]) == ("b", "low")
    assert info.param == "house.usr"


async def test_extras_of_another_provider_are_not_ours(
    emulator: OpenAIEmulator, asked: Lab
) -> None:
    await asked.draw(extras={"google": {"anything": 1}})
    assert set(emulator.heard[0].fields()) == {"model", "prompt"}


@pytest.mark.parametrize(
    ("extras", "words"),
    [
        (
            {"output_compresion": 80},
            "OpenAI has no such parameter; did you mean 'output_compression'?",
        ),
        ({"zzz": 1}, "OpenAI has no such parameter; there is output_compression, moderation"),
        ({"output_compression": 101}, "must be at most 100, got 101"),
        ({"output_compression": "80"}, "must be a whole number, got '80'"),
        ({"moderation": "high"}, "must be 'auto' or 'low', got 'high'"),
        ({"frame_count": 1}, "must be at least 2, got 1"),
        ({"svg": {"model": "gpt-5.2"}}, "this is not supported; imageway carries pixels"),
        ({"markup": "data:"}, "this is not supported; draw the markup into the first reference"),
        ({"stream": True}, "this is not supported; ask for previews"),
        ({"quality": "high"}, "this belongs into the request itself; set 'quality' there"),
        ({"output_format": "png"}, "this belongs into the request itself; set 'format' there"),
        ({"n": 4}, "this belongs into the request itself; set 'count' there"),
        ({"prompt": "x"}, "this belongs into the request itself; set 'prompt' there"),
    ],
)
async def test_a_mistake_is_told_with_what_would_be_right(
    emulator: OpenAIEmulator, asked: Lab, extras: dict[str, JsonValue], words: str
) -> None:
    param, sentence = await refused(asked, extras)
    [name] = extras
    assert param == f"openai.{name}"
    assert words in sentence
    assert emulator.heard == []


@pytest.mark.parametrize(
    ("model", "extras", "words"),
    [
        (NEW, {"output_compression": 80}, "only jpeg and webp are compressed so"),
        (NEW, {"input_fidelity": "high"}, "it speaks of references, and there are none"),
        (NEW, {"frame_count": 4}, "only a gif without a mask has frames"),
        ("gpt-image-2", {"complexity": "low"}, "only gpt-image-2.5 and newer models take it"),
        ("gpt-image-2", {"frame_duration_ms": 90}, "only gpt-image-2.5 and newer models take it"),
    ],
)
async def test_an_extra_that_cannot_work_is_not_sent(
    emulator: OpenAIEmulator, asked: Lab, model: str, extras: dict[str, JsonValue], words: str
) -> None:
    param, sentence = await refused(asked, extras, model)
    assert param == f"openai.{next(iter(extras))}"
    assert words in sentence
    assert emulator.heard == []


@pytest.mark.parametrize(
    ("model", "value", "works"),
    [
        ("gpt-image-1.5", "high", True),
        ("gpt-image-1-mini", "low", True),
        ("gpt-image-1-mini", "high", False),
        ("gpt-image-2", "low", False),
    ],
)
async def test_fidelity_is_taken_by_the_models_of_the_table(
    emulator: OpenAIEmulator, asked: Lab, model: str, value: str, works: bool
) -> None:
    extras = {"openai": {"input_fidelity": value}}
    result = await asked.draw(model=model, references=[reference()], extras=extras)
    assert (result.status == "succeeded") is works
    assert len(emulator.heard) == works


async def test_moderation_belongs_to_generations_only(asked: Lab) -> None:
    extras = {"openai": {"moderation": "low"}}
    info = await asked.refusal(references=[reference()], extras=extras)
    assert info.param == "openai.moderation"


async def test_at_another_server_any_extra_is_passed_on() -> None:
    extras: dict[str, JsonValue] = {"mode": "fast", "lora": {"name": "x"}, "none": None}
    async with loopback() as site, bench(site.url, profile="compatible") as found:
        site.answers(body=b'{"data": []}')
        await found.draw(model="house-xl", extras={"openai": extras})
        await found.draw(model="house-xl", extras={"openai": extras}, references=[reference()])
    assert json.loads(site.heard[0].body).items() >= {"mode": "fast", "lora": {"name": "x"}}.items()
    assert "none" not in json.loads(site.heard[0].body)
    assert b'name="lora[name]"' in site.heard[1].body


@pytest.mark.parametrize("name", ["size", "num_inference_steps", "n", "prompt", "stream"])
async def test_at_another_server_an_extra_cannot_overwrite_the_request(name: str) -> None:
    async with loopback() as site, bench(site.url, profile="compatible") as found:
        info = await found.refusal(model="house-xl", extras={"openai": {name: 1}})
    assert (info.code, info.param) == (ErrorCode.INVALID_REQUEST, f"openai.{name}")
    assert site.heard == []


CLASHES: list[tuple[dict[str, object], dict[str, JsonValue], str]] = [
    (
        {"format": "jpeg", "background": "transparent"},
        {"output_format": "webp", "background": "transparent"},
        "a jpeg cannot be transparent; the picture is a webp",
    ),
    (
        {"format": "gif", "background": "transparent"},
        {"output_format": "gif"},
        "a gif is not made transparent; the background is left out",
    ),
    (
        {"format": "gif", "previews": 2},
        {"output_format": "gif"},
        "a gif is not shown unfinished; previews are left out",
    ),
]


@pytest.mark.parametrize(("wishes", "sent", "words"), CLASHES)
async def test_wishes_that_clash_are_adjusted_with_a_note_that_is_told_once(
    emulator: OpenAIEmulator,
    asked: Lab,
    wishes: dict[str, object],
    sent: dict[str, JsonValue],
    words: str,
) -> None:
    result = await asked.draw("spin", NEW, count=2, **wishes)
    assert result.status == "succeeded"
    assert emulator.heard[0].body == {"model": NEW, "prompt": "spin", **sent}
    assert [note.detail for note in result.notes] == [words]


@pytest.mark.parametrize(("wishes", "sent", "words"), CLASHES)
async def test_wishes_that_clash_are_refused_to_who_is_strict(
    emulator: OpenAIEmulator,
    asked: Lab,
    wishes: dict[str, object],
    sent: dict[str, JsonValue],
    words: str,
) -> None:
    info = await asked.refusal("spin", NEW, strict=True, **wishes)
    assert info.code is ErrorCode.UNSUPPORTED
    assert info.message == words.partition(";")[0]
    assert emulator.heard == []


async def test_a_gif_with_a_mask_becomes_a_png(emulator: OpenAIEmulator, asked: Lab) -> None:
    mask = reference(picture("RGBA"))
    result = await asked.draw(model=NEW, format="gif", references=[reference()], mask=mask)
    assert emulator.heard[0].text("output_format") == "png"
    assert result.notes == (
        Note("adjusted", "a gif is not made with a mask; the picture is a png"),
    )


async def test_svg_is_left_out_with_a_note(emulator: OpenAIEmulator, asked: Lab) -> None:
    result = await asked.draw(model=NEW, format="svg")
    assert result.notes == (
        Note("ignored", "format 'svg' is not one of gif, jpeg, png, webp; it is left out"),
    )
    assert "output_format" not in emulator.heard[0].fields()

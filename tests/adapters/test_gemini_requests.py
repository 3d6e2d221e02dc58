"""A request → what Google hears: the shape, the words, the references, the extras."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from imageway.core.errors import ErrorCode
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from tests.adapters.gemini_lab import MODEL, NANO, PRO, at, lab, picture, reference

Fields = dict[str, JsonValue]
OLD = "gemini-2.5-flash-image"


async def heard(model: str = NANO, **wishes: object) -> Fields:
    """The body of the one call."""
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        result = await found.draw(str(wishes.pop("prompt", "A red mug")), model, **wishes)
    assert result.error is None, result.error
    [request] = [each for each in emulator.heard if each.method == "POST"]
    assert request.header("x-goog-api-key") == "sk-emulated"
    return request.fields()


def generation(fields: Fields) -> Fields:
    found = fields["generationConfig"]
    assert isinstance(found, dict)
    return found


async def test_a_plain_request_is_complete_and_says_its_aspect() -> None:
    assert await heard() == {
        "contents": [{"role": "user", "parts": [{"text": "A red mug"}]}],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": "1:1"},
        },
    }


@pytest.mark.parametrize(
    ("model", "wishes", "image"),
    [
        (NANO, {"aspect": "16:9"}, {"aspectRatio": "16:9"}),
        (NANO, {"size": "1024x1024"}, {"aspectRatio": "1:1"}),
        (NANO, {"size": "1376x768"}, {"aspectRatio": "16:9"}),
        (NANO, {"size": "2752x1536"}, {"aspectRatio": "16:9", "imageSize": "2K"}),
        (NANO, {"size": "4096x4096"}, {"aspectRatio": "1:1", "imageSize": "4K"}),
        (NANO, {"size": "512x512"}, {"aspectRatio": "1:1"}),
        (MODEL, {"size": "512x512"}, {"aspectRatio": "1:1", "imageSize": "512"}),
        (MODEL, {"size": "2928x352"}, {"aspectRatio": "8:1"}),
        (PRO, {"size": "3168x1344"}, {"aspectRatio": "21:9", "imageSize": "2K"}),
        (OLD, {"size": "4096x4096"}, {"aspectRatio": "1:1"}),
        (OLD, {"aspect": "9:16"}, {"aspectRatio": "9:16"}),
        ("models/gemini-nano-banana-2.1", {"aspect": "7:3"}, {"aspectRatio": "21:9"}),
    ],
)
async def test_a_shape_is_said_as_the_model_takes_it(
    model: str, wishes: dict[str, object], image: Fields
) -> None:
    assert generation(await heard(model, **wishes))["imageConfig"] == image


async def test_an_edit_that_asks_for_no_shape_keeps_that_of_its_reference() -> None:
    emulator = GeminiEmulator()
    tall = picture(size=(90, 160))
    async with lab(emulator) as found:
        result = await found.draw(references=[reference(tall)])
    assert "imageConfig" not in generation(emulator.heard[0].fields())
    image = result.images[0].picture
    assert (image.width, image.height) == (768, 1376)


async def test_references_stand_before_the_words_in_their_order() -> None:
    first, second = picture(colour=1), picture(kind="jpeg")
    fields = await heard(references=[reference(first), reference(second)])
    assert fields["contents"] == [
        {
            "role": "user",
            "parts": [
                {"inlineData": {"mimeType": "image/png", "data": first.base64}},
                {"inlineData": {"mimeType": "image/jpeg", "data": second.base64}},
                {"text": "A red mug"},
            ],
        }
    ]


async def test_what_is_not_wanted_is_said_in_words() -> None:
    parts = at(await heard(negative_prompt="snow"), "contents", 0, "parts")
    assert parts == [{"text": "A red mug"}, {"text": "Do not include: snow"}]


@pytest.mark.parametrize(
    ("quality", "thinking"),
    [
        ("low", {"thinkingLevel": "MINIMAL"}),
        ("medium", {"thinkingLevel": "MEDIUM"}),
        ("high", {"thinkingLevel": "HIGH"}),
        ("auto", None),
    ],
)
async def test_quality_is_how_deeply_the_model_thinks(quality: str, thinking: Fields) -> None:
    assert generation(await heard(quality=quality)).get("thinkingConfig") == thinking


async def test_a_seed_is_passed_on_and_said_to_promise_nothing() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        result = await found.draw(model=NANO, seed=2**31 - 1, count=2)
        notes = found.notes
    seeds = sorted(str(generation(each.fields())["seed"]) for each in emulator.heard)
    assert seeds == ["0", str(2**31 - 1)]
    assert notes == [f"'{NANO}' is told the seed, and promises no equal picture for it"]
    assert [image.picture.seed for image in result.images] == [None, None]


async def test_previews_ask_to_see_thoughts() -> None:
    fields = await heard(previews=1)
    assert generation(fields)["thinkingConfig"] == {"includeThoughts": True}


async def test_four_pictures_are_four_calls_of_one() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        await found.draw(count=4)
    assert len(emulator.heard) == 4
    assert all("candidateCount" not in generation(each.fields()) for each in emulator.heard)


EXTRAS: dict[str, JsonValue] = {
    "image_size": "2K",
    "thinking_level": "HIGH",
    "system_instruction": "Always draw.",
    "safety_settings": [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "OFF"}],
    "temperature": 0.5,
    "top_p": 0.9,
    "top_k": 40.0,
    "google_search": True,
    "service_tier": "flex",
}


async def test_every_extra_is_sent() -> None:
    assert await heard(aspect="16:9", extras={"gemini": EXTRAS}) == {
        "contents": [{"role": "user", "parts": [{"text": "A red mug"}]}],
        "systemInstruction": {"role": "user", "parts": [{"text": "Always draw."}]},
        "safetySettings": EXTRAS["safety_settings"],
        "generationConfig": {
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "2K"},
            "thinkingConfig": {"thinkingLevel": "HIGH"},
            "temperature": 0.5,
            "topP": 0.9,
            "topK": 40.0,
        },
        "tools": [{"googleSearch": {}}],
        "serviceTier": "flex",
    }


async def test_a_conversation_goes_on_with_its_turns_as_they_were() -> None:
    drawn = picture()
    history: list[JsonValue] = [
        {"role": "user", "parts": [{"text": "A mug"}]},
        {
            "role": "model",
            "parts": [
                {"text": "Planning.", "thought": True},
                {
                    "inlineData": {"mimeType": "image/png", "data": drawn.base64},
                    "thoughtSignature": "b3BhcXVl",
                },
            ],
        },
    ]
    fields = await heard(MODEL, prompt="make it blue", extras={"google": {"history": history}})
    words: JsonValue = {"role": "user", "parts": [{"text": "make it blue"}]}
    assert fields["contents"] == [*history, words]


async def test_a_history_without_its_signature_is_told_what_it_lacks() -> None:
    drawn: JsonValue = {"inlineData": {"mimeType": "image/png", "data": picture().base64}}
    words: JsonValue = {"role": "user", "parts": [{"text": "A mug"}]}
    history: JsonValue = [words, {"role": "model", "parts": [drawn]}]
    async with lab(GeminiEmulator()) as found:
        info = await found.refusal(extras={"gemini": {"history": history}})
    assert (info.code, info.vendor_code) == (
        ErrorCode.INVALID_REQUEST,
        "MISSING_THOUGHT_SIGNATURE",
    )
    assert "thoughtSignature and all" in (info.hint or "")


MANY: JsonValue = [{"role": "user", "parts": []} for _ in range(101)]
WRONG: list[tuple[dict[str, JsonValue], str, str | None]] = [
    ({"aspect_ratio": "1:1"}, "belongs into the request itself", "set 'aspect' there"),
    ({"imagesize": "1K"}, "this model has no such parameter", "did you mean 'image_size'?"),
    ({"image_size": "8K"}, "must be '512', '1K', '2K' or '4K'", None),
    ({"temperature": 3}, "must be at most 2", None),
    ({"labels": {"a": "b"}}, "only Vertex AI knows it", "leave it out"),
    ({"person_generation": "ALLOW_ALL"}, "only Vertex AI knows it", "leave it out"),
    ({"history": [{"parts": []}]}, "turn 1 is no turn of Google's", 'a turn has a "role"'),
    ({"history": MANY}, "at most 100 turns", None),
    ({"safety_settings": [{"category": "X"}]}, "gemini.safety_settings", None),
]


@pytest.mark.parametrize(("extras", "message", "hint"), WRONG)
async def test_a_wrong_extra_is_refused_before_anything_is_sent(
    extras: dict[str, JsonValue], message: str, hint: str | None
) -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        info = await found.refusal(extras={"gemini": extras})
    assert info.code is ErrorCode.INVALID_REQUEST
    assert message in info.message
    assert hint is None or (info.hint or "").startswith(hint)
    assert emulator.heard == []


async def test_what_only_vertex_takes_is_sent_there() -> None:
    emulator = GeminiEmulator()
    extras: dict[str, JsonValue] = {
        "person_generation": "ALLOW_ADULT",
        "prominent_people": "BLOCK_PROMINENT_PEOPLE",
        "compression_quality": 60,
        "labels": {"team": "art"},
    }
    async with lab(emulator, vertex={}) as found:
        result = await found.draw(model=NANO, format="jpeg", extras={"gemini": extras})
    assert result.images[0].picture.media_type == "image/jpeg"
    fields = emulator.heard[0].fields()
    assert fields["labels"] == {"team": "art"}
    assert generation(fields)["imageConfig"] == {
        "aspectRatio": "1:1",
        "personGeneration": "ALLOW_ADULT",
        "prominentPeople": "BLOCK_PROMINENT_PEOPLE",
        "imageOutputOptions": {"mimeType": "image/jpeg", "compressionQuality": 60},
    }


async def test_a_format_is_a_wish_for_vertex_alone() -> None:
    async with lab(GeminiEmulator(), vertex={}) as found:
        result = await found.draw(model=NANO, format="png")
        assert (result.images[0].picture.media_type, found.notes) == ("image/png", [])
    async with lab(GeminiEmulator()) as found:
        result = await found.draw(model=NANO, format="png")
        assert result.images[0].picture.media_type == "image/jpeg"
        assert found.notes == [f"'{NANO}' knows no format; it is left out"]


async def test_a_model_that_is_in_no_table_is_asked_as_such_models_are() -> None:
    emulator = GeminiEmulator()
    emulator.facts = Facts()
    async with lab(emulator) as found:
        info = await found.refusal(model="gemini-3.1-flash", size="1920x1080")
    fields = [each for each in emulator.heard if each.method == "POST"][0].fields()  # noqa: RUF015
    assert generation(fields)["imageConfig"] == {"aspectRatio": "16:9"}
    assert info.code is ErrorCode.UNSUPPORTED
    assert "draws no pictures" in info.message

"""Google's own SDK against the emulator: pictures, files, conversations, and what it charges."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from google import genai
from google.genai import errors, types
from PIL import Image

from imageway.emulators.answer import Charge
from imageway.emulators.faults import Fault
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.serving import serve

# The SDK's own affair: https://github.com/googleapis/python-genai subclasses aiohttp's session.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Inheritance class Aiohttp:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning"),
]

MODEL, PRO = "gemini-3.1-flash-image", "gemini-3-pro-image"


@pytest.fixture
def emulator() -> GeminiEmulator:
    return GeminiEmulator(clock=lambda: 1_795_302_099.5)


@pytest.fixture
async def client(emulator: GeminiEmulator) -> AsyncIterator[genai.Client]:
    async with serve(emulator) as url:
        options = types.HttpOptions(base_url=url)
        client = genai.Client(api_key="sk-emulated", http_options=options)
        yield client
        await client.aio.aclose()


def config(ratio: str | None = None, size: str | None = None) -> types.GenerateContentConfig:
    image = types.ImageConfig(aspect_ratio=ratio, image_size=size)
    return types.GenerateContentConfig(response_modalities=["IMAGE"], image_config=image)


def saying(part: types.Part) -> types.Content:
    """A turn with something beside its words."""
    return types.UserContent([part, types.Part(text="make it blue")])


def opened(part: types.Part) -> Image.Image:
    assert part.inline_data is not None
    image = Image.open(io.BytesIO(part.inline_data.data or b""))
    image.load()
    return image


def answers(found: types.GenerateContentResponse) -> list[types.Part]:
    """The pictures that are no thoughts."""
    return [part for part in found.parts or [] if part.inline_data and not part.thought]


async def draw(client: genai.Client, model: str = MODEL, **shape: str) -> Image.Image:
    found = await client.aio.models.generate_content(
        model=model, contents="A red mug", config=config(**shape)
    )
    return opened(answers(found)[-1])


@pytest.mark.parametrize(
    ("model", "ratio", "size", "pixels", "kind"),
    [
        (MODEL, "16:9", "1K", (1376, 768), "JPEG"),
        (MODEL, "1:1", "512", (512, 512), "JPEG"),
        (MODEL, "8:1", "1K", (2928, 352), "JPEG"),
        ("gemini-nano-banana-2.1", "1:1", "2K", (2048, 2048), "JPEG"),
        (PRO, "21:9", "2K", (3168, 1344), "JPEG"),
        ("gemini-2.5-flash-image", "9:16", "4K", (768, 1344), "PNG"),
    ],
)
async def test_a_picture_has_the_documented_pixels_and_format(
    client: genai.Client, model: str, ratio: str, size: str, pixels: tuple[int, int], kind: str
) -> None:
    image = await draw(client, model, ratio=ratio, size=size)
    assert (image.size, image.format) == (pixels, kind)


async def test_a_generation_of_google_is_charged_by_its_tokens(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    found = await client.aio.models.generate_content(model=MODEL, contents="A red mug")
    usage = found.usage_metadata
    assert usage is not None
    assert (usage.prompt_token_count, usage.candidates_token_count) == (3, 1208)
    assert (usage.thoughts_token_count, usage.total_token_count) == (180, 1391)
    price = (3 * Decimal("0.50") + (88 + 180) * Decimal("3.00") + 1120 * Decimal(60)) / 1_000_000
    assert emulator.charges == [Charge(MODEL, 1, price)]


async def test_several_drafts_of_the_pro_model_are_ordinary_pictures_and_charged(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    emulator.facts = Facts(drafts=2)
    found = await client.aio.models.generate_content(model=PRO, contents="mug", config=config())
    pictures = [opened(part).tobytes() for part in answers(found)]
    assert len(set(pictures)) == 3
    assert all(part.thought_signature for part in answers(found))
    assert emulator.charges[0].pictures == 3


async def test_an_edit_has_the_shape_of_what_came_along(client: genai.Client) -> None:
    out = io.BytesIO()
    Image.new("RGB", (90, 160)).save(out, "png")
    part = types.Part.from_bytes(data=out.getvalue(), mime_type="image/png")
    found = await client.aio.models.generate_content(model=MODEL, contents=saying(part))
    assert opened(answers(found)[0]).size == (768, 1376)


async def test_a_turn_without_its_signature_is_not_gone_on_with(client: genai.Client) -> None:
    history: list[types.Content] = [
        types.UserContent("A mug"),
        types.ModelContent(types.Part.from_bytes(data=b"\xff", mime_type="image/heic")),
        types.UserContent("make it blue"),
    ]
    found = await client.aio.models.generate_content(model=MODEL, contents=history)
    assert found.candidates is not None
    assert found.candidates[0].finish_reason is types.FinishReason.MISSING_THOUGHT_SIGNATURE


async def test_an_uploaded_file_is_used_and_is_gone_once_deleted(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (16, 16)).save(out, "png")
    stored = await client.aio.files.upload(
        file=io.BytesIO(out.getvalue()), config=types.UploadFileConfig(mime_type="image/png")
    )
    part = types.Part.from_uri(file_uri=stored.uri or "", mime_type="image/png")
    await client.aio.models.generate_content(model=MODEL, contents=saying(part))
    await client.aio.files.delete(name=stored.name or "")
    with pytest.raises(errors.ClientError, match="or it may not exist") as caught:
        await client.aio.models.generate_content(model=MODEL, contents=saying(part))
    assert caught.value.code == 403
    assert len(emulator.charges) == 1


async def test_a_large_file_is_looked_through_first(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    emulator.facts = Facts(files_are_slow=True)
    stored = await client.aio.files.upload(
        file=io.BytesIO(b"\0" * (9 << 20)), config=types.UploadFileConfig(mime_type="image/png")
    )
    states = [stored.state]
    states += [(await client.aio.files.get(name=stored.name or "")).state for _ in range(2)]
    assert [state and state.value for state in states] == ["PROCESSING", "PROCESSING", "ACTIVE"]


async def test_a_line_of_megabytes_comes_through_the_sdk(client: genai.Client) -> None:
    big = types.GenerateContentConfig(
        image_config=types.ImageConfig(aspect_ratio="1:1", image_size="4K"),
        response_modalities=["IMAGE"],
    )
    chunks = await client.aio.models.generate_content_stream(
        model="gemini-nano-banana-2.1", contents="mug", config=big
    )
    found = [part for chunk in [c async for c in chunks] for part in answers(chunk)]
    assert opened(found[0]).size == (4096, 4096)


async def test_a_rate_limit_says_in_its_details_when_to_come_again(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    emulator.script(Fault.RATE_LIMITED, retry_after="7")
    with pytest.raises(errors.ClientError) as caught:
        await draw(client)
    assert "Please retry in 7s." in str(caught.value.message)
    assert "'retryDelay': '7s'" in str(caught.value)


async def test_the_trigger_word_is_refused_and_free(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    found = await client.aio.models.generate_content(model=MODEL, contents="a Forbidden thing")
    assert found.candidates is not None
    assert found.candidates[0].finish_reason is types.FinishReason.IMAGE_SAFETY
    assert emulator.charges == []


async def test_an_empty_prompt_is_answered_without_a_picture(client: genai.Client) -> None:
    found = await client.aio.models.generate_content(model=MODEL, contents="")
    assert found.candidates is not None
    assert found.candidates[0].finish_reason is types.FinishReason.NO_IMAGE


@pytest.mark.parametrize("content", ["empty", "role", "null", "absent"])
async def test_a_filtered_candidate_may_have_its_content_in_any_shape(
    emulator: GeminiEmulator, client: genai.Client, content: str
) -> None:
    emulator.facts = Facts(content=content)  # type: ignore[arg-type]  # each is a Content
    emulator.script(Fault.REFUSED)
    found = await client.aio.models.generate_content(model=MODEL, contents="mug")
    assert found.parts is None

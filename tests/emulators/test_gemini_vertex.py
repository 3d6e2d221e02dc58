"""Google's SDK against the emulated Vertex AI: keys, tokens, and Imagen in all its answers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from io import BytesIO

import pytest
from google import genai
from google.genai import errors, types
from google.oauth2.credentials import Credentials
from PIL import Image

from imageway.emulators.faults import Fault
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.serving import serve

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:Inheritance class Aiohttp:DeprecationWarning"),
    # Imagen is leaving the SDK too.
    pytest.mark.filterwarnings("ignore:The [a-z_]+ method is deprecated"),
]

MODEL, IMAGEN = "gemini-3.1-flash-image", "imagen-4.0-generate-001"


@pytest.fixture
def emulator() -> GeminiEmulator:
    emulator = GeminiEmulator()
    emulator.facts = Facts(imagen_on_vertex=True)
    return emulator


@pytest.fixture
async def client(emulator: GeminiEmulator) -> AsyncIterator[genai.Client]:
    """Express mode: a key and no project."""
    async with serve(emulator) as url:
        options = types.HttpOptions(base_url=url)
        client = genai.Client(vertexai=True, api_key="sk-emulated", http_options=options)
        yield client
        await client.aio.aclose()


async def draw(
    client: genai.Client, count: int = 4, **parameters: object
) -> types.GenerateImagesResponse:
    config = types.GenerateImagesConfig.model_validate({"number_of_images": count, **parameters})
    found = await client.aio.models.generate_images(model=IMAGEN, prompt="mug", config=config)
    return types.GenerateImagesResponse.model_validate(found)


def opened(image: types.Image | None) -> Image.Image:
    found = Image.open(BytesIO((image and image.image_bytes) or b""))
    found.load()
    return found


def picture() -> types.Image:
    out = BytesIO()
    Image.new("RGB", (32, 16)).save(out, "png")
    return types.Image(image_bytes=out.getvalue(), mime_type="image/png")


async def test_a_key_is_enough_in_express_mode(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    config = types.GenerateContentConfig(
        response_modalities=["IMAGE"],
        image_config=types.ImageConfig(
            aspect_ratio="1:1",
            person_generation="ALLOW_ALL",
            output_mime_type="image/png",
        ),
    )
    found = await client.aio.models.generate_content(model=MODEL, contents="mug", config=config)
    assert found.create_time is not None
    assert found.parts
    blob = found.parts[-1].inline_data
    assert blob is not None
    assert Image.open(BytesIO(blob.data or b"")).format == "PNG"
    heard = emulator.heard[-1]
    assert heard.path == f"/v1beta1/publishers/google/models/{MODEL}:generateContent"
    assert heard.header("x-goog-api-key") == "sk-emulated"


async def test_a_project_is_asked_with_a_token(emulator: GeminiEmulator) -> None:
    async with serve(emulator) as url:
        client = genai.Client(
            vertexai=True,
            project="p",
            location="global",
            credentials=Credentials(token="sk-emulated"),  # type: ignore[no-untyped-call]  # google-auth has no types here
            http_options=types.HttpOptions(base_url=url),
        )
        found = await client.aio.models.generate_content(model=MODEL, contents="mug")
        await client.aio.aclose()
    assert found.parts
    assert emulator.heard[-1].path.startswith("/v1beta1/projects/p/locations/global/publishers/")


async def test_a_filtered_answer_of_vertex_keeps_its_message(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    emulator.script(Fault.REFUSED)
    found = await client.aio.models.generate_content(model=MODEL, contents="mug")
    assert found.candidates is not None
    assert "You will not be charged" in str(found.candidates[0].finish_message)


async def test_imagen_makes_as_many_as_asked_and_is_paid_by_the_picture(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    found = await draw(
        client, 2, aspect_ratio="16:9", image_size="2K", output_mime_type="image/jpeg"
    )
    images = [opened(each.image) for each in found.generated_images or []]
    assert [(each.size, each.format) for each in images] == [((2816, 1536), "JPEG")] * 2
    [charge] = emulator.charges
    assert (charge.pictures, charge.amount) == (2, Decimal("0.08"))


async def test_one_entry_stands_for_all_pictures_that_were_filtered(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    emulator.script(Fault.FEWER_IMAGES, keep=2)
    found = await draw(client, include_rai_reason=True)
    reasons = [each.rai_filtered_reason for each in found.generated_images or []]
    assert len(reasons) == 3
    assert "filtered out 2 generated images" in str(reasons[-1])
    assert emulator.charges[0].pictures == 2


async def test_without_reasons_there_are_simply_fewer(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    emulator.script(Fault.FEWER_IMAGES, keep=2)
    assert len((await draw(client)).generated_images or []) == 2


@pytest.mark.parametrize("include", [True, False])
async def test_when_all_are_filtered_there_is_a_reason_or_nothing(
    emulator: GeminiEmulator, client: genai.Client, include: bool
) -> None:
    emulator.script(Fault.NO_IMAGE)
    found = (await draw(client, include_rai_reason=include)).generated_images
    if include:
        assert found is not None
        assert "All images were filtered out" in str(found[0].rai_filtered_reason)
    else:
        assert found is None
    assert emulator.charges == []


async def test_a_prompt_that_imagen_refuses_is_a_400(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    emulator.script(Fault.REFUSED, variant="imagen_prompt")
    with pytest.raises(errors.ClientError, match="Responsible AI practices") as caught:
        await draw(client)
    assert caught.value.code == 400


async def test_the_words_on_the_prompt_are_no_picture(client: genai.Client) -> None:
    found = await draw(client, 1, include_safety_attributes=True)
    assert len(found.generated_images or []) == 1
    assert found.positive_prompt_safety_attributes is not None


async def test_an_edit_with_a_mask_and_an_upscale_keep_the_shape(client: genai.Client) -> None:
    made = await client.aio.models.edit_image(
        model="imagen-3.0-capability-001",
        prompt="a vase",
        reference_images=[
            types.RawReferenceImage(reference_id=1, reference_image=picture()),
            types.MaskReferenceImage(
                reference_id=2,
                reference_image=picture(),
                config=types.MaskReferenceConfig(
                    mask_mode=types.MaskReferenceMode.MASK_MODE_USER_PROVIDED
                ),
            ),
        ],
        config=types.EditImageConfig(edit_mode=types.EditMode.EDIT_MODE_INPAINT_INSERTION),
    )
    edited = types.EditImageResponse.model_validate(made)
    assert [opened(each.image).size for each in edited.generated_images or []] == [(32, 16)] * 4
    found = await client.aio.models.upscale_image(
        model="imagen-4.0-upscale-preview", image=picture(), upscale_factor="x4"
    )
    larger = types.UpscaleImageResponse.model_validate(found)
    assert [opened(each.image).size for each in larger.generated_images or []] == [(128, 64)]


@pytest.mark.parametrize(
    "parameters",
    [{"aspect_ratio": "3:2"}, {"seed": 7}, {"seed": 7, "add_watermark": True}],
)
async def test_what_imagen_does_not_take_is_refused(
    client: genai.Client, parameters: dict[str, object]
) -> None:
    with pytest.raises(errors.ClientError) as caught:
        await draw(client, 1, **parameters)
    assert caught.value.code == 400


async def test_imagen_is_gone_unless_a_test_brings_it_back(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    emulator.facts = Facts()
    with pytest.raises(errors.ClientError, match="Publisher Model") as caught:
        await draw(client)
    assert caught.value.code == 404


async def test_the_list_of_vertex_names_publisher_models(
    emulator: GeminiEmulator, client: genai.Client
) -> None:
    listed = types.ListModelsConfig(query_base=True)
    names = [model.name async for model in await client.aio.models.list(config=listed)]
    assert f"publishers/google/models/{MODEL}" in names

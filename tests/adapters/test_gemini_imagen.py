"""Imagen by predict on Vertex AI: drawn, edited, enlarged, and partly or wholly filtered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO

import pytest
from PIL import Image
from pydantic import JsonValue

from imageway.core.errors import ErrorCode
from imageway.core.picture import Picture
from imageway.emulators.faults import Fault
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from tests.adapters.gemini_lab import IMAGEN, Lab, at, bench, lab, picture, reference, replays
from tests.loopback import Loopback, loopback

ON = {"imagen": True}
EDIT, UPSCALE = "imagen-3.0-capability-001", "imagen-4.0-upscale-preview"


@pytest.fixture
def emulator() -> GeminiEmulator:
    emulator = GeminiEmulator()
    emulator.facts = Facts(imagen_on_vertex=True)
    return emulator


@pytest.fixture
async def vertex(emulator: GeminiEmulator) -> AsyncIterator[Lab]:
    async with lab(emulator, vertex=ON) as found:
        yield found


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
async def asked(site: Loopback) -> AsyncIterator[Lab]:
    async with bench(site.url, vertex=ON) as found:
        yield found


def body(emulator: GeminiEmulator) -> tuple[dict[str, JsonValue], dict[str, JsonValue]]:
    """The one instance and the parameters that were sent."""
    fields = emulator.heard[-1].fields()
    instances, parameters = fields["instances"], fields["parameters"]
    assert isinstance(instances, list)
    assert isinstance(parameters, dict)
    assert isinstance(instances[0], dict)
    return instances[0], parameters


async def test_several_pictures_are_one_call_and_paid_by_the_picture(
    emulator: GeminiEmulator, vertex: Lab
) -> None:
    result = await vertex.draw(model=IMAGEN, count=6, aspect="16:9", format="jpeg")
    assert len(result.images) == 6
    assert sorted(body_of(each.fields()) for each in emulator.heard) == [2, 4]
    assert {image.picture.media_type for image in result.images} == {"image/jpeg"}
    dollars = sum(charge.amount for charge in result.usage if charge.unit == "USD")
    assert dollars == pytest.approx(6 * 0.04)


def body_of(fields: dict[str, JsonValue]) -> int:
    parameters = fields["parameters"]
    assert isinstance(parameters, dict)
    count = parameters["sampleCount"]
    assert isinstance(count, int)
    return count


async def test_a_plain_request_asks_for_reasons(emulator: GeminiEmulator, vertex: Lab) -> None:
    await vertex.draw(model=IMAGEN)
    assert body(emulator) == (
        {"prompt": "A red mug"},
        {"sampleCount": 1, "includeRaiReason": True, "aspectRatio": "1:1"},
    )


async def test_every_wish_and_extra_reaches_imagen(emulator: GeminiEmulator, vertex: Lab) -> None:
    extras: dict[str, JsonValue] = {
        "person_generation": "DONT_ALLOW",
        "safety_setting": "BLOCK_ONLY_HIGH",
        "language": "en",
        "compression_quality": 50,
        "labels": {"team": "art"},
    }
    result = await vertex.draw(
        model=IMAGEN,
        size="2816x1536",
        seed=7,
        guidance=7.5,
        negative_prompt="people",
        format="jpeg",
        extras={"gemini": extras},
    )
    assert emulator.heard[-1].fields()["labels"] == {"team": "art"}
    assert body(emulator)[1] == {
        "sampleCount": 1,
        "includeRaiReason": True,
        "aspectRatio": "16:9",
        "sampleImageSize": "2K",
        "guidanceScale": 7.5,
        "negativePrompt": "people",
        "seed": 7,
        "addWatermark": False,
        "enhancePrompt": False,
        "personGeneration": "DONT_ALLOW",
        "safetySetting": "BLOCK_ONLY_HIGH",
        "language": "en",
        "outputOptions": {"mimeType": "image/jpeg", "compressionQuality": 50},
    }
    image = result.images[0].picture
    assert (image.width, image.height, image.seed) == (2816, 1536, 7)
    assert "with a seed Imagen puts no watermark into its pictures" in vertex.notes


async def test_the_same_seed_brings_the_same_picture_again(vertex: Lab) -> None:
    first = await vertex.draw(model=IMAGEN, seed=7)
    second = await vertex.draw(model=IMAGEN, seed=7)
    assert first.images[0].picture.bytes == second.images[0].picture.bytes


async def test_fewer_pictures_than_asked_are_a_part_and_one_reason_is_for_all_the_others(
    emulator: GeminiEmulator, vertex: Lab
) -> None:
    emulator.script(Fault.FEWER_IMAGES, keep=2)
    result = await vertex.draw(model=IMAGEN, count=4)
    assert (result.status, [image.index for image in result.images]) == ("partial", [0, 1])
    assert [failed.index for failed in result.failures] == [2, 3]
    for failed in result.failures:
        assert failed.error.code is ErrorCode.REJECTED
        assert "filtered out 2 generated images" in (failed.error.vendor_message or "")
    dollars = sum(charge.amount for charge in result.usage if charge.unit == "USD")
    assert dollars == pytest.approx(float(emulator.charges[0].amount))


async def test_when_all_are_filtered_that_is_a_refusal_and_free(
    emulator: GeminiEmulator, vertex: Lab
) -> None:
    emulator.script(Fault.NO_IMAGE)
    result = await vertex.draw(model=IMAGEN, count=4)
    assert result.error is not None
    assert (result.error.code, result.error.charged) == (ErrorCode.REJECTED, "no")
    assert "All images were filtered out" in (result.error.vendor_message or "")
    assert (result.usage, emulator.charges) == ((), [])


async def test_a_prompt_that_imagen_refuses_is_rejected_and_not_invalid(
    emulator: GeminiEmulator, vertex: Lab
) -> None:
    emulator.script(Fault.REFUSED, variant="imagen_prompt")
    info = await vertex.refusal(model=IMAGEN)
    assert (info.code, info.charged) == (ErrorCode.REJECTED, "no")
    assert "Responsible AI practices" in (info.vendor_message or "")


@pytest.mark.parametrize(
    ("name", "count", "pictures", "code"),
    [
        ("g10-vertex-imagen-partial", 4, 2, ErrorCode.REJECTED),
        ("g10-vertex-imagen-attrs", 2, 1, ErrorCode.REJECTED),
        ("g10-vertex-imagen-all-filtered-reason", 2, 0, ErrorCode.REJECTED),
        ("g10-vertex-imagen-all-filtered", 2, 0, ErrorCode.REJECTED),
        ("g10-vertex-imagen-gcs", 1, 0, ErrorCode.BAD_ANSWER),
    ],
)
async def test_a_captured_answer_of_imagen_is_read(
    site: Loopback, asked: Lab, name: str, count: int, pictures: int, code: ErrorCode
) -> None:
    replays(site, name)
    result = await asked.draw(model=IMAGEN, count=count)
    assert len(result.images) == pictures
    assert {failed.error.code for failed in result.failures} == {code}
    assert len(result.failures) == count - pictures


async def test_a_rewritten_prompt_is_told_with_its_picture(site: Loopback, asked: Lab) -> None:
    replays(site, "g10-vertex-imagen-partial")
    result = await asked.draw(model=IMAGEN, count=4)
    assert result.images[0].picture.revised_prompt == "an enhanced prompt"


@pytest.mark.parametrize(
    "said",
    [
        b'{"surprise": 1}',
        b'{"predictions": [{"surprise": 1}]}',
        b'{"predictions": [{"bytesBase64Encoded": "AAAA"}]}',
        b'{"predictions": [7, null]}',
        b"[]",
    ],
)
async def test_an_answer_that_cannot_be_read_is_a_bad_one(
    site: Loopback, asked: Lab, said: bytes
) -> None:
    site.answers(body=said)
    info = await asked.refusal(model=IMAGEN)
    assert (info.code, info.charged) == (ErrorCode.BAD_ANSWER, "yes")


async def test_an_empty_list_is_as_good_as_none(site: Loopback, asked: Lab) -> None:
    site.answers(body=b'{"predictions": [], "deployedModelId": "1"}')
    assert (await asked.refusal(model=IMAGEN)).code is ErrorCode.REJECTED


async def test_an_edit_sends_its_mask_white_where_it_is_transparent(
    emulator: GeminiEmulator, vertex: Lab
) -> None:
    mask = Image.new("RGBA", (16, 16), (0, 0, 0, 255))
    mask.paste((0, 0, 0, 0), (0, 0, 8, 16))
    out = BytesIO()
    mask.save(out, "png")
    result = await vertex.draw(
        model=EDIT,
        references=[reference()],
        mask=reference(Picture.from_bytes(out.getvalue())),
        extras={"gemini": {"mask_dilation": 0.03}},
    )
    assert result.status == "succeeded"
    instance, parameters = body(emulator)
    assert parameters["editMode"] == "EDIT_MODE_INPAINT_INSERTION"
    assert "aspectRatio" not in parameters
    kinds = [at(instance, "referenceImages", place, "referenceType") for place in (0, 1)]
    assert kinds == ["REFERENCE_TYPE_RAW", "REFERENCE_TYPE_MASK"]
    sent = at(instance, "referenceImages", 1)
    assert at(sent, "maskImageConfig") == {
        "maskMode": "MASK_MODE_USER_PROVIDED",
        "dilation": 0.03,
    }
    text = at(sent, "referenceImage", "bytesBase64Encoded")
    white = Image.open(BytesIO(Picture.from_base64(str(text)).bytes))
    assert (white.getpixel((2, 2)), white.getpixel((12, 2))) == (255, 0)


@pytest.mark.parametrize(("factor", "edge"), [(None, 32), ("x4", 64)])
async def test_an_upscale_enlarges_its_one_reference(
    emulator: GeminiEmulator, vertex: Lab, factor: str | None, edge: int
) -> None:
    extras = {} if factor is None else {"gemini": {"upscale_factor": factor}}
    result = await vertex.draw(model=UPSCALE, references=[reference()], extras=extras)
    image = result.images[0].picture
    assert (image.width, image.height) == (edge, edge)
    instance, parameters = body(emulator)
    assert "image" in instance
    assert (parameters["mode"], parameters["sampleCount"]) == ("upscale", 1)


@pytest.mark.parametrize("model", [EDIT, UPSCALE])
async def test_what_works_on_a_picture_says_so_when_none_came(
    emulator: GeminiEmulator, vertex: Lab, model: str
) -> None:
    info = await vertex.refusal(model=model)
    assert info.message == f"references: '{model}' works on a picture, and none was sent"
    assert emulator.heard == []


async def test_a_wrong_extra_of_imagen_is_refused(vertex: Lab) -> None:
    info = await vertex.refusal(model=IMAGEN, extras={"gemini": {"thinking_level": "HIGH"}})
    assert info.message == "gemini.thinking_level: this model has no such parameter"


async def test_a_mask_that_cannot_be_read_is_refused(vertex: Lab) -> None:
    whole = bytearray(picture("RGBA", (64, 64)).bytes)
    whole[41:60] = bytes(19)
    info = await vertex.refusal(
        model=EDIT,
        references=[reference()],
        mask=reference(Picture.from_bytes(bytes(whole))),
    )
    assert (info.code, info.param) == (ErrorCode.INVALID_REQUEST, "mask")

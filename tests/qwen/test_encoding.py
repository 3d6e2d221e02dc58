"""A picture says how it was made and that a machine made it, the same each time."""

from __future__ import annotations

from io import BytesIO

import orjson
import pytest
from PIL import Image

from imageway.core.picture import Picture
from imageway.qwen.encoding import about, encode, is_flat, preview, transcode
from imageway.qwen.engine import Description
from imageway.qwen.failures import Degraded, Made
from imageway.qwen.order import FORMATS, Format, Order
from tests.qwen.test_job import TASK

AI = Description(name="qwen-image-2512", title="Qwen-Image-2512 <uint4>", is_ai=True)
DEMO = Description(name="imageway-demo", title="imageway-demo", is_ai=False)
PICTURE = Image.radial_gradient("L").convert("RGB")
ORDER = Order("一只狐狸 & more", 256, 256, 42, negative_prompt="rain")


def opened(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", FORMATS)
def test_the_bytes_are_what_was_asked_for(kind: Format) -> None:
    found = Picture.from_bytes(encode(PICTURE, kind, DEMO, b"{}"))
    assert (found.format, found.width, found.height) == (kind, 256, 256)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(
    ("by", "source"), [(AI, "trainedAlgorithmicMedia"), (DEMO, "/algorithmicMedia")]
)
def test_every_format_carries_the_mark_of_its_maker(
    kind: Format, by: Description, source: str
) -> None:
    assert source in str(opened(encode(PICTURE, kind, by, None)).info["xmp"])


def test_a_png_tells_how_it_was_made() -> None:
    made = Made(PICTURE, TASK, Degraded("nan", requested_steps=63, requested_seed=7))
    told = opened(encode(PICTURE, "png", AI, about(made, ORDER, AI))).info["imageway"]
    assert orjson.loads(str(told)) == {
        "model": "Qwen-Image-2512 <uint4>",
        "prompt": "一只狐狸 & more",
        "negative_prompt": "rain",
        "seed": 42,
        "num_steps": 50,
        "cfg_scale": 4.0,
        "width": 256,
        "height": 256,
        "degraded": {"reason": "nan", "requested_steps": 63, "requested_seed": 7},
        "ai_generated": True,
        "made_by": "AI-generated",
    }


def test_without_metadata_a_png_tells_no_prompt() -> None:
    assert "imageway" not in opened(encode(PICTURE, "png", AI, None)).info


def test_the_same_picture_is_the_same_bytes() -> None:
    told = about(Made(PICTURE, TASK), ORDER, DEMO)
    assert encode(PICTURE, "png", DEMO, told) == encode(PICTURE, "png", DEMO, told)


def test_a_demo_does_not_claim_to_be_ai() -> None:
    assert orjson.loads(about(Made(PICTURE, TASK), ORDER, DEMO))["ai_generated"] is False


def test_a_preview_is_a_small_jpeg() -> None:
    data, size = preview(Image.new("RGB", (1328, 664)))
    assert Picture.from_bytes(data).format == "jpeg"
    assert size == (512, 256)


def test_a_finished_picture_can_be_had_in_another_format() -> None:
    data = encode(PICTURE, "png", DEMO, None)
    assert Picture.from_bytes(transcode(data, "webp", DEMO)).format == "webp"


@pytest.mark.parametrize(
    ("image", "flat"),
    [
        (Image.new("RGB", (8, 8), "black"), True),
        (Image.new("L", (8, 8), 9), True),
        (PICTURE, False),
    ],
)
def test_one_colour_all_over_is_flat(image: Image.Image, flat: bool) -> None:
    assert is_flat(image) is flat

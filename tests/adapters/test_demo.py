"""The embedded default, asked through the whole library."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

import imageway
from imageway import ErrorCode, ImageResult, Picture, Preview, Progress


@pytest.fixture(autouse=True)
def nowhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder without plugins.toml, so that the built-in configuration serves."""
    monkeypatch.chdir(tmp_path_factory.mktemp("nowhere"))


def opened(picture: Picture) -> Image.Image:
    return Image.open(BytesIO(picture.bytes))


def a_photo(width: int = 96, height: int = 64) -> bytes:
    image = Image.new("RGB", (width, height), "navy")
    image.paste("gold", (0, 0, width // 2, height))
    data = BytesIO()
    image.save(data, "png")
    return data.getvalue()


async def draw(prompt: str, **wishes: object) -> ImageResult:
    async with imageway.open() as way:
        return await way.generate(prompt, **wishes)  # type: ignore[arg-type]  # each test names real wishes


async def test_four_pictures_of_one_wish_are_four_different_pictures() -> None:
    result = await draw("a red fox", count=4, size="128x128")
    assert result.status == "succeeded"
    assert len({image.picture.base64 for image in result.images}) == 4


async def test_a_seed_brings_the_same_pictures_again_and_is_told() -> None:
    first = await draw("a red fox", count=2, seed=7, size="128x128")
    second = await draw("a red fox", count=2, seed=7, size="128x128")
    assert [image.picture.seed for image in first.images] == [7, 8]
    assert [i.picture.bytes for i in first.images] == [i.picture.bytes for i in second.images]


@pytest.mark.parametrize("kind", ["png", "jpeg", "webp", "avif", "gif"])
async def test_every_format_is_what_it_says_and_as_large_as_asked(kind: str) -> None:
    result = await draw("a boat", format=kind, size="200x120")
    picture = result.images[0].picture
    assert picture.media_type == f"image/{kind}"
    assert opened(picture).size == (picture.width, picture.height) == (200, 120)


async def test_previews_come_before_the_picture_as_many_as_asked() -> None:
    async with imageway.open() as way, way.stream("night", previews=2, size="128x128") as events:
        heard = [event async for event in events]
    assert len([event for event in heard if isinstance(event, Preview)]) == 2
    assert any(isinstance(event, Progress) for event in heard)


async def test_an_edit_is_as_large_as_its_reference() -> None:
    result = await draw("mirror it", references=[a_photo()])
    picture = result.images[0].picture
    assert (picture.width, picture.height) == (96, 64)


async def test_transparent_has_no_background() -> None:
    result = await draw("a red circle", background="transparent", size="128x128")
    image = opened(result.images[0].picture)
    assert image.mode == "RGBA"
    assert image.getpixel((1, 1)) == (0, 0, 0, 0) or image.getchannel("A").getextrema()[0] == 0


async def test_what_cannot_be_transparent_becomes_a_png_and_is_noted() -> None:
    result = await draw("a star", background="transparent", format="jpeg", size="128x128")
    assert result.images[0].picture.media_type == "image/png"
    assert [note.kind for note in result.notes] == ["adjusted"]


async def test_another_model_name_is_not_found_with_the_right_one() -> None:
    result = await draw("a star", model="demo/picasso")
    assert result.error is not None
    assert (result.error.code, result.error.hint) == (ErrorCode.NOT_FOUND, "use 'demo'")


async def test_a_wish_it_does_not_know_is_named_in_a_note() -> None:
    result = await draw("a star", guidance=7.5, size="128x128")
    assert result.status == "succeeded"
    assert "guidance" in result.notes[0].detail

"""Pictures that come along: every way that works, and never a fetch."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageway.core.errors import ImagewayError
from imageway.providers.config import Limits
from imageway.server.dialects.openai_inputs import Inputs
from imageway.server.files import FileStore
from imageway.serving.multipart import Part
from tests.server.lab import picture, png

URL = f"data:image/png;base64,{picture().base64}"


def inputs(folder: Path = Path("no such folder")) -> Inputs:
    return Inputs(Limits(), FileStore(folder), "me")


@pytest.mark.parametrize(
    "value",
    [
        Part("image", png(), "a.png"),
        Part("image", URL.encode()),
        URL,
        picture().base64,
        {"image_url": URL},
        {"image_url": {"url": URL}},
        {"b64_json": picture().base64},
        {"image_url": URL, "file_id": None},
    ],
    ids=["file", "url in a form", "url", "base64", "object", "as in chat", "b64_json", "null"],
)
def test_a_picture_comes_in(value: object) -> None:
    assert inputs().one(value, "image").picture.bytes == png()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/x",
        "http://[::1]/",
        "https://169.254.169.254/latest",
        "file:///etc/passwd",
        "FTP://x/y",
    ],
)
def test_nothing_is_fetched(url: str) -> None:
    with pytest.raises(ImagewayError, match="not fetched"):
        inputs().one({"image_url": url}, "image")


async def test_a_file_of_ours_is_known_to_its_owner_alone(tmp_path: Path) -> None:
    mine = inputs(tmp_path)
    name = await mine.files.put(picture(), "me")
    assert mine.one({"file_id": name}, "image").picture.bytes == png()
    with pytest.raises(ImagewayError, match="no file"):
        Inputs(Limits(), mine.files, "you").one({"file_id": name}, "image")

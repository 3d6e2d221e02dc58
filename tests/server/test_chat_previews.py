"""Unfinished pictures on Open WebUI's page: small, and each in its place."""

from __future__ import annotations

import base64
from io import BytesIO

from PIL import Image

from imageway.core.events import ImageReady, Preview
from imageway.core.header import Header
from imageway.core.picture import Picture
from imageway.server.dialects.chat.lines import data_url
from imageway.server.dialects.chat.previews import LONGEST_EDGE, SMALL, Previews
from tests.server.lab import picture


def large() -> Picture:
    data = BytesIO()
    Image.effect_noise((900, 600), 100).save(data, "png")
    return Picture.from_bytes(data.getvalue())


def decoded(url: str) -> Picture:
    return Picture.from_bytes(base64.b64decode(url.partition(",")[2]))


async def test_a_large_picture_is_shown_small() -> None:
    assert large().length > SMALL
    (url,) = await Previews().show(Preview(0, large()))
    shown = decoded(url)
    assert max(shown.width, shown.height) == LONGEST_EDGE
    assert len(url) < 100_000


async def test_a_finished_picture_stays_where_it_is_when_others_are_shown() -> None:
    previews = Previews()
    previews.finished(ImageReady(1, picture("blue"), "lab", "one"))
    shown = await previews.show(Preview(0, picture("grey")))
    assert shown == [data_url(picture("grey")), data_url(picture("blue"))]
    assert await previews.show(Preview(0, picture("pink"))) == [
        data_url(picture("pink")),
        data_url(picture("blue")),
    ]


async def test_a_picture_that_cannot_be_read_is_not_shown() -> None:
    damaged = Picture(Header("image/png", 900, 600), _data=bytes(SMALL + 1))
    assert await Previews().show(Preview(0, damaged)) == []


async def test_only_what_was_shown_can_be_taken_away() -> None:
    previews = Previews()
    assert not previews.drop(0)
    await previews.show(Preview(0, picture()))
    assert previews.drop(0)
    assert await previews.urls() == []

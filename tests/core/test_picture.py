"""One image as it travels: recognised by its ends, decoded only on request."""

from __future__ import annotations

import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import quote_from_bytes

import pybase64
import pytest
from hypothesis import given
from hypothesis import strategies as st

from imageway.core.errors import ErrorInfo, ImagewayError
from imageway.core.picture import LARGE, Picture
from tests.core.samples import DEEP, MEDIA_TYPE_BY_SAMPLE, PIXELS, encoded, sample

MAKERS: dict[str, Callable[[bytes], Picture]] = {
    "bytes": Picture.from_bytes,
    "base64": lambda data: Picture.from_base64(b64encode(data).decode()),
    "data URL": lambda data: Picture.from_data_url(
        "data:image/lie;base64," + b64encode(data).decode()
    ),
}
SAMPLES = pytest.mark.parametrize("name", MEDIA_TYPE_BY_SAMPLE)
WAYS = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


class Decoder:
    """Counts what is decoded, and where."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.characters: list[int] = []
        self.threads: set[int] = set()
        self._decode = pybase64.b64decode
        patch.setattr(pybase64, "b64decode", self)

    def __call__(self, text: str, *, validate: bool) -> bytes:
        self.characters.append(len(text))
        self.threads.add(threading.get_ident())
        return self._decode(text, validate=validate)


@pytest.fixture
def decoder(monkeypatch: pytest.MonkeyPatch) -> Decoder:
    return Decoder(monkeypatch)


@pytest.fixture(scope="module")
def large() -> bytes:
    return encoded("png", (800, 800))


def refusal(make: Callable[[], Picture]) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        make()
    return caught.value.info


@WAYS
@SAMPLES
def test_type_and_size_come_from_the_bytes(name: str, make: Callable[[bytes], Picture]) -> None:
    picture = make(sample(name))
    assert picture.media_type == MEDIA_TYPE_BY_SAMPLE[name]
    assert (picture.width, picture.height) == PIXELS
    assert picture.length == len(sample(name))


@WAYS
@SAMPLES
def test_both_forms_give_back_what_was_given(name: str, make: Callable[[bytes], Picture]) -> None:
    picture = make(sample(name))
    assert picture.bytes == sample(name)
    assert picture.base64 == b64encode(sample(name)).decode()


@WAYS
@SAMPLES
def test_a_picture_cut_anywhere_is_refused(name: str, make: Callable[[bytes], Picture]) -> None:
    whole = sample(name)
    step = 997 if name in DEEP else 3
    for length in (*range(0, len(whole), step), len(whole) - 1):
        assert refusal(lambda: make(whole[:length])).code == "bad_answer", length  # noqa: B023 - called at once


@SAMPLES
def test_base64_cut_anywhere_is_refused(name: str) -> None:
    text = b64encode(sample(name)).decode().rstrip("=")
    step = 997 if name in DEEP else 7
    for length in (*range(0, len(text), step), len(text) - 2):
        assert refusal(lambda: Picture.from_base64(text[:length])).code == "bad_answer", length  # noqa: B023 - called at once


@WAYS
@given(data=st.binary(max_size=200), name=st.sampled_from(sorted(MEDIA_TYPE_BY_SAMPLE)))
def test_damaged_bytes_raise_nothing_but_a_refusal(
    make: Callable[[bytes], Picture], data: bytes, name: str
) -> None:
    damaged = sample(name)[: 200 - len(data)] + data + sample(name)[200:]
    with suppress(ImagewayError):
        assert make(damaged).width > 0


def test_base64_is_decoded_only_at_its_ends(decoder: Decoder, large: bytes) -> None:
    text = b64encode(large).decode()
    picture = Picture.from_base64(text)
    assert (picture.width, picture.length, picture.base64) == (800, len(large), text)
    assert sum(decoder.characters) < 2000


def test_a_size_far_behind_the_beginning_is_found_without_decoding_all(decoder: Decoder) -> None:
    text = b64encode(encoded("jpeg", (900, 900), exif=b"Exif\0\0" + bytes(20_000))).decode()
    assert Picture.from_base64(text).width == 900
    assert max(decoder.characters) < 40_000 < len(text)


def test_the_whole_is_decoded_once(decoder: Decoder, large: bytes) -> None:
    picture = Picture.from_base64(b64encode(large).decode())
    assert picture.bytes is picture.bytes
    assert [count for count in decoder.characters if count > 2000] == [len(picture.base64)]


def test_the_text_is_made_once() -> None:
    picture = Picture.from_bytes(sample("png"))
    assert picture.base64 is picture.base64


async def test_a_large_picture_is_decoded_away_from_the_loop(
    decoder: Decoder, large: bytes
) -> None:
    picture = Picture.from_base64(b64encode(large).decode())
    decoder.threads.clear()
    assert await picture.read() == large
    assert len(large) > LARGE
    assert threading.get_ident() not in decoder.threads


async def test_a_small_picture_is_decoded_on_the_spot(decoder: Decoder) -> None:
    await Picture.from_base64(b64encode(sample("png")).decode()).read()
    assert decoder.threads == {threading.get_ident()}


async def test_a_large_picture_is_encoded_away_from_the_loop(
    monkeypatch: pytest.MonkeyPatch, large: bytes
) -> None:
    threads: set[int] = set()

    def encode(data: bytes) -> str:
        threads.add(threading.get_ident())
        return b64encode(data).decode()

    monkeypatch.setattr(pybase64, "b64encode_as_string", encode)
    assert await Picture.from_bytes(large).text() == b64encode(large).decode()
    assert threads
    assert threading.get_ident() not in threads


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "the picture is empty"),
        (b"<!doctype html><title>Sign in, please</title>", "got an HTML page (45 bytes)"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "got an SVG drawing"),
        (b'{"error": {"message": "nothing here"}}', "got JSON text"),
        (b"%PDF-1.7 and then a lot of other things", "got a PDF document"),
        (b"just some words, and no picture at all", "got an unknown format"),
        (b"\x89PNG", "got an unknown format (4 bytes)"),
    ],
)
@WAYS
def test_what_is_no_image_is_refused_by_name(
    make: Callable[[bytes], Picture], data: bytes, words: str
) -> None:
    info = refusal(lambda: make(data))
    assert info.code == "bad_answer"
    assert words in info.message
    assert info.hint == "send a PNG, JPEG, WebP, AVIF or GIF image"


@WAYS
def test_a_header_that_promises_too_many_pixels_is_refused(
    make: Callable[[bytes], Picture],
) -> None:
    bomb = bytearray(sample("png"))
    bomb[16:24] = (30_000).to_bytes(4) * 2
    info = refusal(lambda: make(bytes(bomb)))
    assert info.code == "too_large"
    assert "30000x30000" in info.message


def test_the_limit_itself_is_allowed() -> None:
    width, height = PIXELS
    assert Picture.from_bytes(sample("png"), max_pixels=width * height).width == width
    info = refusal(lambda: Picture.from_bytes(sample("png"), max_pixels=width * height - 1))
    assert info.code == "too_large"


@pytest.mark.parametrize("edge", [0, 4])
def test_a_picture_of_no_pixels_is_refused(edge: int) -> None:
    data = bytearray(sample("png"))
    data[16 + edge : 20 + edge] = bytes(4)
    assert "damaged" in refusal(lambda: Picture.from_bytes(bytes(data))).message


@pytest.mark.parametrize(
    "text",
    ["!!!!" * 20, "iVBOR?" * 10, "iVBORw0KGgo" + "=" * 30, "\ud800" * 40, "é" * 40, "abcde"],
)
def test_what_is_no_base64_is_refused(text: str) -> None:
    assert refusal(lambda: Picture.from_base64(text)).code == "bad_answer"


def test_damage_in_the_middle_is_found_when_the_bytes_are_wanted() -> None:
    text = b64encode(encoded("png", (100, 100))).decode()
    picture = Picture.from_base64(f"{text[:9000]}!{text[9001:]}")
    with pytest.raises(ImagewayError, match="not base64"):
        _ = picture.bytes


@pytest.mark.parametrize("pad", range(3))
def test_forgiven_spellings_of_base64_become_the_standard_one(pad: int) -> None:
    data = sample("png") + bytes(pad)
    text = b64encode(data).decode()
    lines = "\r\n".join(text[start : start + 76] for start in range(0, len(text), 76)) + "\n"
    for spelling in (lines, text.rstrip("="), urlsafe_b64encode(data).decode().rstrip("=")):
        picture = Picture.from_base64(spelling)
        assert (picture.base64, picture.bytes, picture.length) == (text, data, len(data))


def test_base64_that_begins_as_a_data_url_is_read_as_one() -> None:
    url = "data:;base64," + b64encode(sample("gif")).decode()
    assert Picture.from_base64(url).media_type == "image/gif"


def test_a_data_url_may_be_written_in_percent_signs() -> None:
    url = "data:image/png," + quote_from_bytes(sample("png"))
    assert Picture.from_data_url(url).bytes == sample("png")


@pytest.mark.parametrize("url", ["", "data:", "data:image/png;base64", "http://host/a.png"])
def test_a_broken_data_url_is_refused(url: str) -> None:
    assert "data:image/png;base64,…" in refusal(lambda: Picture.from_data_url(url)).message


def test_a_data_url_in_a_data_url_is_no_picture() -> None:
    nested = "data:;base64," * 5000
    assert refusal(lambda: Picture.from_base64(nested)).code == "bad_answer"


def test_a_short_jpeg_with_padding_behind_its_end_is_taken() -> None:
    assert Picture.from_bytes(sample("jpeg") + bytes(500)).media_type == "image/jpeg"


def test_what_its_maker_says_goes_with_a_picture() -> None:
    picture = Picture.from_bytes(sample("png"))
    told = picture.with_words(7, "a red fox")
    assert (told.seed, told.revised_prompt, told.bytes) == (7, "a red fox", sample("png"))
    assert picture.seed is None


def test_a_picture_does_not_show_its_content_in_logs() -> None:
    picture = Picture.from_base64(b64encode(sample("png")).decode())
    assert len(repr(picture)) < 200

"""Formats by their first bytes, and hostile bytes that would keep us busy."""

from __future__ import annotations

from contextlib import suppress
from time import process_time

import pytest

from imageway.core.header import NeedMore, describe_other, recognise
from tests.core.samples import MEDIA_TYPE_BY_SAMPLE, PIXELS, sample

JPEG = b"\xff\xd8\xff"
FTYP = b"\x00\x00\x00\x10ftypavif\x00\x00\x00\x00"


def box(kind: bytes, body: bytes, size: int | None = None) -> bytes:
    length = len(body) + 8 if size is None else size
    return length.to_bytes(4) + kind + body


def ispe(width: int, height: int) -> bytes:
    return box(b"ispe", bytes(4) + width.to_bytes(4) + height.to_bytes(4))


META = box(b"meta", bytes(4) + ispe(64, 32) + ispe(4000, 3000) + ispe(80, 60))
PIXEL_DATA = box(b"mdat", bytes(24))


@pytest.mark.parametrize(("name", "media_type"), MEDIA_TYPE_BY_SAMPLE.items())
def test_a_real_picture_is_recognised_measured_and_whole(name: str, media_type: str) -> None:
    data = sample(name)
    kind = recognise(data)
    assert kind is not None
    assert (kind.media_type, kind.measure(data)) == (media_type, PIXELS)
    assert kind.is_whole(data, data[-768:], len(data))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>", "an HTML page"),
        (b"\n  <html lang=en>", "an HTML page"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "an XML or SVG document"),
        (b"%PDF-1.7", "a PDF document"),
        (b'{"error": "no"}', "JSON text"),
        (b"MZ\x90\x00", "a program"),
        (b"II*\x00", "a TIFF image"),
        (b"hello", "an unknown format"),
    ],
)
def test_what_is_no_image_we_take_is_named(data: bytes, words: str) -> None:
    assert recognise(data) is None
    assert describe_other(data) == words


def test_other_riff_and_other_mp4_files_are_no_pictures() -> None:
    assert recognise(b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(20)) is None
    assert recognise(b"\x00\x00\x00\x10ftypmp42" + bytes(20)) is None


def test_the_largest_size_in_an_avif_is_the_pictures() -> None:
    kind = recognise(FTYP)
    assert kind is not None
    assert kind.measure(FTYP + META + PIXEL_DATA) == (4000, 3000)


def test_a_size_outside_the_boxes_that_tell_it_is_not_believed() -> None:
    kind = recognise(FTYP)
    assert kind is not None
    stray = box(b"mdat", ispe(30_000, 30_000))
    assert kind.measure(FTYP + META + stray) == (4000, 3000)


def test_an_avif_is_not_measured_before_all_its_sizes_are_here() -> None:
    kind = recognise(FTYP)
    assert kind is not None
    with pytest.raises(NeedMore):
        kind.measure((FTYP + META)[:-10])


@pytest.mark.parametrize(
    ("name", "data", "whole"),
    [
        ("the data last", FTYP + META + PIXEL_DATA, True),
        ("the data first", FTYP + PIXEL_DATA + META, True),
        ("the data to the end", FTYP + META + box(b"mdat", bytes(50), size=0), True),
        ("a long box", FTYP + META + box(b"mdat", (40).to_bytes(8) + bytes(24), size=1), True),
        (
            "a long box, cut",
            FTYP + META + box(b"mdat", (41).to_bytes(8) + bytes(24), size=1),
            False,
        ),
        ("cut data", (FTYP + META + PIXEL_DATA)[:-1], False),
        ("cut behind the data", (FTYP + PIXEL_DATA + META)[:-1], False),
    ],
)
def test_an_avif_is_whole_when_its_boxes_fit(name: str, data: bytes, whole: bool) -> None:
    kind = recognise(data)
    assert kind is not None
    assert kind.is_whole(data, data[-768:], len(data)) is whole, name


@pytest.mark.parametrize(
    "data",
    [
        JPEG + b"\xff" * 3_000_000,
        JPEG[:2] + b"\xff\xe0\x00\x02" * 1_000_000,
        FTYP + box(b"free", b"") * 1_000_000,
    ],
    ids=["fill bytes", "empty segments", "empty boxes"],
)
def test_a_file_of_endless_small_pieces_is_given_up_quickly(data: bytes) -> None:
    kind = recognise(data)
    assert kind is not None
    began = process_time()
    with suppress(NeedMore):
        kind.measure(data)
    assert process_time() - began < 0.2


def test_a_segment_that_does_not_begin_like_one_has_no_size() -> None:
    kind = recognise(JPEG + bytes(40))
    assert kind is not None
    assert kind.measure(JPEG[:2] + b"\xff\xe0\x00\x04ab" + bytes(40)) == (0, 0)

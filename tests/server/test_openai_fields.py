"""Real clients' fields: liberal where nothing is lost, and whatever is dropped is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import JsonValue

from imageway.providers.config import Limits
from imageway.server.dialects.openai_fields import Asked, Border, read_fields
from imageway.server.dialects.openai_inputs import Inputs
from imageway.server.files import FileStore
from imageway.serving.problems import Refused


def read(**fields: JsonValue) -> Asked:
    limits = Limits()
    inputs = Inputs(limits, FileStore(Path("no such folder")), "me")
    border = Border(limits, inputs, frozenset({"demo"}))
    return read_fields({"prompt": "x", **fields}, "image_generation", border)


@pytest.mark.parametrize(
    "fields",
    [
        {"size": "auto", "quality": "auto", "background": "auto", "output_format": "auto"},
        {"size": None, "n": None, "model": None, "stream": None, "seed": None},
        {"size": "", "model": "", "negative_prompt": ""},
        {"user": "u", "safety_identifier": "s", "moderation": "auto"},
        {"response_format": "b64_json", "partial_images": 0},
    ],
    ids=["auto", "null", "empty", "end user", "usual"],
)
def test_what_says_nothing_is_left_out_in_silence(fields: dict[str, JsonValue]) -> None:
    asked = read(**fields)
    assert (dict(asked.request.wishes), asked.notes) == ({}, ())
    assert (asked.request.model, asked.request.count) == ("default", 1)


@pytest.mark.parametrize(
    ("said", "meant"), [("standard", "medium"), ("hd", "high"), ("max", "max")]
)
def test_older_words_for_quality_are_understood(said: str, meant: str) -> None:
    assert read(quality=said).request.quality == meant


def test_unknown_fields_are_named_in_notes() -> None:
    assert [note.kind for note in read(output_compression=80).notes] == ["ignored"]
    assert "'output_compression'" in read(output_compression=80).notes[0].detail


def test_ten_thousand_unknown_fields_make_few_notes() -> None:
    assert len(read(**{f"x{number}": 1 for number in range(10_000)}).notes) == 21


def test_a_strict_request_refuses_unknown_fields_with_the_nearest() -> None:
    with pytest.raises(Refused) as caught:
        read(strict=True, sede=7)
    problem = caught.value.problem
    assert (problem.code, problem.param) == ("unknown_parameter", "sede")
    assert "'seed'" in str(problem.hint)


def test_what_is_said_to_one_provider_travels_as_extras() -> None:
    assert read(demo={"pace": 1}).request.extras == {"demo": {"pace": 1}}


def test_previews_need_a_stream() -> None:
    asked = read(partial_images=2)
    assert asked.request.previews is None
    assert "stream" in asked.notes[0].detail


def test_a_stream_carries_its_previews_as_a_wish() -> None:
    asked = read(stream=True, partial_images=2)
    assert (asked.streams, asked.request.previews) == (True, 2)


def test_links_in_a_stream_become_pictures_with_a_note() -> None:
    asked = read(stream=True, response_format="url")
    assert (asked.as_url, [note.kind for note in asked.notes]) == (False, ["adjusted"])


def test_two_words_for_one_field_may_agree() -> None:
    assert read(format="png", output_format="png").request.format == "png"

"""Wishes are passed on, fitted, dropped with a note, or refused; never changed in silence."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from imageway.core.capability import Capabilities, SizeRule
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.events import Event, Note
from imageway.core.negotiate import negotiate
from imageway.core.options import Option, Range
from imageway.core.picture import Picture
from imageway.core.request import ImageRequest, InputImage
from imageway.core.run import Ledger, Run
from imageway.core.size import Aspect, Size


def picture() -> InputImage:
    data = BytesIO()
    Image.new("RGB", (8, 8), "red").save(data, "png")
    return InputImage(picture=Picture.from_bytes(data.getvalue()))


async def ask(can: Capabilities, request: ImageRequest) -> tuple[ImageRequest, list[Note]]:
    """What reaches the adapter, and what the caller is told."""
    heard: list[Event] = []
    reached: list[ImageRequest] = []

    async def inner(request: ImageRequest, run: Run) -> None:
        reached.append(request)

    async def describe(model: str) -> Capabilities:
        return can

    await negotiate(inner, describe)(request, Run(Ledger(heard.append, 1), (0,)))
    return reached[0], [event for event in heard if isinstance(event, Note)]


async def refusal(can: Capabilities, request: ImageRequest) -> ImagewayError:
    with pytest.raises(ImagewayError) as caught:
        await ask(can, request)
    return caught.value


async def test_a_claimed_wish_is_passed_on_in_silence() -> None:
    request = ImageRequest(prompt="p", seed=7)
    assert await ask(Capabilities(options=frozenset({Option.SEED})), request) == (request, [])


async def test_an_unknown_tuning_is_dropped_with_a_note() -> None:
    reached, notes = await ask(Capabilities(), ImageRequest(prompt="p", seed=7))
    assert reached.seed is None
    assert [note.kind for note in notes] == ["ignored"]
    assert "seed" in notes[0].detail


async def test_a_strict_request_is_refused_instead_of_changed() -> None:
    error = await refusal(Capabilities(), ImageRequest(prompt="p", seed=7, strict=True))
    assert (error.info.code, error.info.param) == (ErrorCode.UNSUPPORTED, "seed")


async def test_a_reference_is_never_dropped() -> None:
    error = await refusal(Capabilities(), ImageRequest(prompt="p", references=(picture(),)))
    assert (error.info.code, error.info.param) == (ErrorCode.UNSUPPORTED, "references")


async def test_too_many_references_are_refused_with_both_numbers() -> None:
    can = Capabilities(options=frozenset({Option.REFERENCES}), references=1)
    error = await refusal(can, ImageRequest(prompt="p", references=(picture(), picture())))
    assert "at most 1" in error.info.message
    assert "got 2" in error.info.message


async def test_an_adjusted_size_is_a_note_with_both_values() -> None:
    can = Capabilities(
        options=frozenset({Option.SIZE}), sizes=SizeRule(choices=(Size(1024, 1024),))
    )
    reached, notes = await ask(can, ImageRequest(prompt="p", size=Size(1000, 1000)))
    assert reached.size == Size(1024, 1024)
    assert [(note.kind, note.detail) for note in notes] == [
        ("adjusted", "size 1000x1000 became 1024x1024")
    ]


async def test_an_aspect_becomes_a_size_where_only_sizes_are_taken() -> None:
    can = Capabilities(options=frozenset({Option.SIZE}), sizes=SizeRule(multiple_of=16))
    reached, notes = await ask(can, ImageRequest(prompt="p", aspect=Aspect(16, 9)))
    assert reached.aspect is None
    assert reached.size is not None
    assert reached.size.ratio == pytest.approx(16 / 9, rel=0.02)
    assert notes == []


async def test_a_size_becomes_an_aspect_where_only_aspects_are_taken() -> None:
    can = Capabilities(options=frozenset({Option.ASPECT}))
    reached, _ = await ask(can, ImageRequest(prompt="p", size=Size(1920, 1080)))
    assert (reached.size, reached.aspect) == (None, Aspect(16, 9))


async def test_a_number_out_of_range_goes_to_the_nearest_end_with_a_note() -> None:
    can = Capabilities(options=frozenset({Option.STEPS}), allowed={Option.STEPS: Range(1, 50)})
    reached, notes = await ask(can, ImageRequest(prompt="p", steps=90))
    assert reached.steps == 50
    assert "90" in notes[0].detail
    assert "50" in notes[0].detail


async def test_a_word_the_model_does_not_know_is_left_out_with_the_words_it_knows() -> None:
    can = Capabilities(
        options=frozenset({Option.FORMAT}), allowed={Option.FORMAT: frozenset({"png", "webp"})}
    )
    reached, notes = await ask(can, ImageRequest(prompt="p", format="bmp"))
    assert reached.format is None
    assert "png, webp" in notes[0].detail


async def test_of_a_model_nobody_knows_everything_is_passed_on_and_said() -> None:
    request = ImageRequest(prompt="p", seed=7, style="vivid")
    reached, notes = await ask(Capabilities.permissive(), request)
    assert reached == request
    assert [note.kind for note in notes] == ["degraded"]


WIDE = Capabilities(
    options=frozenset({Option.ASPECT}),
    allowed={Option.ASPECT: frozenset({"1:1", "3:4", "16:9", "21:9"})},
)


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [(Aspect(5, 7), Aspect(3, 4)), (Aspect(3, 1), Aspect(21, 9)), (Aspect(1, 8), Aspect(3, 4))],
)
async def test_an_aspect_that_the_model_lacks_becomes_the_nearest_with_a_note(
    asked: Aspect, nearest: Aspect
) -> None:
    reached, notes = await ask(WIDE, ImageRequest(prompt="p", aspect=asked))
    assert reached.aspect == nearest
    assert [(note.kind, note.detail) for note in notes] == [
        ("adjusted", f"aspect {asked} became {nearest}")
    ]


@pytest.mark.parametrize("asked", [Aspect(7, 3), Aspect(21, 9), Aspect(42, 18)])
async def test_the_same_shape_in_other_numbers_is_no_change(asked: Aspect) -> None:
    reached, notes = await ask(WIDE, ImageRequest(prompt="p", aspect=asked, strict=True))
    assert (reached.aspect, notes) == (Aspect(21, 9), [])


async def test_a_strict_request_is_refused_for_an_aspect_that_the_model_lacks() -> None:
    with pytest.raises(ImagewayError, match="aspect 5:7 became 3:4"):
        await ask(WIDE, ImageRequest(prompt="p", aspect=Aspect(5, 7), strict=True))

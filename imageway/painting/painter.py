"""Paints a wish: the words become strokes, the strokes a picture, one step after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from random import Random
from typing import TypeAlias

from PIL import Image

from imageway.painting.brush import Box, lay
from imageway.painting.colours import Colour
from imageway.painting.composing import Passage, compose, compose_cutout, compose_landscape
from imageway.painting.editing import EDITS, change, changeable, fitted, guard, inset, tint, tint_of
from imageway.painting.mark import sign
from imageway.painting.reading import read
from imageway.painting.scene import Scene
from imageway.painting.wish import Step, Wish

MOST_STEPS = 150
LONGEST_EDGE = 8192


@dataclass(frozen=True, slots=True)
class _Work:
    """Something to do to the canvas, within a box of it."""

    stage: str
    do: Callable[[Image.Image, Box], None]
    box: Box


_Plan: TypeAlias = tuple[Image.Image, list[_Work]]


def paint(wish: Wish) -> Iterator[Step]:
    """Paint in as many steps as wished for; the last one is the finished picture."""
    if not (1 <= wish.width <= LONGEST_EDGE and 1 <= wish.height <= LONGEST_EDGE):
        raise ValueError(f"size: {wish.width}x{wish.height}; each edge must be 1 to {LONGEST_EDGE}")
    scene = read(wish.prompt, wish.negative_prompt)
    random = Random(f"{wish.seed}|{wish.prompt}")  # noqa: S311  # art, not secrets
    canvas, works = (_editing if wish.references else _painting)(wish, scene, random)
    total = min(max(wish.steps, 1), MOST_STEPS)
    works = _divided(works, total)
    for number in range(1, total + 1):
        share = works[len(works) * (number - 1) // total : len(works) * number // total]
        for work in share:
            work.do(canvas, work.box)
        yield Step(number, total, share[-1].stage, canvas)


def finished(wish: Wish) -> Image.Image:
    """The finished picture."""
    *_, last = paint(wish)
    return last.image


def _divided(works: list[_Work], total: int) -> list[_Work]:
    """The first work in bands from top to bottom, if there are more steps than works."""
    first, rest = works[0], works[1:]
    bands = max(total - len(rest), 1)
    left, top, right, bottom = first.box
    edges = [top + (bottom - top) * n // bands for n in range(bands + 1)]
    pieces = [
        _Work(first.stage, first.do, (left, upper, right, lower))
        for upper, lower in pairwise(edges)
    ]
    return [*pieces, *rest]


def _painting(wish: Wish, scene: Scene, random: Random) -> _Plan:
    whole = (0, 0, wish.width, wish.height)
    if wish.transparent:
        canvas = Image.new("RGBA", whole[2:], (0, 0, 0, 0))
        passages = compose_cutout(scene, *whole[2:], random, whole)
    else:
        canvas = Image.new("RGB", whole[2:], "white")
        passages = compose(scene, *whole[2:], random)
    works = [*_laid(passages, whole), *_changed(scene, {"grey", "sepia"}, whole)]
    return canvas, [*works, _Work("signing", sign, whole)]


def _editing(wish: Wish, scene: Scene, random: Random) -> _Plan:
    size = wish.width, wish.height
    whole = (0, 0, *size)
    reference = fitted(wish.references[0], size)
    area = changeable(wish.mask, size) if wish.mask else None
    inside = (area.getbbox() or whole) if area else whole
    works = [
        _Work("laying out the reference", partial(_copy, reference), whole),
        *_changed(scene, EDITS, whole),
        *_toned(scene, random, whole),
        *_laid(_added(wish, scene, random, inside), whole),
        *(
            _Work("adding a reference", partial(_insert, picture, number), whole)
            for number, picture in enumerate(wish.references[1:])
        ),
        _Work("signing", sign, inside),
    ]
    if area:
        works.append(_Work("signing", partial(_guard, reference, area), whole))
    return Image.new(reference.mode, size), works


def _added(wish: Wish, scene: Scene, random: Random, inside: Box) -> list[Passage]:
    """What is painted over a reference: things, and behind a mask a landscape too."""
    size = wish.width, wish.height
    frame = inside[0], inside[1], inside[2] - inside[0], inside[3] - inside[1]
    landscape = compose_landscape(scene, *size, random) if wish.mask else []
    things = compose_cutout(scene, *size, random, frame) if scene.things else []
    return [*landscape, *things]


def _laid(passages: list[Passage], box: Box) -> list[_Work]:
    return [_Work(each.stage, partial(_lay, each), box) for each in passages]


def _changed(scene: Scene, known: Iterable[str], box: Box) -> list[_Work]:
    names = sorted(scene.edits.intersection(known))
    return [_Work(f"changing it: {name}", partial(_change, name), box) for name in names]


def _toned(scene: Scene, random: Random, box: Box) -> list[_Work]:
    colour = tint_of(scene, random)
    return [_Work("tinting", partial(_tint, colour), box)] if colour else []


def _lay(passage: Passage, canvas: Image.Image, box: Box) -> None:
    lay(canvas, passage.stroke, box)


def _copy(reference: Image.Image, canvas: Image.Image, box: Box) -> None:
    if box[1] < box[3]:
        canvas.paste(reference.crop(box), box)


def _change(name: str, canvas: Image.Image, box: Box) -> None:
    change(canvas, name)


def _tint(colour: Colour, canvas: Image.Image, box: Box) -> None:
    tint(canvas, colour)


def _insert(picture: Image.Image, number: int, canvas: Image.Image, box: Box) -> None:
    inset(canvas, picture, number)


def _guard(reference: Image.Image, area: Image.Image, canvas: Image.Image, box: Box) -> None:
    guard(canvas, reference, area)

"""Paints a wish: the words become strokes, the strokes a picture, one step after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import TypeAlias

from PIL import Image

from imageway.painting.brush import Box, lay
from imageway.painting.composing import Passage, compose, compose_cutout, compose_landscape
from imageway.painting.editing import (
    EDITS,
    change,
    changeable,
    fitted,
    guard,
    inset,
    lay_out,
    tint,
    tint_of,
)
from imageway.painting.mark import sign
from imageway.painting.reading import read
from imageway.painting.scene import Scene
from imageway.painting.wish import Step, Wish

MOST_STEPS = 150
LONGEST_EDGE = 8192


@dataclass(frozen=True, slots=True)
class _Work:
    """Something to do to the canvas."""

    stage: str
    do: Callable[[Image.Image], None]


_Plan: TypeAlias = tuple[Image.Image, list[_Work]]


def paint(wish: Wish) -> Iterator[Step]:
    """Paint in as many steps as wished for; the last one is the finished picture."""
    if not (1 <= wish.width <= LONGEST_EDGE and 1 <= wish.height <= LONGEST_EDGE):
        raise ValueError(f"size: {wish.width}x{wish.height}; each edge must be 1 to {LONGEST_EDGE}")
    scene = read(wish.prompt, wish.negative_prompt)
    random = Random(f"{wish.seed}|{wish.prompt}".encode("utf-8", "surrogatepass"))  # noqa: S311  # art, not secrets
    canvas, works = (_editing if wish.references else _painting)(wish, scene, random)
    total = min(max(wish.steps, 1), MOST_STEPS)
    works = _divided(works, total)
    for number in range(1, total + 1):
        share = works[len(works) * (number - 1) // total : len(works) * number // total]
        for work in share:
            work.do(canvas)
        yield Step(number, total, share[-1].stage, canvas)


def finished(wish: Wish) -> Image.Image:
    """The finished picture."""
    *_, last = paint(wish)
    return last.image


def _divided(works: list[_Work], total: int) -> list[_Work]:
    """The first work shown in bands from top to bottom, if there are more steps than works."""
    first, rest = works[0], works[1:]
    bands = total - len(rest)
    return works if bands <= 1 else [*_in_bands(first, bands), *rest]


def _in_bands(work: _Work, bands: int) -> list[_Work]:
    done: list[Image.Image] = []

    def show(band: int, canvas: Image.Image) -> None:
        if not done:
            done.append(canvas.copy())
            work.do(done[0])
        box = 0, canvas.height * band // bands, canvas.width, canvas.height * (band + 1) // bands
        if box[1] < box[3]:
            canvas.paste(done[0].crop(box), box)

    return [_Work(work.stage, partial(show, band)) for band in range(bands)]


def _painting(wish: Wish, scene: Scene, random: Random) -> _Plan:
    whole = (0, 0, wish.width, wish.height)
    if wish.transparent:
        canvas = Image.new("RGBA", whole[2:], (0, 0, 0, 0))
        passages = compose_cutout(scene, *whole[2:], random, whole)
    else:
        canvas = Image.new("RGB", whole[2:], "white")
        passages = compose(scene, *whole[2:], random)
    works = [*_laid(passages), *_changed(scene, {"grey", "sepia"})]
    return canvas, [*works, _Work("signing", partial(sign, whole))]


def _editing(wish: Wish, scene: Scene, random: Random) -> _Plan:
    size = wish.width, wish.height
    whole = (0, 0, *size)
    reference = fitted(wish.references[0], size)
    area = changeable(wish.mask, size) if wish.mask else None
    inside = (area.getbbox() or whole) if area else whole
    works = [
        _Work("laying out the reference", partial(lay_out, reference)),
        *_changed(scene, EDITS),
        *_toned(scene, random),
        *_laid(_added(wish, scene, random, inside)),
        *(
            _Work("adding a reference", partial(inset, picture, number))
            for number, picture in enumerate(wish.references[1:])
        ),
        _Work("signing", partial(sign, inside)),
    ]
    if area:
        works.append(_Work("signing", partial(guard, reference, area)))
    return Image.new(reference.mode, size), works


def _added(wish: Wish, scene: Scene, random: Random, inside: Box) -> list[Passage]:
    """What is painted over a reference: things, and behind a mask a landscape too."""
    size = wish.width, wish.height
    frame = inside[0], inside[1], inside[2] - inside[0], inside[3] - inside[1]
    landscape = compose_landscape(scene, *size, random) if wish.mask else []
    things = compose_cutout(scene, *size, random, frame) if scene.things else []
    return [*landscape, *things]


def _laid(passages: list[Passage]) -> list[_Work]:
    return [_Work(each.stage, partial(lay, each.stroke)) for each in passages]


def _changed(scene: Scene, known: Iterable[str]) -> list[_Work]:
    names = sorted(scene.edits.intersection(known))
    return [_Work(f"changing it: {name}", partial(change, name)) for name in names]


def _toned(scene: Scene, random: Random) -> list[_Work]:
    colour = tint_of(scene, random)
    return [_Work("tinting", partial(tint, colour))] if colour else []

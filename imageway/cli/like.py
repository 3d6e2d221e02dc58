"""--like: a gallery picture's recipe fills what the caller left open."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator

from imageway.cli.output import clean, tell
from imageway.cli.report import Report
from imageway.client import Imageway
from imageway.core.events import Note
from imageway.core.options import ROW_BY_OPTION, Option
from imageway.core.powers import Recipe

NAMES = frozenset(option.value for option in ROW_BY_OPTION)
# Whoever gives one of these has given both.
SHAPES = frozenset({Option.SIZE.value, Option.ASPECT.value})


async def fill_like(way: Imageway, chosen: Namespace, report: Report) -> str:
    """Take over model and wishes, and return the prompt; a note says what could not be."""
    found = await way.recipe(chosen.like, chosen.model)
    chosen.model = chosen.model or found.model
    for detail in _taken_over(found.recipe, chosen):
        report.events.append(Note("ignored", detail))
        if not chosen.quiet:
            tell(f"note: {clean(detail)}")
    prompt: str = chosen.prompt or found.recipe.prompt
    return prompt


def _taken_over(recipe: Recipe, chosen: Namespace) -> Iterator[str]:
    """Set the wishes that are open; yields what is left out of the recipe."""
    given = {name for name in NAMES if getattr(chosen, name) is not None}
    said = given | SHAPES if given & SHAPES else given
    for name, value in recipe.wishes.items():
        if name == "extras":
            chosen.extras = value
        elif name not in NAMES:
            yield f"left out of the recipe: {name} {value!r}"
        elif name not in said:
            setattr(chosen, name, value)
    yield from (f"left out of the recipe: {each}" for each in recipe.left_out)

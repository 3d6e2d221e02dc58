"""Nouns with their adjectives while a sentence is read, and the things they turn into."""

from __future__ import annotations

from dataclasses import dataclass, field

from imageway.painting.colours import Colour
from imageway.painting.scene import Ground, Thing
from imageway.painting.vocabulary import Role

MOST_THINGS = 30
COLUMNS = frozenset({"left", "right", "centre"})


@dataclass(slots=True)
class Phrase:
    """The words that wait for their noun; with its kind set, the noun itself."""

    role: Role = Role.UNKNOWN
    kind: str = ""
    colours: list[Colour] = field(default_factory=list[Colour])
    size: float = 1.0
    count: int = 0
    column: str | None = None
    row: str | None = None

    def has_no_place(self, place: str) -> bool:
        """Nothing was said yet about this axis."""
        return (self.column if place in COLUMNS else self.row) is None

    def put(self, place: str) -> None:
        """Put it there, unless it has been put elsewhere."""
        if not self.has_no_place(place):
            return
        if place in COLUMNS:
            self.column = place
        else:
            self.row = place

    @property
    def waits(self) -> bool:
        """Something was said that needs a noun."""
        return bool(self.colours or self.count or self.size != 1.0)


def things_of(nouns: list[Phrase]) -> tuple[Thing, ...]:
    """The things among the nouns, not too many."""
    found: list[Thing] = []
    room = MOST_THINGS
    for noun in nouns:
        count = min(noun.count, room)
        if noun.role is Role.THING and count:
            room -= count
            place = noun.column, noun.row
            found.append(Thing(noun.kind, count, tuple(noun.colours), noun.size, *place))
    return tuple(found)


def grounds_of(nouns: list[Phrase]) -> tuple[Ground, ...]:
    """The grounds among the nouns, each once."""
    found: dict[str, Ground] = {}
    for noun in nouns:
        if noun.role is Role.GROUND:
            colour = noun.colours[0] if noun.colours else None
            found.setdefault(noun.kind, Ground(noun.kind, colour))
    return tuple(found.values())

"""Reads a prompt: which things, in which colours, how many, how big, and where."""

from __future__ import annotations

from itertools import pairwise

from imageway.painting.colours import BLACK, COLOUR_BY_NAME, WHITE, Colour, darker, lighter
from imageway.painting.phrase import Phrase, grounds_of, things_of
from imageway.painting.scene import Scene
from imageway.painting.vocabulary import Role, Word, understood

MOST_OF_A_KIND = 24
SOME = 3
OPPOSITE = {"left": "right", "right": "left", "top": "bottom", "bottom": "top"}
COLOURS_BY_EDIT = {"black and white": (BLACK, WHITE)}


def read(prompt: str, negative_prompt: str = "") -> Scene:
    """What shall be seen; whatever the negative prompt names is left out."""
    scene = _Reader().read(prompt)
    if not negative_prompt:
        return scene
    unwanted = _Reader().read(negative_prompt)
    without = scene.without | unwanted.without
    without |= {thing.kind for thing in unwanted.things}
    without |= {ground.kind for ground in unwanted.grounds}
    without |= {unwanted.sky} if unwanted.sky else frozenset[str]()
    return Scene(
        things=tuple(thing for thing in scene.things if thing.kind not in without),
        grounds=tuple(ground for ground in scene.grounds if ground.kind not in without),
        sky=None if scene.sky in without else scene.sky,
        sky_colour=scene.sky_colour,
        palette=scene.palette,
        edits=scene.edits,
        without=without,
    )


class _Reader:
    """Goes through the words once; adjectives wait for a noun, relations for a second one."""

    def __init__(self) -> None:
        self._nouns: list[Phrase] = []
        self._waiting = Phrase()
        self._clause: Phrase | None = None
        self._standing: Phrase | None = None
        self._relation: tuple[Phrase, str] | None = None
        self._shade = ""
        self._stranger = self._negated = self._denied = False
        self._palette: list[Colour] = []
        self._edits: set[str] = set()
        self._without: set[str] = set()

    def read(self, prompt: str) -> Scene:
        found: list[Word | None] = [*understood(prompt), None]
        for word, following in pairwise(found):
            if word:
                self._hear(word, following)
        self._settle()
        if self._relation:
            self._relation[0].put(self._relation[1])
        self._palette.extend(self._waiting.colours)
        return self._scene()

    def _hear(self, word: Word, following: Word | None) -> None:
        match word.role:
            case Role.THING | Role.GROUND | Role.SKY:
                self._name(word)
            case Role.PLACE:
                self._place(word.value, following)
            case Role.RELATION:
                self._relate(word.value)
            case Role.BREAK:
                self._settle()
                self._clause = self._standing = None
                self._negated = self._denied = False
            case Role.COUNT:
                self._settle()
                self._negated = self._negated and not self._denied
                self._waiting.count = min(int(word.value), MOST_OF_A_KIND)
            case _:
                self._describe(word)

    def _describe(self, word: Word) -> None:
        match word.role:
            case Role.COLOUR:
                self._waiting.colours.append(_colour(word.value, self._shade))
                self._shade = ""
            case Role.SHADE:
                self._shade = word.value
            case Role.SIZE:
                self._waiting.size = float(word.value)
            case Role.EDIT:
                self._edits.add(word.value)
                self._waiting.colours.extend(COLOURS_BY_EDIT.get(word.value, ()))
            case Role.UNKNOWN:
                self._stranger = self._stranger or self._waiting.waits
            case _:
                self._connect(word)

    def _connect(self, word: Word) -> None:
        match word.role:
            case Role.AT:
                self._standing = self._clause
            case Role.NOT:
                self._negated, self._denied = True, False
            case Role.HAVE:
                self._negated = self._negated and not self._denied
            case _:
                pass

    def _name(self, word: Word) -> None:
        noun, self._waiting, self._stranger = self._waiting, Phrase(), False
        if self._negated:
            self._without.add(word.value)
            self._denied = True
            return
        noun.role, noun.kind = word.role, word.value
        noun.count = noun.count or (SOME if word.plural else 1)
        if self._relation:
            other, place = self._relation
            other.put(place)
            noun.put(OPPOSITE[place])
            if (place, noun.kind) == ("bottom", "sea"):
                noun.kind = "underwater"
            self._relation = None
        self._nouns.append(noun)
        self._clause = noun

    def _place(self, places: str, following: Word | None) -> None:
        """`A 在 B 左边`, `B 左边有 A`, `A on the left`, `on the left A`."""
        clause, standing = self._clause, self._standing
        if clause and standing and clause is not standing and places in OPPOSITE:
            standing.put(places)
            clause.put(OPPOSITE[places])
            self._standing = None
            return
        has = following is not None and following.role is Role.HAVE
        if clause and has and clause is not standing and places in OPPOSITE:
            self._relation = (clause, OPPOSITE[places])
            return
        for place in places.split():
            free = clause is not None and clause.has_no_place(place)
            (clause if clause and free else self._waiting).put(place)

    def _relate(self, place: str) -> None:
        last = self._clause or (self._nouns[-1] if self._nouns else None)
        if last is None:
            self._waiting.put(place)
        else:
            self._relation = (last, place)

    def _settle(self) -> None:
        """A phrase ends: what waits belongs to a stranger, to the noun before, or to the next."""
        if self._stranger:
            self._palette.extend(self._waiting.colours)
            self._waiting, self._stranger = Phrase(), False
        elif self._clause and self._waiting.colours and not self._clause.colours:
            self._clause.colours, self._waiting = self._waiting.colours, Phrase()

    def _scene(self) -> Scene:
        skies = [noun for noun in self._nouns if noun.role is Role.SKY]
        sky = next((noun.kind for noun in reversed(skies) if noun.kind != "day"), None)
        tints = [noun.colours[0] for noun in skies if noun.colours]
        return Scene(
            things=things_of(self._nouns),
            grounds=grounds_of(self._nouns),
            sky=sky or (skies[0].kind if skies else None),
            sky_colour=tints[0] if tints else None,
            palette=tuple(self._palette),
            edits=frozenset(self._edits),
            without=frozenset(self._without),
        )


def _colour(value: str, shade: str) -> Colour:
    if value.startswith("#"):
        return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)
    colour = COLOUR_BY_NAME[value]
    if not shade:
        return colour
    return darker(colour, 0.42) if shade == "dark" else lighter(colour, 0.5)

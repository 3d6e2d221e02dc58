"""Turns text into words with a meaning, longest match first, in one pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from unicodedata import normalize

from imageway.painting import words

MOST_CHARACTERS = 8000
NUMERALS = frozenset("一二两三四五六七八九十")
TOKEN = re.compile(r"#[0-9a-f]{6}\b|[a-z]+|\d+[a-z]+|\d+|[^\sa-z\d]|\n")


class Role(StrEnum):
    """What a word does in a sentence."""

    COLOUR = "colour"
    SHADE = "shade"
    THING = "thing"
    SKY = "sky"
    GROUND = "ground"
    SIZE = "size"
    COUNT = "count"
    PLACE = "place"
    RELATION = "relation"
    EDIT = "edit"
    BREAK = "break"
    AT = "at"
    HAVE = "have"
    NOT = "not"
    FILLER = "filler"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Word:
    """A word that was found: what it does and what it means."""

    role: Role
    value: str
    plural: bool = False


def understood(text: str) -> Iterator[Word]:
    """The words of a text in order; what is not in the vocabulary comes as unknown."""
    plain = normalize("NFKC", text[:MOST_CHARACTERS]).lower().translate(words.TRADITIONAL)
    tokens = TOKEN.findall(plain[:MOST_CHARACTERS])
    start = 0
    while start < len(tokens):
        longest = LONGEST_BY_FIRST.get(tokens[start], 0)
        for length in range(longest, 0, -1):
            word = WORD_BY_TOKENS.get(tuple(tokens[start : start + length]))
            if word is not None:
                yield word
                start += length
                break
        else:
            yield _stranger(tokens[start])
            start += 1


def _stranger(token: str) -> Word:
    if token.startswith("#") and len(token) == 7:
        return Word(Role.COLOUR, token)
    if token.isdecimal():
        return Word(Role.COUNT if 0 < int(token[:6]) <= 100 else Role.FILLER, token)
    return Word(Role.UNKNOWN if token.isalpha() else Role.FILLER, token)


def _plurals(noun: str) -> Iterator[str]:
    if noun in words.IRREGULAR_PLURALS:
        yield words.IRREGULAR_PLURALS[noun]
    if not noun.isascii() or noun in words.SAME_IN_PLURAL or noun.endswith("ss"):
        return
    if noun.endswith(("x", "ch", "sh", "s")):
        yield noun + "es"
    elif noun.endswith("y") and noun[-2] not in "aeiou":
        yield noun[:-1] + "ies"
    else:
        yield noun + "s"


def _entries() -> Iterator[tuple[str, Word]]:
    """Every spelling and its word; a later entry wins over an earlier one."""
    for role, line in _LINES:
        yield from ((spelling, Word(role, spelling)) for spelling in line.split("|"))
    for role, table in _TABLES:
        for value, line in table.items():
            yield from _spellings(role, value, line.split("|"))
    for value, line in words.COUNTS.items():
        for numeral in (each for each in line.split("|") if set(each) <= NUMERALS):
            yield from ((numeral + each, Word(Role.COUNT, value)) for each in words.MEASURES)


def _spellings(role: Role, value: str, spellings: list[str]) -> Iterator[tuple[str, Word]]:
    for spelling in spellings:
        yield spelling, Word(role, value)
        if role in _NOUNS:
            yield from ((each, Word(role, value, plural=True)) for each in _plurals(spelling))


_NOUNS = frozenset({Role.THING, Role.GROUND})
_LINES = (
    (Role.FILLER, words.FILLERS),
    (Role.BREAK, words.BREAKS),
    (Role.AT, words.AT),
    (Role.HAVE, words.HAVE),
    (Role.NOT, words.NOT),
)
_TABLES: tuple[tuple[Role, dict[str, str]], ...] = (
    (Role.EDIT, words.EDITS),
    (Role.SHADE, words.SHADES),
    (Role.SIZE, words.SIZES),
    (Role.COUNT, words.COUNTS),
    (Role.PLACE, words.PLACES),
    (Role.RELATION, words.RELATIONS),
    (Role.SKY, words.SKIES),
    (Role.GROUND, words.GROUNDS),
    (Role.THING, words.THINGS),
    (Role.COLOUR, words.COLOURS),
)
WORD_BY_TOKENS: dict[tuple[str, ...], Word] = {
    tuple(TOKEN.findall(normalize("NFKC", spelling))): word for spelling, word in _entries()
}
LONGEST_BY_FIRST: dict[str, int] = {}
for _tokens in WORD_BY_TOKENS:
    LONGEST_BY_FIRST[_tokens[0]] = max(LONGEST_BY_FIRST.get(_tokens[0], 0), len(_tokens))

"""Settings inside a message, such as `--n 4 --size 16:9`: found, checked, and taken out of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from imageway.core.errors import ImagewayError, invalid
from imageway.core.options import ROW_BY_OPTION, Option
from imageway.core.size import ASPECT, SIZE
from imageway.server.dialects.openai_fields import OUR_WORD
from imageway.server.dialects.openai_form import READ_BY_FIELD

PICTURES = frozenset({Option.REFERENCES, Option.MASK})
FLAGS: Mapping[str, str] = {
    "strict": "refuse what cannot be done exactly",
    "recheck": "you have just bought what was refused",
}
OF_CHATS: Mapping[str, str] = {
    "count": "how many pictures, such as 4",
    "picture": "which of the last pictures to change, such as 2",
}
TEXTS = frozenset({"negative_prompt"})
# Phones make one long dash of two short ones.
START = re.compile(r"(?<!\S)(--|—|–)([A-Za-z][A-Za-z0-9_-]*)")
WORD = re.compile(r'(?:\s*=\s*|\s+)(?:"([^"]*)"|“([^”]*)”|((?!--|—|–)\S+))')
TEXT = re.compile(
    r'(?:\s*=\s*|[^\S\n]+)(?:"([^"]*)"|“([^”]*)”|([^\n]*?)(?=\s(?:--|—|–)[A-Za-z]|\n|$))'
)


def _names() -> Iterator[tuple[str, str]]:
    """Every name that an option has anywhere outside, written as a setting."""
    for option, row in ROW_BY_OPTION.items():
        if option not in PICTURES:
            for name in (*row.chat, *row.json, *row.cli):
                yield _folded(name.lstrip("-")), option.value
    yield from (("n", "count"), ("count", "count"), ("picture", "picture"))
    yield from ((name, name) for name in FLAGS)


def _folded(name: str) -> str:
    return name.lower().replace("_", "-")


TARGET_BY_NAME: Mapping[str, str] = dict(_names())


@dataclass(slots=True)
class Settings:
    """What a message says besides the wish; `said` is our field → the name that was written."""

    prompt: str
    wishes: dict[str, object] = field(default_factory=dict[str, object])
    said: dict[str, str] = field(default_factory=dict[str, str])


def read_settings(text: str) -> Settings:
    """Take the settings out of a message; raises where one is unknown, bare or given twice."""
    found = Settings("")
    kept: list[str] = []
    place = 0
    while start := START.search(text, place):
        kept.append(text[place : start.start()])
        target = TARGET_BY_NAME.get(_folded(start[2]))
        if target is None:
            kept.append(_left_as_text(start))
            place = start.end()
            continue
        place = _take(found, text, start, target)
    kept.append(text[place:])
    found.prompt = "".join(kept).strip()
    return found


def _left_as_text(start: re.Match[str]) -> str:
    """A long dash before a word may be just that; two short ones are a slip of the pen."""
    if start[1] != "--":
        return start[0]
    name = start[2][:40].lower()
    near = get_close_matches(_folded(name), TARGET_BY_NAME, n=2, cutoff=0.6)
    if near:
        hint = f"did you mean {' or '.join(repr(f'--{each}') for each in near)}?"
    else:
        hint = f"there are {', '.join(shown for shown, _ in settings_shown())}"
    raise invalid(f"--{name}", f"there is no setting '--{name}'", hint)


def _take(found: Settings, text: str, start: re.Match[str], target: str) -> int:
    """Take one setting; returns where the text goes on."""
    name = f"--{start[2]}"
    if target in FLAGS:
        value: object = True
        end = start.end()
    else:
        given = (TEXT if target in TEXTS else WORD).match(text, start.end())
        words = next((part for part in given.groups() if part), "") if given else ""
        if given is None or not words.strip():
            raise _bare(name, target)
        target, value = _understood(target, words.strip())
        end = given.end()
    if target in found.said:
        raise invalid(name, f"{name}: means the same as {found.said[target]}; give one of them")
    found.said[target] = name
    if value is not None:
        found.wishes[target] = value
    return end


def _understood(target: str, words: str) -> tuple[str, object]:
    """The value as what its field wants; 16:9 is a shape under whichever name it comes."""
    target = shaped(target, words)
    read = READ_BY_FIELD.get("count" if target == "picture" else target)
    return target, read(words) if read else OUR_WORD.get((target, words), words)


def shaped(target: str, words: str) -> str:
    """The field that a size or an aspect belongs to by how it is written."""
    if target == "size" and ASPECT.fullmatch(words):
        return "aspect"
    if target == "aspect" and SIZE.fullmatch(words):
        return "size"
    return target


def _bare(name: str, target: str) -> ImagewayError:
    return invalid(name, f"{name} needs a value", hint=f"{name}: {help_of(target)}")


def help_of(target: str) -> str:
    """What a setting is for, and its range."""
    if target in OF_CHATS:
        return OF_CHATS[target]
    row = ROW_BY_OPTION[Option(target)]
    return f"{row.help}, {row.range}" if row.range else row.help


def _shown() -> Iterator[tuple[str, str]]:
    """The settings under the one name that we write ourselves, and what each is for."""
    yield "n", OF_CHATS["count"]
    for option, row in ROW_BY_OPTION.items():
        if option not in PICTURES:
            yield row.chat[0], help_of(option.value)
    yield "picture", OF_CHATS["picture"]
    yield from FLAGS.items()


def settings_shown() -> tuple[tuple[str, str], ...]:
    """Each setting as people write it, and what it is for."""
    return tuple((f"--{name}", words) for name, words in _shown())

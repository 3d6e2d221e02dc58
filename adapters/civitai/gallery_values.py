"""One value of a gallery query: read as text or JSON, or refused with what would be right."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pydantic_core import PydanticCustomError

from imageway.adapters.civitai.gallery_words import FALSE_WORDS, TRUE_WORDS, offered

Read = Callable[[object], object]

MOST = 2**53 - 1
LONGEST, SHOWN, MOST_LISTED = 200, 60, 100
A_WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}")
A_USER_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
# Control characters, and halves of characters, which no address can hold.
NOT_SENT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
EVERYTHING = "browsingLevel=31 lists everything"
LEVEL_BITS = "add up PG 1, PG13 2, R 4, X 8, and 16 for all beyond; " + EVERYTHING
ONLY_R = "true lists R, X and beyond alone, without PG and PG13"
LEVEL_WORDS = ("None", "Soft", "Mature", "X")


def refused(message: str, hint: str) -> PydanticCustomError:
    """A refusal in our words; the hint is the next step."""
    return PydanticCustomError("refused", "{message}", {"message": message, "hint": hint})


def whole(least: int, most: int = MOST, hint: str | None = None) -> Read:
    """A whole number, literally: what was a fraction is none."""
    bounds = f"from {least} to {most}" if most < MOST else f"of at least {least}"
    advice = hint or f"give a whole number {bounds}"

    def read(value: object) -> object:
        number = _number(value)
        if number is None:
            raise refused(f"must be a whole number, got {shown(value)}", advice)
        if not least <= number <= most:
            raise refused(f"must be {bounds}, got {shown(number)}", advice)
        return number

    return read


def _number(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if A_WHOLE_NUMBER.fullmatch(text) else None


def word(words: Sequence[str]) -> Read:
    """One of these, letter by letter, for the site forgives nothing."""

    def read(value: object) -> object:
        if not isinstance(value, str) or value not in words:
            message = f"must be one of the site's words, got {shown(value)}"
            raise refused(message, offered(str(value)[:LONGEST], words))
        return value

    return read


def flag(value: object) -> object:
    """Yes or no, in any of the words that the site itself takes."""
    if isinstance(value, bool):
        return value
    said = str(value).strip().lower() if isinstance(value, str | int) else ""
    if said in TRUE_WORDS | FALSE_WORDS:
        return said in TRUE_WORDS
    raise refused(f"must be true or false, got {shown(value)}", "give true, or leave it out")


def only_true(value: object) -> object:
    """A yes: to some parameters the site takes any text for a yes, `false` among them."""
    if flag(value) is True:
        return True
    message = "can only be true: CivitAI takes any text for true here, and false too"
    raise refused(message, "leave it out to list both")


def text(value: object) -> object:
    """Some words, on one line."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise refused(f"must be a text, got {shown(value)}", "say it in words, or leave it out")
    if len(value) > LONGEST or NOT_SENT.search(value):
        message = f"must be at most {LONGEST} characters without control characters"
        raise refused(f"{message}, got {shown(value)}", "say it shorter")
    return value.strip()


def user_name(value: object) -> object:
    """A user's name; one of digits alone may come as a number, and keeps its digits."""
    name = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    if not isinstance(name, str) or not A_USER_NAME.fullmatch(name):
        hint = "give a name without @, as it stands in the address of the user's page"
        raise refused(f"can only hold letters, digits and _, got {shown(value)}", hint)
    return name


def level_word(value: object) -> object:
    """The deprecated word for levels; what would surprise is refused and explained."""
    said = ("true" if value else "false") if isinstance(value, bool) else value
    if isinstance(said, int):
        said = str(said)
    if isinstance(said, str) and said.strip().lower() in TRUE_WORDS:
        raise refused(ONLY_R, f"ask for browsingLevel=28 if that is meant; {EVERYTHING}")
    if isinstance(said, str) and said.strip().lower() in FALSE_WORDS:
        return "false"
    if said == "Blocked":
        raise refused("Blocked lists nothing useful", EVERYTHING)
    return word((*LEVEL_WORDS, "false"))(said)


def listed(read: Read) -> Read:
    """Several values, as a list or with commas between them; each once, in their order."""

    def read_all(value: object) -> object:
        values = _split(value)
        if not values or len(values) > MOST_LISTED:
            message = f"must be a list of 1 to {MOST_LISTED} values, got {len(values)}"
            raise refused(message, "put commas between them, or leave it out")
        return tuple(dict.fromkeys(read(each) for each in values))

    return read_all


def _split(value: object) -> list[object]:
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if isinstance(value, list | tuple):
        found: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]: each is read on its own
        return found
    return [value]


def shown(value: object) -> str:
    """The value as it is told back, unless it is long."""
    try:
        said = repr(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits, lists in lists
        said = f"an enormous {type(value).__name__}"
    return said if len(said) <= SHOWN else f"{said[: SHOWN - 1]}…"

"""The messages of a chat as real clients send them → turns with their text and pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from imageway.core.errors import ImagewayError, invalid

HOW = 'send messages, such as [{"role": "user", "content": "a red fox"}]'
# What a chat UI says of uploaded files; the pictures themselves come along as parts.
ATTACHED, ATTACHED_END = "<attached_files>", "</attached_files>"
SPEAKERS = frozenset({"user", "assistant"})
LONGEST_WORD = 40


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a person or a model; pictures are the texts that stand for them."""

    role: str
    text: str
    pictures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """What was said before, oldest first, and the last message of the person: the wish."""

    earlier: tuple[Turn, ...]
    wish: Turn

    @property
    def is_new(self) -> bool:
        """Whether the person has said nothing before."""
        return all(turn.role != "user" for turn in self.earlier)


def read_messages(value: object) -> Conversation:
    """Read the field `messages`; raises where there is no message of a person to heed."""
    messages = listed(value)
    if messages is None:
        raise invalid("messages", "messages: must be a list of messages", HOW)
    turns = list(_turns(messages))
    last = max((place for place, turn in enumerate(turns) if turn.role == "user"), default=None)
    if last is None:
        raise invalid("messages", "messages: there is no message with the role 'user'", HOW)
    _refuse_strange_parts(messages)
    return Conversation(tuple(turns[:last]), turns[last])


def _turns(messages: list[object]) -> Iterator[Turn]:
    """People and models alone; what systems and tools say is no wish."""
    for place, message in enumerate(messages):
        where, role = f"messages[{place}]", member(message, "role")
        if not isinstance(role, str):
            raise invalid("messages", f"{where}: must be an object with a role", HOW)
        if role in SPEAKERS:
            yield _turn(role, _parts(message, where))


def _turn(role: str, parts: list[object]) -> Turn:
    texts: list[str] = []
    pictures: list[str] = []
    for part in parts:
        match part:
            case str(text) | {"text": str(text)}:
                texts.append(text)
            case {"image_url": {"url": str(url)} | str(url)}:
                pictures.append(url)
            case _:
                continue
    return Turn(role, _without_attached("\n".join(texts)).strip(), tuple(pictures))


def _refuse_strange_parts(messages: list[object]) -> None:
    """In the wish alone: what was once said cannot be unsaid, and need not be heeded."""
    place = max(
        place for place, message in enumerate(messages) if member(message, "role") == "user"
    )
    where = f"messages[{place}]"
    for part in _parts(messages[place], where):
        match part:
            case str() | {"text": str()} | {"type": "text", "text": None}:
                continue
            case {"image_url": {"url": str()} | str()}:
                continue
            case _:
                raise _strange_part(part, where)


def _without_attached(text: str) -> str:
    """The text without what is told of files; in one pass, however many of them never end."""
    kept: list[str] = []
    place = 0
    while (start := text.find(ATTACHED, place)) >= 0:
        end = text.find(ATTACHED_END, start)
        if end < 0:
            break
        kept.append(text[place:start])
        place = end + len(ATTACHED_END)
    return "".join((*kept, text[place:]))


def _parts(message: object, place: str) -> list[object]:
    """The parts of a message; pictures of an answer may stand beside its content."""
    content = member(message, "content")
    if content is None or isinstance(content, str):
        parts: list[object] | None = [content or ""]
    else:
        parts = listed(content)
    if parts is None:
        raise invalid("messages", f"{place}: content must be a text or a list of parts", HOW)
    return [*parts, *(listed(member(message, "images")) or ())]


def listed(value: object) -> list[object] | None:
    """A list as it is; None where it is none."""
    return list(value) if isinstance(value, list) else None  # pyright: ignore[reportUnknownArgumentType]: any JSON


def member(value: object, name: str) -> object:
    """One member of an object; None where there is none."""
    return value.get(name) if isinstance(value, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]: any JSON


def _strange_part(part: object, place: str) -> ImagewayError:
    match part:
        case {"type": str(kind)}:
            shown = repr(kind[:LONGEST_WORD])
        case _:
            shown = "something else"
    return invalid(
        "messages",
        f"{place}: a message holds texts and pictures, not {shown}",
        "send pictures as parts of the type image_url",
    )

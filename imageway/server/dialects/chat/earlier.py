"""The last pictures of a chat: in its messages, behind our own links, or remembered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass

from imageway.core.errors import ImagewayError, invalid
from imageway.core.request import InputImage
from imageway.server.dialects.chat.memory import Remembered
from imageway.server.dialects.chat.messages import Conversation, Turn
from imageway.server.dialects.openai_inputs import Inputs

# Both begin with letters of their own, so that megabytes of text are searched in no time.
INLINE = re.compile(r"\(data:image/[\w.+-]{1,20};base64,[A-Za-z0-9+/=]+(?=\))")
NUMBER = re.compile(r"Picture (\d+) of \d+\](?:\([^\s)]*)?$")
LABEL_LENGTH = 300
OWN_LINK = re.compile(r"/v1/files/(file-[\w-]{8,200})")
# The last is what a chat UI calls its own files; only it can read them.
ELSEWHERE = ("http:", "https:", "file:", "ftp:", "/api/")
ATTACH = "attach the picture itself, which is sent as a data URL"
# Its number as the answer told it, and the text that stands for it.
Numbered = tuple[int, str]
GONE = "attach it to the message, or begin with /new"


@dataclass(frozen=True, slots=True)
class Desk:
    """Brings one caller's pictures in, from data URLs and our own links; nothing is fetched."""

    inputs: Inputs

    async def bring(self, text: str, param: str) -> InputImage:
        """One picture of a message; raises where it is none, or elsewhere."""
        own = OWN_LINK.search(text[:1000]) if not text.startswith("data:") else None
        if own is not None:
            return await self.own(own[1], param)
        if text[:8].lower().startswith(ELSEWHERE):
            raise invalid(param, f"{param}: pictures are not fetched from {text[:60]!r}", ATTACH)
        return await asyncio.to_thread(self.inputs.one, text, param)

    async def own(self, name: str, param: str) -> InputImage:
        """A picture that we handed out."""
        picture = await self.inputs.files.fetch(name, self.inputs.caller)
        if picture is None:
            raise invalid(param, f"{param}: this picture is not kept any more", GONE)
        return InputImage(picture=picture)


def last_pictures(
    conversation: Conversation, turns: Sequence[str], remembered: Remembered
) -> tuple[Numbered, ...]:
    """The newest pictures before the wish with their numbers; nothing where there are none.

    Links in an answer go before memory, for a chat can be told anew from any of its messages.
    """
    said = sum(turn.role == "user" for turn in conversation.earlier)
    for turn in reversed(conversation.earlier):
        if turn.role == "user":
            said -= 1
            if files := remembered.get(turns[said]):
                return _files(files)
        if found := _pictures_in(turn):
            return found
    if conversation.is_new or not remembered:
        return ()
    # A chat UI that shortens long chats changes what was said; its newest picture is known still.
    return _files(list(remembered.values())[-1])


def _files(files: Sequence[tuple[int, str]]) -> tuple[Numbered, ...]:
    return tuple((place + 1, f"/v1/files/{file}") for place, file in files)


def _pictures_in(turn: Turn) -> tuple[Numbered, ...]:
    """Pictures of a message; those in its text once each, in the order of their numbers."""
    found: dict[str, int] = {}
    for match in (*OWN_LINK.finditer(turn.text), *INLINE.finditer(turn.text)):
        label = NUMBER.search(turn.text[max(0, match.start() - LABEL_LENGTH) : match.start()])
        found[match[0].removeprefix("(")] = int(label[1]) if label else 0
    return _numbered(turn.pictures, sorted(found.items(), key=lambda item: item[1]))


def _numbered(beside: Sequence[str], labelled: Sequence[tuple[str, int]]) -> tuple[Numbered, ...]:
    """Labels count where each picture has one; else pictures count as they come.

    As many pictures beside the text as links in it are the same ones.
    """
    has_labels = all(number for _, number in labelled)
    if has_labels and len(beside) in (0, len(labelled)):
        return tuple((number, text) for text, number in labelled)
    return tuple(enumerate((*beside, *(text for text, _ in labelled)), start=1))


def chosen(pictures: Sequence[Numbered], number: object) -> str:
    """The last picture, or the one that the person chose by its number."""
    if number is None:
        return pictures[-1][1]
    for own, picture in pictures:
        if own == number:
            return picture
    raise _no_such([own for own, _ in pictures], number)


def _no_such(numbers: Sequence[int], number: object) -> ImagewayError:
    shown = ", ".join(map(str, numbers))
    there = f"there is picture {shown}" if len(numbers) == 1 else f"there are pictures {shown}"
    return invalid(
        "--picture",
        f"--picture: {there} in the last answer, got {str(number)[:40]!r}",
        "give one of these numbers",
    )

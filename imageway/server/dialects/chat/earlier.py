"""The last pictures of a chat: in its messages, behind our own links, or remembered."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imageway.core.errors import ImagewayError, invalid
from imageway.core.request import InputImage
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
    conversation: Conversation, turns: Sequence[str], remembered: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """What stands for the newest pictures before the wish; nothing where there are none.

    Links in an answer go before memory, for a chat can be told anew from any of its messages.
    """
    said = sum(turn.role == "user" for turn in conversation.earlier)
    for turn in reversed(conversation.earlier):
        if turn.role == "user":
            said -= 1
            if files := remembered.get(turns[said]):
                return tuple(f"/v1/files/{file}" for file in files)
        if found := _pictures_in(turn):
            return found
    if conversation.is_new or not remembered:
        return ()
    # A chat UI that shortens long chats changes what was said; its newest picture is known still.
    return tuple(f"/v1/files/{file}" for file in list(remembered.values())[-1])


def _pictures_in(turn: Turn) -> tuple[str, ...]:
    """Pictures of a message; those in its text once each, in the order of their numbers."""
    found: dict[str, int] = {}
    for match in (*OWN_LINK.finditer(turn.text), *INLINE.finditer(turn.text)):
        label = NUMBER.search(turn.text[max(0, match.start() - LABEL_LENGTH) : match.start()])
        found[match[0].removeprefix("(")] = int(label[1]) if label else 0
    return (*turn.pictures, *sorted(found, key=lambda text: found[text]))


def chosen(pictures: Sequence[str], number: object) -> str:
    """The last picture, or the one that the person chose by its number."""
    if number is None:
        return pictures[-1]
    if not isinstance(number, int) or not 1 <= number <= len(pictures):
        raise _no_such(len(pictures), number)
    return pictures[number - 1]


def _no_such(count: int, number: object) -> ImagewayError:
    there = "there is 1 picture" if count == 1 else f"there are {count} pictures"
    return invalid(
        "--picture",
        f"--picture: {there} in the last answer, got {str(number)[:40]!r}",
        f"give a number from 1 to {count}",
    )

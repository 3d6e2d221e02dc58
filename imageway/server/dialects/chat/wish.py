"""From what was said to a request: the wish, its settings, and the pictures to start from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from imageway.core.errors import ImagewayError, invalid
from imageway.core.options import OPTION_BY_JSON_NAME, Option
from imageway.core.request import MAX_REFERENCES, ImageRequest, InputImage
from imageway.server.dialects.chat.advice import LAST_PICTURE
from imageway.server.dialects.chat.earlier import Desk, chosen, last_pictures
from imageway.server.dialects.chat.intent import Command, intent_of, split_command
from imageway.server.dialects.chat.memory import Remembered
from imageway.server.dialects.chat.messages import Conversation, member
from imageway.server.dialects.chat.settings import PICTURES, Settings, read_settings, shaped
from imageway.server.dialects.openai_fields import (
    OUR_WORD,
    Asked,
    Border,
    Operation,
    check_limits,
    in_callers_words,
)

# `format` of a chat is how a text model is to write, not what a picture is to be.
FIELD_BY_NAME: Mapping[str, str] = {
    **{
        name: option.value
        for name, option in OPTION_BY_JSON_NAME.items()
        if option not in PICTURES and name != "format"
    },
    "n": "count",
    "strict": "strict",
    "recheck": "recheck",
}
SHAPES = frozenset({"size", "aspect"})
EMPTY = "write what to draw, such as: a red fox in the snow"
NO_WORDS = "write what to do with the picture, such as: make it blue"
NOTHING_TO_EDIT = "attach a picture, or begin with /new"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the messages do not tell; `previews` is the usual number, None where none are shown."""

    border: Border
    model: str
    turns: tuple[str, ...]
    remembered: Remembered
    previews: int | None = None


async def read_wish(
    body: Mapping[str, object], conversation: Conversation, around: Circumstances, *, streams: bool
) -> Asked:
    """Understand the last message; raises where it is empty or a setting of it is wrong."""
    command = split_command(conversation.wish.text)
    _refuse_a_book(command.text, around.border)
    settings = read_settings(command.text)
    number = settings.wishes.pop("picture", None)
    _take_fields(settings, body, around.border)
    references = await _references(conversation, command, settings, number, around)
    if not settings.prompt:
        raise _says_nothing(has_pictures=bool(references))
    wishes: dict[str, object] = {
        **settings.wishes,
        "model": around.model,
        "prompt": settings.prompt,
        "references": references,
    }
    check_limits(wishes, around.border.limits)
    _set_previews(wishes, around.previews)
    request = _request(wishes, settings)
    operation: Operation = "image_edit" if references else "image_generation"
    return Asked(request, operation, streams, False, (), settings.said)


def _refuse_a_book(text: str, border: Border) -> None:
    """Settings are not looked for in what is too long anyway."""
    most = border.limits.prompt_chars
    if len(text) > 2 * most:
        raise invalid("prompt", f"prompt: at most {most} characters, got {len(text)}")


def _set_previews(wishes: dict[str, object], usual: int | None) -> None:
    """Ask for previews where they can be shown; a strict wish is not made stricter by us."""
    if usual is None:
        wishes.pop("previews", None)
    elif usual and "strict" not in wishes:
        wishes.setdefault("previews", usual)


def _take_fields(settings: Settings, body: Mapping[str, object], border: Border) -> None:
    """Wishes beside the messages; what the message itself says goes before them."""
    extras: dict[str, object] = {}
    for name, value in {**body, **_image_config(body)}.items():
        target = FIELD_BY_NAME.get(name)
        if name in border.addressees and isinstance(value, dict):
            extras[name] = value
        elif target is None or value in (None, "") or _is_said(settings, target):
            continue
        else:
            target, ours = _understood(target, value)
            if ours is not None:
                settings.wishes[target], settings.said[target] = ours, name
    settings.wishes["extras"] = extras


def _understood(target: str, value: object) -> tuple[str, object]:
    """The field that a value is for, and our word for it; 16:9 is an aspect under any name."""
    if not isinstance(value, str):
        return target, value
    target = shaped(target, value)
    return target, OUR_WORD.get((target, value), value)


def _is_said(settings: Settings, target: str) -> bool:
    """Whoever gives a size or an aspect has given both."""
    return not settings.said.keys().isdisjoint(SHAPES if target in SHAPES else {target})


def _image_config(body: Mapping[str, object]) -> dict[str, object]:
    """OpenRouter's object beside the messages."""
    aspect = member(body.get("image_config"), "aspect_ratio")
    return {} if aspect is None else {"aspect_ratio": aspect}


async def _references(
    conversation: Conversation,
    command: Command,
    settings: Settings,
    number: object,
    around: Circumstances,
) -> tuple[InputImage, ...]:
    """Attached pictures always count; the last one of the chat where it is meant."""
    desk = Desk(around.border.inputs)
    attached = conversation.wish.pictures
    if len(attached) > MAX_REFERENCES:
        raise invalid(
            "messages", f"messages: at most {MAX_REFERENCES} pictures, got {len(attached)}"
        )
    brought = [await desk.bring(text, "image_url") for text in attached]
    if command.name == "new" or not _means_the_last(
        command, settings.prompt, number, has_attached=bool(attached)
    ):
        return tuple(brought)
    pictures = last_pictures(conversation, around.turns, around.remembered)
    if pictures:
        last = await desk.bring(chosen(pictures, number), LAST_PICTURE)
        settings.said[Option.REFERENCES.value] = LAST_PICTURE
        return (last, *brought)
    is_demanded = command.name == "edit" or number is not None
    if is_demanded and not brought:
        raise invalid("messages", "there is no picture in this chat yet", NOTHING_TO_EDIT)
    return tuple(brought)


def _means_the_last(command: Command, prompt: str, number: object, *, has_attached: bool) -> bool:
    if command.name == "edit" or number is not None:
        return True
    return not has_attached and intent_of(prompt) == "edit"


def _says_nothing(*, has_pictures: bool) -> ImagewayError:
    if has_pictures:
        return invalid("messages", "there is a picture but no word about it", NO_WORDS)
    return invalid("messages", "the message is empty", EMPTY)


def _request(wishes: Mapping[str, object], settings: Settings) -> ImageRequest:
    try:
        return ImageRequest.build(wishes)
    except ImagewayError as error:
        raise in_callers_words(error, settings.said) from error

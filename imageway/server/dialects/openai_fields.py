"""The fields of an Images request as real clients send them → a request of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from imageway.core.errors import ImagewayError, invalid
from imageway.core.events import Note
from imageway.core.options import OPTION_BY_JSON_NAME
from imageway.core.request import ImageRequest
from imageway.providers.config import Limits
from imageway.providers.loading import nearest
from imageway.server.dialects.openai_inputs import Inputs
from imageway.serving.problems import Problem, Refused

Operation = Literal["image_generation", "image_edit"]

FIELD_BY_NAME: Mapping[str, str] = {
    **{name: str(option) for name, option in OPTION_BY_JSON_NAME.items()},
    "prompt": "prompt",
    "model": "model",
    "n": "count",
    "strict": "strict",
    "recheck": "recheck",
}
CONTROLS = frozenset({"stream", "response_format"})
# They name the end user or say what is the case anyway; nothing is lost without them.
MEANINGLESS = frozenset({"user", "safety_identifier"})
MEANINGLESS_VALUES = frozenset({("moderation", "auto"), ("input_fidelity", "auto")})
# OpenAI's older models had other words, and "auto" is what leaving out means here.
OUR_WORD: Mapping[tuple[str, str], str | None] = {
    ("quality", "standard"): "medium",
    ("quality", "hd"): "high",
    ("quality", "auto"): None,
    ("size", "auto"): None,
    ("aspect", "auto"): None,
    ("background", "auto"): None,
    ("format", "auto"): None,
}
MOST_NOTES = 20
LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Border:
    """What a caller's fields are checked against."""

    limits: Limits
    inputs: Inputs
    addressees: frozenset[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was understood, and how its answer is to look."""

    request: ImageRequest
    operation: Operation
    streams: bool
    as_url: bool
    notes: tuple[Note, ...]
    said: Mapping[str, str]

    def name_of(self, param: str | None) -> str | None:
        """A field of ours in the caller's own word."""
        return None if param is None else self.said.get(param, param)


@dataclass(slots=True)
class Sorted:
    """The caller's fields by what they are; `said` is our field → the caller's word."""

    wishes: dict[str, object] = field(default_factory=dict[str, object])
    said: dict[str, str] = field(default_factory=dict[str, str])
    controls: dict[str, object] = field(default_factory=dict[str, object])
    extras: dict[str, object] = field(default_factory=dict[str, object])
    unknown: list[str] = field(default_factory=list[str])

    def wish(self, target: str, name: str, value: object) -> None:
        """Take a wish; two words for one field must not differ."""
        if target in self.wishes and self.wishes[target] != value:
            raise invalid(name, f"{name}: means the same as {self.said[target]}; give one of them")
        self.wishes[target] = value
        self.said[target] = name


def read_fields(fields: Mapping[str, object], operation: Operation, border: Border) -> Asked:
    """Understand a request; raises where a field is wrong, naming it as the caller did."""
    found = _sorted(fields, border.addressees)
    streams = _is_true(found.controls, "stream")
    as_url = _wants_url(found.controls)
    if found.unknown and found.wishes.get("strict") is True:
        raise Refused(_unknown_field(found.unknown[0]))
    notes = tuple(_notes(found, streams=streams, as_url=as_url))
    request = _request(found, operation, border, streams=streams)
    return Asked(request, operation, streams, as_url and not streams, notes, found.said)


def _sorted(fields: Mapping[str, object], addressees: frozenset[str]) -> Sorted:
    found = Sorted()
    for name, value in fields.items():
        target = FIELD_BY_NAME.get(name)
        if value is None or (value == "" and name != "prompt"):
            continue
        if target is not None:
            ours = OUR_WORD.get((target, value), value) if isinstance(value, str) else value
            if ours is not None:
                found.wish(target, name, ours)
        elif name in CONTROLS:
            found.controls[name] = value
        elif name in addressees and isinstance(value, dict):
            found.extras[name] = value
        elif not _is_meaningless(name, value):
            found.unknown.append(name[:LONGEST_NAME])
    return found


def _is_meaningless(name: str, value: object) -> bool:
    if name in MEANINGLESS:
        return True
    return isinstance(value, str) and (name, value) in MEANINGLESS_VALUES


def _is_true(controls: Mapping[str, object], name: str) -> bool:
    value = controls.get(name, False)
    if not isinstance(value, bool):
        raise invalid(name, f"{name}: must be true or false, got {str(value)[:40]!r}")
    return value


def _wants_url(controls: Mapping[str, object]) -> bool:
    value = controls.get("response_format", "b64_json")
    if value not in ("b64_json", "url"):
        raise invalid(
            "response_format", f"response_format: must be b64_json or url, got {str(value)[:40]!r}"
        )
    return value == "url"


def _notes(found: Sorted, *, streams: bool, as_url: bool) -> Iterator[Note]:
    for name in found.unknown[:MOST_NOTES]:
        yield Note("ignored", f"the field {name!r} is not known here; it is left out")
    if len(found.unknown) > MOST_NOTES:
        yield Note("ignored", f"{len(found.unknown) - MOST_NOTES} more unknown fields are left out")
    if not streams and found.wishes.get("previews"):
        yield Note("ignored", "previews come only with stream: true; they are left out")
    if streams and as_url:
        yield Note("adjusted", "a stream holds the pictures themselves, no links")


def _request(found: Sorted, operation: Operation, border: Border, *, streams: bool) -> ImageRequest:
    wishes = found.wishes
    check_limits(wishes, border.limits)
    if operation == "image_edit" and not wishes.get("references"):
        raise invalid("image", "image: an edit needs at least one picture", "send a file as image")
    for target, bring in (("references", border.inputs.many), ("mask", border.inputs.one)):
        if target in wishes:
            wishes[target] = bring(wishes[target], found.said[target])
    if wishes.get("previews") == 0 or (not streams and type(wishes.get("previews")) is int):
        del wishes["previews"]
    try:
        return ImageRequest.build({**wishes, "extras": found.extras})
    except ImagewayError as error:
        raise in_callers_words(error, found.said) from error


def check_limits(wishes: Mapping[str, object], limits: Limits) -> None:
    """Raise where a caller wants more than the gateway gives one request."""
    prompt, count = wishes.get("prompt"), wishes.get("count")
    if isinstance(prompt, str) and len(prompt) > limits.prompt_chars:
        raise invalid(
            "prompt", f"prompt: at most {limits.prompt_chars} characters, got {len(prompt)}"
        )
    if isinstance(count, int) and count > limits.images_per_request:
        raise invalid("n", f"n: at most {limits.images_per_request} pictures, got {count}")


def in_callers_words(error: ImagewayError, said: Mapping[str, str]) -> ImagewayError:
    """The same complaint with the field named as the caller named it."""
    info = error.info
    param = info.param or ""
    name = said.get(param, "n" if param == "count" else param)
    if name == param:
        return error
    update: dict[str, object] = {"details": {**info.details, "param": name}}
    for part in ("message", "hint"):
        text: object = getattr(info, part)
        if isinstance(text, str) and text.startswith(f"{param}: "):
            update[part] = f"{name}: {text[len(param) + 2 :]}"
    return ImagewayError.carrying(info.model_copy(update=update))


def _unknown_field(name: str) -> Problem:
    known = [*FIELD_BY_NAME, *CONTROLS]
    return Problem(
        400,
        "unknown_parameter",
        f"unknown parameter {name!r}",
        hint=nearest(name, known),
        param=name,
    )

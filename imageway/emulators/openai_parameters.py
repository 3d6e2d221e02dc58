"""OpenAI's image parameters: the kind of value each takes, and where it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

from imageway.emulators.answer import Refusal
from imageway.emulators.openai_errors import invalid, invalid_value, unknown_parameter


class Kind(Protocol):
    """What values a parameter takes."""

    def check(self, name: str, value: JsonValue) -> None:
        """Refuse any other value."""

    def from_text(self, text: str) -> JsonValue:
        """The value that a form's text stands for."""


@dataclass(frozen=True, slots=True)
class Text:
    """Any text up to a length."""

    longest: int = 1024

    def check(self, name: str, value: JsonValue) -> None:
        """Refuse anything but text of a proper length."""
        if not isinstance(value, str):
            raise invalid_value(name, value, "a string.")
        if not 1 <= len(value) <= self.longest:
            message = (
                f"Invalid '{name}': expected 1 to {self.longest} characters, got {len(value)}."
            )
            raise invalid(name, message)

    def from_text(self, text: str) -> JsonValue:
        """The text itself."""
        return text


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number in a range; a form has it as text."""

    least: int
    most: int

    def check(self, name: str, value: JsonValue) -> None:
        """Refuse anything but such a number."""
        if type(value) is not int or not self.least <= value <= self.most:
            raise invalid_value(name, value, f"integers from {self.least} to {self.most}.")

    def from_text(self, text: str) -> JsonValue:
        """The number, or the text where it is none."""
        return int(text) if text.lstrip("-").isdecimal() else text


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def check(self, name: str, value: JsonValue) -> None:
        """Refuse anything else."""
        if not isinstance(value, bool):
            raise invalid_value(name, value, "true and false.")

    def from_text(self, text: str) -> JsonValue:
        """The flag, or the text where it is none."""
        return {"true": True, "false": False}.get(text, text)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: tuple[str, ...]

    def check(self, name: str, value: JsonValue) -> None:
        """Refuse any other word."""
        if value not in self.words:
            raise invalid_value(name, value, listed(self.words))

    def from_text(self, text: str) -> JsonValue:
        """The word itself."""
        return text


@dataclass(frozen=True, slots=True)
class Members:
    """An object with known members."""

    members: Mapping[str, Kind]
    required: frozenset[str] = frozenset()

    def check(self, name: str, value: JsonValue) -> None:
        """Refuse anything but such an object."""
        if not isinstance(value, dict):
            raise invalid_value(name, value, "an object.")
        for member, inner in value.items():
            if member not in self.members:
                raise unknown_parameter(f"{name}.{member}")
            self.members[member].check(f"{name}.{member}", inner)
        for member in sorted(self.required - value.keys()):
            raise missing(f"{name}.{member}")

    def from_text(self, text: str) -> JsonValue:
        """The text; a form flattens objects with brackets instead."""
        return text


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter's kind, the routes that know it, and whether only newer models do."""

    kind: Kind
    on: frozenset[str] = frozenset({"generations", "edits"})
    newer: bool = False


def listed(words: tuple[str, ...]) -> str:
    """Words as OpenAI lists them."""
    *most, last = [f"'{word}'" for word in words]
    return f"{', '.join(most)}, and {last}." if most else f"{last}."


def missing(name: str) -> Refusal:
    """A parameter that has to be there."""
    message = f"Missing required parameter: '{name}'."
    return invalid(name, message, "missing_required_parameter")


GENERATIONS, EDITS = frozenset({"generations"}), frozenset({"edits"})
EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
SVG = Members(
    {"model": Text(), "reasoning": Members({"effort": OneOf(EFFORTS)})}, frozenset({"model"})
)
PARAMETERS: Mapping[str, Parameter] = {
    "prompt": Parameter(Text(32_000)),
    "model": Parameter(Text()),
    "n": Parameter(Whole(1, 10)),
    "size": Parameter(Text()),
    "quality": Parameter(Text()),
    "background": Parameter(OneOf(("auto", "opaque", "transparent"))),
    "moderation": Parameter(OneOf(("auto", "low")), GENERATIONS),
    "output_format": Parameter(Text()),
    "output_compression": Parameter(Whole(0, 100)),
    "stream": Parameter(Flag()),
    "partial_images": Parameter(Whole(0, 3)),
    "input_fidelity": Parameter(Text(), EDITS),
    "complexity": Parameter(OneOf(("low", "medium", "high")), newer=True),
    "frame_count": Parameter(Whole(2, 16), newer=True),
    "frame_duration_ms": Parameter(Whole(1, 655_350), newer=True),
    "svg": Parameter(SVG, newer=True),
    "safety_identifier": Parameter(Text()),
    "user": Parameter(Text()),
}

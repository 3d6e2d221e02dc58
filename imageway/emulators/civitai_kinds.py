"""The kinds of values that a step's input takes, each with the words of its refusal."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import JsonValue

AIR = re.compile(
    r"(?:urn:)?(?:air:)?(?:[\w/-]+:)?(?:[\w/-]+:)?[\w/-]+:[\w/.-]+@[\w/.=,%+:-]+", re.IGNORECASE
)


class Kind(Protocol):
    """What a field takes."""

    def wrong(self, name: str, value: JsonValue) -> str | None:
        """Why a value is refused, or None."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text up to a length."""

    most: int = 10_000
    least: int = 0

    def wrong(self, name: str, value: JsonValue) -> str | None:
        """Refuse anything but such a text."""
        if not isinstance(value, str):
            return f"The {name} field must be a string."
        if not self.least <= len(value) <= self.most:
            return f"The field {name} must be a string with a maximum length of {self.most}."
        return None


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a range, whole or not."""

    least: float
    most: float
    whole: bool = True

    def wrong(self, name: str, value: JsonValue) -> str | None:
        """Refuse anything but such a number."""
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or (self.whole and isinstance(value, float) and not value.is_integer()):
            return f"The JSON value could not be converted to a number. Path: $.{name}."
        if isinstance(value, int | float) and not self.least <= value <= self.most:
            return f"The field {name} must be between {self.least:g} and {self.most:g}."
        return None


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    words: Sequence[str]

    def wrong(self, name: str, value: JsonValue) -> str | None:
        """Refuse any other word."""
        known = isinstance(value, str) and value in self.words
        return None if known else f"The value '{value}' is not valid for {name}."


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def wrong(self, name: str, value: JsonValue) -> str | None:
        """Refuse anything else."""
        return None if isinstance(value, bool) else f"The {name} field must be a boolean."


@dataclass(frozen=True, slots=True)
class Resource:
    """An AIR."""

    def wrong(self, name: str, value: JsonValue) -> str | None:
        """Refuse what is none."""
        if isinstance(value, str) and AIR.fullmatch(value):
            return None
        return f"The value '{value}' is not a valid AIR."


@dataclass(frozen=True, slots=True)
class Resources:
    """A list of AIRs."""

    def wrong(self, name: str, value: JsonValue) -> str | None:
        """Refuse anything else."""
        if not isinstance(value, list):
            return f"The {name} field must be an array."
        found = (Resource().wrong(name, each) for each in value)
        return next((each for each in found if each), None)


@dataclass(frozen=True, slots=True)
class Weights:
    """A map of AIRs to their weights."""

    def wrong(self, name: str, value: JsonValue) -> str | None:
        """Refuse anything else, a list too."""
        if not isinstance(value, dict):
            return f"The JSON value could not be converted to a dictionary. Path: $.{name}."
        for air, weight in value.items():
            if told := Resource().wrong(name, air) or Number(-100, 100, False).wrong(name, weight):
                return told
        return None


@dataclass(frozen=True, slots=True)
class Networks:
    """A map of AIRs to {strength, triggerWord, type}."""

    def wrong(self, name: str, value: JsonValue) -> str | None:
        """Refuse anything else."""
        if not isinstance(value, dict):
            return f"The JSON value could not be converted to a dictionary. Path: $.{name}."
        for air, network in value.items():
            known = isinstance(network, dict) and network.keys() <= NETWORK_KEYS
            if told := Resource().wrong(name, air) or (None if known else f"{name} is not valid."):
                return told
        return None


@dataclass(frozen=True, slots=True)
class Anything:
    """Whatever it is, it is passed on."""

    def wrong(self, name: str, value: JsonValue) -> str | None:
        """Nothing is refused."""
        return None


NETWORK_KEYS = frozenset({"strength", "triggerWord", "type"})

"""What a table of plugins.toml is, and how each of its keys is described."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

Value = TypeVar("Value")


class Section(BaseModel):
    """A table of the file; an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def describe(default: Value, words: str) -> Value:
    """A key's default, and its sentence for the pages that are made from these models."""
    return Field(default, description=words)

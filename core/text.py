"""Text that every encoder takes: halves of characters, which JSON can smuggle in, replaced."""

from __future__ import annotations

import re

from pydantic import JsonValue

HALF = re.compile("[\ud800-\udfff]")


def whole(text: str) -> str:
    """The same text; each lone surrogate is a replacement character."""
    return text if text.isascii() else HALF.sub("\ufffd", text)


def whole_tree(value: JsonValue) -> JsonValue:
    """The same for every text of a JSON value."""
    match value:
        case str():
            return whole(value)
        case list():
            return [whole_tree(each) for each in value]
        case dict():
            return {whole(name): whole_tree(each) for name, each in value.items()}
        case _:
            return value

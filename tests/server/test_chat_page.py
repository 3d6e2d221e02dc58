"""docs/chat.md tells the rule and the settings as they are."""

from __future__ import annotations

import re

import pytest

from imageway.server.dialects.chat.intent import intent_of, split_command
from imageway.server.dialects.chat.settings import settings_shown
from tests.checkout import ROOT, text

PAGE = text(ROOT / "docs" / "chat.md")
EXAMPLES: list[tuple[str, str]] = re.findall(r"^\| ([^`|]+) \| (edit|new) \|$", PAGE, re.MULTILINE)
SETTINGS: list[tuple[str, str]] = re.findall(r"^\| `(--\w+)` \| (.+) \|$", PAGE, re.MULTILINE)


@pytest.mark.parametrize(("message", "outcome"), EXAMPLES)
def test_each_message_of_the_page_does_what_the_page_says(message: str, outcome: str) -> None:
    command = split_command(message)
    assert (command.name or intent_of(command.text)) == outcome


def test_the_page_lists_every_setting() -> None:
    assert tuple(SETTINGS) == settings_shown()
    assert len(EXAMPLES) >= 12

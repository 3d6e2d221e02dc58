"""Edit or new: the rule that docs/chat.md tells."""

from __future__ import annotations

import pytest

from imageway.server.dialects.chat.intent import intent_of, split_command

EDITS = [
    "make it blue",
    "Make the sky darker",
    "Please add a hat",
    "Can you remove the tree?",
    "OK, now at night",
    "without the hat",
    "the same, but green",
    "give him a hat",
    "in blue",
    "as a watercolour",
    "darker",
    "a bit darker",
    "it should be larger",
    "mach es blau",
    "ohne Hut",
    "make some of the leaves red",
    "Make two of the roses white",
    "make some more leaves",
    "make the other one blue",
    "please replace the old one with a new one",
    "add another picture on the wall",
    "entferne das neue Bild an der Wand",
    "mach bitte den Himmel heller",
    "mach zwei der Rosen weiß",
    "das gleiche bei Nacht",
    "Das Gleiche bei Nacht",
    "Das heller",
    "Das Bild heller",
    "das Foto in Schwarzweiß",
]
NEW = [
    "a red fox",
    "a new picture of a fox",
    "another picture, with a dog",
    "make me two logos",
    "Make a picture of a dog",
    "something else: a cat",
    "start over",
    "draw a cat in the style of it",
    "in a dark forest stands a fox, painted in oil",
    "an older man with a hat",
    "older people dancing in the rain",
    "sunset",
    "ein neues Bild von einem Fuchs",
    "noch ein Bild von einem Hund",
    "make two more pictures",
    "make another one",
    "make me please a dog",
    "mach mir bitte einen Hund",
    "Mach mal einen Hund",
    "gib mir bitte einen Hund",
    "Das Schloss am Meer bei Nacht",
    "OK, great! Thanks",
    "紅い狐",
    "",
]


@pytest.mark.parametrize("text", EDITS)
def test_a_message_that_speaks_of_the_last_picture_changes_it(text: str) -> None:
    assert intent_of(text) == "edit"


@pytest.mark.parametrize("text", NEW)
def test_every_other_message_asks_for_a_new_one(text: str) -> None:
    assert intent_of(text) == "new"


def test_a_command_stands_at_the_beginning_and_is_a_word_of_its_own() -> None:
    assert split_command(" /EDIT make it blue").name == "edit"
    assert split_command("/edit make it blue").text == "make it blue"
    assert split_command("/newspaper").name is None
    assert split_command("a /new one").name is None

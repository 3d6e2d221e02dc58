"""The rule by which a message changes the last picture or asks for a new one."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Intent = Literal["edit", "new"]

COMMAND = re.compile(r"\s*/(new|edit|help)(?!\S)\s*", re.IGNORECASE)
PICTURE = (
    r"(?:pictures?|images?|photos?|drawings?|paintings?|portraits?|posters?|sketch(?:es)?|logos?|"
    r"icons?|bilde?r?|fotos?|ones?)"
)
NUMBER = r"(?:an?|some|one|two|three|four|five|six|\d+|eine?n?|zwei|drei|vier)"
# Of what is there: "some of the leaves", "two more roses", "a bit of fog", "zwei der Rosen".
NOT_ANEW = r"(?:of|more|bit|little|lot|der|von|mehr|bisschen|wenig)"
SOFTLY = r"(?: (?:me|us|please|mir|uns|bitte|mal|doch))*"
# Whatever picture is spoken of after these, it is in, or goes into, the one that is there.
WITHIN = re.compile(
    r"(?:add|remove|delete|erase|replace|swap|move|put|make the|"
    r"füge|entferne|lösche|ersetze|tausche|verschiebe)\b",
    re.IGNORECASE,
)
# Whatever else it says, this asks for a picture that is not there yet.
ANEW = re.compile(
    r"\b(?:new|another|different|other|fresh|neues?|anderes?|weiteres|noch eine?) "
    rf"(?:[\w-]+ )?{PICTURE}\b|\b{NUMBER} (?:more|weitere) {PICTURE}\b"
    r"|\b(?:something (?:else|new|different)|start over|from scratch|etwas (?:anderes|neues))\b"
    r"|^(?:make|mache?|(?:give|show) (?:me|us)|gib (?:mir|uns))"
    rf"{SOFTLY} {NUMBER} (?!{NOT_ANEW}\b)",
    re.IGNORECASE,
)
# German nouns have a capital letter: "das Schloss" is a thing to draw, "das heller" a change.
THE_THING = re.compile(
    rf"(?i:das) (?!(?i:{PICTURE}|gleiche|selbe|ganze|andere)\b)[A-ZÄÖÜ][a-zäöüß]"
)
# A message that begins with one of these speaks of the picture that is there.
CHANGES = """
    make turn change add remove replace put give let keep move rotate flip crop zoom extend expand
    erase delete swap recolor recolour colorize colourize brighten darken lighten sharpen blur
    soften fix repair correct restore enhance improve upscale enlarge shrink undo convert transform
    adjust increase decrease reduce restyle edit modify more less without with but now also and
    instead same again only just not no it its it's this that these those he she they his her their
    him them slightly the_same das_gleiche dasselbe
    mach mache ändere füge entferne ersetze gib lass setz setze dreh drehe spiegle vergrößere
    verkleinere verwandle färbe korrigiere verbessere lösche behalte bearbeite mehr weniger ohne mit
    aber jetzt nun auch und stattdessen nur nicht es das dieses
"""
# So does one of a few words that begins with one of these: "in blue", "a bit darker".
OF_FEW_WORDS = """
    in as at from on to into darker brighter lighter bigger smaller larger warmer colder cooler
    softer sharper closer wider taller shorter older younger higher lower simpler happier sadder
    a_bit a_little a_lot
    im als bei von auf dunkler heller größer kleiner wärmer kälter schärfer weicher näher
    etwas ein_bisschen ein_wenig
"""
FEW = 4
FIRST_WORDS = frozenset(CHANGES.split())
FIRST_OF_FEW = frozenset(OF_FEW_WORDS.split())
POLITE = re.compile(
    r"(?:please|bitte|ok(?:ay)?|great|nice|good|thanks?|thank you|perfect|can you|could you|"
    r"would you|i want you to|try to|let's|lets|kannst du|danke|super|gut)(?:[\s,.!:]+|$)",
    re.IGNORECASE,
)
# The rule looks at the beginning; a long story is not read for it.
READ = 400


@dataclass(frozen=True, slots=True)
class Command:
    """What a message begins with, and the rest of it."""

    name: str | None
    text: str


def split_command(text: str) -> Command:
    """Take `/new`, `/edit` or `/help` off the beginning of a message."""
    found = COMMAND.match(text)
    return Command(found[1].lower(), text[found.end() :]) if found else Command(None, text)


def intent_of(text: str) -> Intent:
    """Edit where the message begins by speaking of the picture that is there, else new."""
    text = " ".join(text[:READ].split())
    while polite := POLITE.match(text):
        text = text[polite.end() :]
    if WITHIN.match(text):
        return "edit"
    if ANEW.search(text) or THE_THING.match(text):
        return "new"
    words = [word.strip(",.;:!?\"'()") for word in text.lower().split()]
    if not words:
        return "new"
    begins = {words[0], "_".join(words[:2])}
    if begins & FIRST_WORDS:
        return "edit"
    return "edit" if len(words) <= FEW and begins & FIRST_OF_FEW else "new"

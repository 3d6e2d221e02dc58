"""What reached the vendor, as values that can be compared, counted and searched."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from urllib.parse import parse_qsl

from pydantic import JsonValue

from imageway.core.errors import ImagewayError
from imageway.core.events import Preview, Progress
from imageway.core.picture import Picture
from imageway.emulators.faults import Spot
from imageway.emulators.heard import Heard
from imageway.testing.outcome import Outcome

Trace = Mapping[str, str]

# How often is polled and what is fetched says nothing of what was asked.
NOT_ASKING = frozenset({Spot.POLL, Spot.DOWNLOAD, Spot.CANCEL})
# These say how it is asked, not what.
USUAL_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
        "user-agent",
    }
)
# Base64 of the smallest picture is longer than this.
SHORTEST_PICTURE = 64


def trace(outcome: Outcome) -> Trace:
    """Every value that was sent under its place; without a wire, every picture that was made."""
    if not outcome.heard:
        return _drawn(outcome)
    asked = [heard for heard in outcome.heard if heard.spot not in NOT_ASKING]
    found = {
        f"{number} {heard.method} {heard.path} {place}": value
        for number, heard in enumerate(asked, 1)
        for place, value in _values(heard)
    }
    return {**found, "requests": str(len(asked))}


def _drawn(outcome: Outcome) -> Trace:
    pictures = {
        f"picture {index}": sha256(picture.bytes).hexdigest()
        for index, picture in outcome.pictures.items()
    }
    counted = {
        kind.__name__: str(sum(isinstance(event, kind) for event in outcome.events))
        for kind in (Preview, Progress)
    }
    return {**pictures, **counted}


def differences(one: Trace, other: Trace) -> set[str]:
    """The places at which two traces differ."""
    return {place for place in one.keys() | other.keys() if one.get(place) != other.get(place)}


def _values(heard: Heard) -> Iterator[tuple[str, str]]:
    for name, value in heard.headers:
        if name.lower() not in USUAL_HEADERS:
            yield f"header {name.lower()}", value
    for name, value in parse_qsl(heard.query, keep_blank_values=True):
        yield f"?{name}", value
    yield from _leaves("", heard.body)
    for number, part in enumerate(heard.parts):
        yield f"part {number}", f"{part.name} {part.content_type} {part.sha256}"
    if heard.raw:
        yield "body", sha256(heard.raw).hexdigest()


def _leaves(place: str, value: JsonValue) -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            yield f"{place}{{}}", ""
            for name, member in value.items():
                yield from _leaves(f"{place}.{name}", member)
        case list():
            yield f"{place}[]", ""
            for number, member in enumerate(value):
                yield from _leaves(f"{place}[{number}]", member)
        case None:
            return
        case _:
            yield place, json.dumps(value)


def texts(heard: Heard) -> Iterator[str]:
    """Every text and number that a request holds, as text; files are none."""
    yield from (value for _, value in parse_qsl(heard.query, keep_blank_values=True))
    yield from (part.text for part in heard.parts if part.filename is None)
    for _, value in _leaves("", heard.body):
        if value:
            leaf = json.loads(value)
            yield leaf if isinstance(leaf, str) else str(leaf)
    if heard.raw:
        yield heard.raw.decode("utf-8", "replace")


def pictures(heard: Heard) -> Iterator[Picture]:
    """Every picture that a request holds, in the order it came: files, base64, raw bytes."""
    for part in heard.parts:
        content = part.text if part.filename is None else part.content
        yield from _picture(content)
    for _, value in _leaves("", heard.body):
        if value.startswith('"'):
            yield from _picture(str(json.loads(value)))
    if heard.raw:
        yield from _picture(heard.raw)


def _picture(content: str | bytes) -> Iterator[Picture]:
    if len(content) < SHORTEST_PICTURE:
        return
    try:
        if isinstance(content, bytes):
            yield Picture.from_bytes(content)
        else:
            yield Picture.from_base64(content)
    except ImagewayError:
        return

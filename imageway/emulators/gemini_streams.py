"""The same answer in fragments: as events, or as one JSON array that comes piece by piece."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from pydantic import JsonValue, TypeAdapter

from imageway.emulators.answer import Answer
from imageway.emulators.gemini_errors import JSON_TYPE
from imageway.emulators.gemini_facts import Facts, StreamError
from imageway.emulators.gemini_making import JsonPart, Made

Fragment = dict[str, JsonValue]
READ = TypeAdapter[Fragment | list[Fragment]](Fragment | list[Fragment])


def streamed(made: Made, seconds: float, created: str, facts: Facts, *, as_events: bool) -> Answer:
    """The answer as server-sent events, or as an array for whoever did not ask for events."""
    fragments = [{**each, **made.envelope(created)} for each in _fragments(made, facts)]
    if as_events:
        pieces = [_event(each, facts.line_end) for each in fragments]
        return Answer.of_events(pieces, seconds=seconds, charge=made.charge)
    answer = Answer(tuple(_array(fragments)), 200, JSON_TYPE, streamed=True, seconds=seconds)
    return replace(answer, charge=made.charge)


def error_event(body: bytes, form: StreamError, line_end: str) -> bytes:
    """How a stream that has begun ends with an error; a filtered picture is an event like any."""
    read = READ.validate_json(body)
    said = read[0] if isinstance(read, list) else read
    if form == "array":
        return b",\r\n" + _line(said) + b"]"
    if form == "raw" and "error" in said:
        return body.rstrip() + line_end.encode()
    first: Fragment = {"usageMetadata": {"promptTokenCount": 12}}
    return _event({**first, **said} if form == "late_key" else said, line_end)


def _event(fragment: Fragment, line_end: str) -> bytes:
    return b"data: " + _line(fragment) + 2 * line_end.encode()


def _line(fragment: Fragment) -> bytes:
    return json.dumps(fragment, ensure_ascii=False, separators=(",", ":")).encode()


def _array(fragments: list[Fragment]) -> Iterator[bytes]:
    for place, fragment in enumerate(fragments):
        before = b",\r\n" if place else b"["
        behind = b"]" if place == len(fragments) - 1 else b""
        yield before + _line(fragment) + behind


def _fragments(made: Made, facts: Facts) -> Iterator[Fragment]:
    usage: Fragment = {"usageMetadata": made.usage.members(made.order)}
    if made.ending is not None:
        yield {**_ending(made, facts), **usage}
        return
    yield from _sequenced([_turn(part) for part in _split(made)], usage, made, facts)


def _ending(made: Made, facts: Facts) -> Fragment:
    ending = made.ending
    if ending is None or ending.block is not None:
        return {"promptFeedback": ending.feedback if ending else {}}
    return {"candidates": [ending.candidate(facts.content)]}


def _split(made: Made) -> Iterator[JsonPart]:
    """Words come in pieces, a picture never does."""
    for part in made.parts:
        match part:
            case {"text": str(text)} if not part.get("thought") and len(text) > 1:
                middle = len(text) // 2
                yield {"text": text[:middle]}
                yield {"text": text[middle:]}
            case _:
                yield part


def _sequenced(
    turns: list[Fragment], usage: Fragment, made: Made, facts: Facts
) -> Iterator[Fragment]:
    """The fragments with their ends, in one of the orders that were seen."""
    *others, last = turns
    match facts.sequence:
        case "text_first" if not made.order.model.thinks:
            yield from map(_candidates, others)
            yield _candidates({"content": {"role": "model"}})
            yield {**_candidates({**last, "finishReason": "STOP"}), **usage}
        case "text_first" | "image_first":
            yield from map(_candidates, turns)
            yield {**_candidates({**_turn({"text": ""}), "finishReason": "STOP"}), **usage}
        case "usage_last":
            yield from map(_candidates, turns)
            yield _candidates({**_turn({"text": ""}), "finishReason": "STOP"})
            yield usage
        case "stops_everywhere":
            for each in turns:
                yield {**_candidates({**each, "finishReason": "STOP"}), **usage}
        case "never_stops":
            yield from map(_candidates, others)
            yield {**_candidates(last), **usage}


def _candidates(candidate: Fragment) -> Fragment:
    return {"candidates": [{**candidate, "index": 0}]}


def _turn(part: JsonPart) -> Fragment:
    return {"content": {"parts": [part], "role": "model"}}

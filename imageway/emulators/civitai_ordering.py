"""The body of an order, read strictly: every key, every step, every limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from pydantic import JsonValue

from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_inputs import Read, read
from imageway.emulators.civitai_problems import invalid
from imageway.emulators.civitai_workflows import Order, Step

KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")
STEP_KEYS = frozenset({"$type", "name", "priority", "timeout", "retries", "metadata", "input"})
WALLETS = frozenset({"yellow", "blue", "green", "fakeRed"})
MOST_TAGS, LONGEST_TAG = 10, 200

Check = Callable[[JsonValue], str | None]


def _tags(value: JsonValue) -> str | None:
    texts = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(texts) != len(value):
        return "The tags field must be an array of strings."
    if len(texts) > MOST_TAGS or len(set(texts)) != len(texts):
        return f"The field tags must hold at most {MOST_TAGS} unique items."
    is_long = any(len(text) > LONGEST_TAG for text in texts)
    return f"A tag must be at most {LONGEST_TAG} characters long." if is_long else None


def _key(value: JsonValue) -> str | None:
    if isinstance(value, str) and KEY.fullmatch(value):
        return None
    return "The field externalId must match the regular expression '^[A-Za-z0-9_-]{1,128}$'."


def _currencies(value: JsonValue) -> str | None:
    known = isinstance(value, list) and all(each in WALLETS for each in value)
    return None if known else f"The value '{value}' is not valid for currencies."


def _object(value: JsonValue) -> str | None:
    return None if isinstance(value, dict) else "The field must be an object."


def _anything(value: JsonValue) -> str | None:
    return None


CHECK_BY_KEY: Mapping[str, Check] = {
    "steps": _anything,
    "currencies": _currencies,
    "tags": _tags,
    "metadata": _object,
    "externalId": _key,
    "callbacks": _anything,
    "tips": _object,
    "arguments": _object,
    "allowMatureContent": _anything,
    "upgradeMode": _anything,
    "nsfwLevel": _anything,
    "experimental": _anything,
    "ephemeral": _anything,
}


def read_order(body: JsonValue, facts: Facts) -> Order:
    """Understand a body; raises a refusal that names each wrong path."""
    if not isinstance(body, dict):
        raise invalid({"$": ["The JSON value could not be converted to a workflow."]})
    wrong = dict(_wrong(body, facts))
    given = body.get("steps")
    if not isinstance(given, list) or not given:
        wrong["steps"] = ["The field steps must be an array with a minimum length of 1."]
        raise invalid(wrong)
    steps: list[Step] = []
    for place, step in enumerate(given):
        found = _step(step, place, facts)
        if isinstance(found, Step):
            steps.append(found)
        else:
            wrong |= found
    if wrong:
        raise invalid(wrong)
    return Order(steps, body)


def _wrong(body: Mapping[str, JsonValue], facts: Facts) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    if facts.needs_currencies and "currencies" not in body:
        found.append(("currencies", ["The currencies field is required."]))
    for name, value in body.items():
        check = CHECK_BY_KEY.get(name)
        if check is None and facts.refuses_unknown_fields:
            found.append((name, [f"The property '{name}' is not part of the schema."]))
        elif check is not None and (told := check(value)):
            found.append((name, [told]))
    return found


def _step(given: JsonValue, place: int, facts: Facts) -> Step | dict[str, list[str]]:
    path = f"steps[{place}]"
    if not isinstance(given, dict):
        return {path: ["A step must be an object."]}
    if facts.refuses_unknown_fields and (unknown := sorted(given.keys() - STEP_KEYS)):
        return {f"{path}.{unknown[0]}": ["The property is not part of the schema."]}
    inner = given.get("input")
    if not isinstance(inner, dict):
        return {f"{path}.input": ["The input field is required."]}
    found = read(str(given.get("$type")), inner, path, facts)
    if not isinstance(found, Read):
        return found
    return Step(
        kind=str(given["$type"]),
        name=str(given.get("name", f"${place}")),
        given=inner,
        read=found,
        metadata=given.get("metadata", {}),
        priority=str(given.get("priority", "normal")),
    )

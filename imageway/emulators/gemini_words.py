"""Says a scripted fault as Google does: an error of the table, or a success without a picture."""

from __future__ import annotations

from dataclasses import replace

from pydantic import JsonValue

from imageway.emulators.answer import Answer
from imageway.emulators.faults import Fault, Scripted
from imageway.emulators.gemini_endings import ENDINGS_BY_FAULT, Ending
from imageway.emulators.gemini_errors import Row, closed_model, no_model, retry_info, told
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.gemini_predict import EVERY, PROMPT_BLOCKED
from imageway.emulators.gemini_rows import ROWS_BY_FAULT
from imageway.emulators.heard import Heard

USUAL_WAIT = "34.286670503"
IMAGEN_PROMPT = "imagen_prompt"
ABSENT_MODELS = ("no_model", "closed")


def variants(fault: Fault) -> tuple[str, ...]:
    """The ways of saying a fault, the usual one first."""
    by_name = [*ROWS_BY_FAULT.get(fault, {}), *ENDINGS_BY_FAULT.get(fault, {})]
    match fault:
        case Fault.REFUSED:
            return (*by_name, IMAGEN_PROMPT)
        case Fault.NOT_FOUND:
            return ABSENT_MODELS
        case _:
            return tuple(by_name)


def speak(scripted: Scripted, heard: Heard, facts: Facts) -> Answer:
    """A fault in its usual or its scripted variant."""
    variant = scripted.variant or variants(scripted.fault)[0]
    ending = ENDINGS_BY_FAULT.get(scripted.fault, {}).get(variant)
    if ending is None:
        return _refused(_row(scripted.fault, variant, heard), scripted, heard)
    if heard.path.endswith(":predict"):
        return _filtered(scripted, heard)
    message = scripted.message or ending.message
    return ended(replace(ending, message=message), model_of(heard), facts)


def _filtered(scripted: Scripted, heard: Heard) -> Answer:
    """Imagen has but one way to end without a picture, and none to speak of the account."""
    if scripted.fault is Fault.FORBIDDEN:
        return _refused(_row(scripted.fault, "iam", heard), scripted, heard)
    return told({"predictions": [{"raiFilteredReason": scripted.message or EVERY}]})


def ended(ending: Ending, model: str, facts: Facts) -> Answer:
    """A success without a picture."""
    what: dict[str, JsonValue] = (
        {"promptFeedback": ending.feedback}
        if ending.block is not None
        else {"candidates": [ending.candidate(facts.content)]}
    )
    usage: JsonValue = {"promptTokenCount": 9, "totalTokenCount": 9}
    return told({**what, "usageMetadata": usage, "modelVersion": model, "responseId": "a1B2c3"})


def _row(fault: Fault, variant: str, heard: Heard) -> Row:
    match variant:
        case _ if variant == IMAGEN_PROMPT:
            return PROMPT_BLOCKED
        case "closed":
            return closed_model(model_of(heard))
        case "no_model":
            return no_model(model_of(heard), heard.path.split("/")[1])
        case _:
            return ROWS_BY_FAULT[fault][variant]


def _refused(row: Row, scripted: Scripted, heard: Heard) -> Answer:
    """An error; seconds to wait stand inside of it, anything else a proxy has added."""
    asked = scripted.retry_after
    in_body = asked is None or asked.isdecimal()
    limited = scripted.fault is Fault.RATE_LIMITED
    if limited and in_body and ("{wait}" in row.message or asked is not None):
        delay = "34s" if asked is None else f"{asked}s"
        row = replace(row, details=(*row.details, retry_info(delay)))
    row = replace(
        row,
        code=scripted.status or row.code,
        message=scripted.message or row.message.replace("{wait}", asked or USUAL_WAIT),
    )
    answer = row.answer(model=model_of(heard))
    return answer if in_body else answer.with_headers({"Retry-After": asked or ""})


def model_of(heard: Heard) -> str:
    """The model that a path or a body names."""
    _, found, rest = heard.path.partition("/models/")
    named = heard.fields().get("model")
    return rest.partition(":")[0] if found else str(named or "gemini-3.1-flash-image")

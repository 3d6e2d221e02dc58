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
IMAGEN = ("imagen_filtered", "imagen_prompt")
ABSENT_MODELS = ("no_model", "closed")


def variants(fault: Fault) -> tuple[str, ...]:
    """The ways of saying a fault, the usual one first."""
    by_name = [*ROWS_BY_FAULT.get(fault, {}), *ENDINGS_BY_FAULT.get(fault, {})]
    match fault:
        case Fault.REFUSED:
            return (*by_name, *IMAGEN)
        case Fault.NOT_FOUND:
            return ABSENT_MODELS
        case _:
            return tuple(by_name)


def speak(scripted: Scripted, heard: Heard, facts: Facts) -> Answer:
    """A fault in its usual or its scripted variant."""
    usual = variants(scripted.fault)[0]
    if scripted.fault is Fault.REFUSED and heard.path.endswith(":predict"):
        usual = IMAGEN[0]
    variant = scripted.variant or usual
    if variant == "imagen_filtered":
        return told({"predictions": [{"raiFilteredReason": scripted.message or EVERY}]})
    ending = ENDINGS_BY_FAULT.get(scripted.fault, {}).get(variant)
    if ending is None:
        return _refused(_row(scripted.fault, variant, heard), scripted, heard)
    message = scripted.message or ending.message
    return ended(replace(ending, message=message), model_of(heard), facts)


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
        case "imagen_prompt":
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

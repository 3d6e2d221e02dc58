"""The orchestrator's errors: ProblemDetails, or a bare text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Refusal
from imageway.emulators.civitai_facts import Facts
from imageway.emulators.faults import Fault

KIND = "application/problem+json"
# The section of RFC 9110 that each status stands in, and how .NET names it.
NAMED_BY_STATUS: Mapping[int, tuple[str, str]] = {
    400: ("15.5.1", "Bad Request"),
    401: ("15.5.2", "Unauthorized"),
    402: ("15.5.3", "Payment Required"),
    403: ("15.5.4", "Forbidden"),
    404: ("15.5.5", "Not Found"),
    405: ("15.5.6", "Method Not Allowed"),
    409: ("15.5.10", "Conflict"),
    413: ("15.5.14", "Content Too Large"),
    415: ("15.5.16", "Unsupported Media Type"),
    429: ("15.5.21", "Too Many Requests"),
    500: ("15.6.1", "Internal Server Error"),
    503: ("15.6.4", "Service Unavailable"),
}
VALIDATION = "One or more validation errors occurred."
NO_MONEY = "You don't have enough funds to perform this action."
NOT_ALLOWED = "You are not allowed to use this feature."
NOT_ENABLED = "{name} is not enabled for generation. Please contact the model creator."
SAID_BY_FAULT: Mapping[Fault, tuple[int, str]] = {
    Fault.RATE_LIMITED: (429, "Too many workflows are queued."),
    Fault.UNAVAILABLE: (503, "The service is temporarily unavailable."),
    Fault.BAD_KEY: (401, "The token is not valid."),
    Fault.NOT_FOUND: (404, "The resource does not exist."),
    Fault.SERVER_ERROR: (500, "An error occurred while processing your request."),
}


def problem(
    status: int, detail: str | None = None, errors: Mapping[str, Sequence[str]] | None = None
) -> Answer:
    """ProblemDetails."""
    section, title = NAMED_BY_STATUS.get(status, ("15.6.1", "Error"))
    told: dict[str, JsonValue] = {
        "type": f"https://tools.ietf.org/html/rfc9110#section-{section}",
        "title": VALIDATION if errors is not None and "messages" not in errors else title,
        "status": status,
    }
    if detail is not None:
        told["detail"] = detail
    if errors is not None:
        told["errors"] = {path: [*texts] for path, texts in errors.items()}
    answer = Answer.of_json(told, status)
    return Answer(answer.pieces, status, KIND)


def refusal(status: int, detail: str | None = None) -> Refusal:
    """ProblemDetails on their way."""
    return Refusal(problem(status, detail))


def invalid(errors: Mapping[str, Sequence[str]]) -> Refusal:
    """What is wrong with a body, by path."""
    return Refusal(problem(400, errors=errors))


def not_entitled(name: str, facts: Facts) -> Answer:
    """A resource that this account may not generate with; nobody has documented the words."""
    text = NOT_ENABLED.format(name=name)
    match facts.entitlement_refusal:
        case "messages":
            return problem(400, errors={"messages": [text]})
        case "detail":
            return problem(400, text)
        case "forbidden":
            return Answer.of_json(text, 403)
        case "problem":
            return problem(403, text)


def no_money(facts: Facts, text: str = NO_MONEY) -> Answer:
    """An empty purse."""
    match facts.funds_refusal:
        case "text":
            return Answer.of_json(text, 403)
        case "problem":
            return problem(403, text)
        case "payment_required":
            return problem(402, text)

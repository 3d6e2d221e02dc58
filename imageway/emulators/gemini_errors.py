"""Google's errors: the envelope of google.rpc.Status, its details, and what is said of models."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Refusal

RPC = "type.googleapis.com/google.rpc."
JSON_TYPE = "application/json; charset=UTF-8"
DEVELOPER, VERTEX = "generativelanguage.googleapis.com", "aiplatform.googleapis.com"

Detail = dict[str, JsonValue]


def detail(kind: str, **members: JsonValue) -> Detail:
    """One entry of `details`."""
    return {"@type": f"{RPC}{kind}", **members}


def error_info(reason: str, domain: str = "googleapis.com", **metadata: JsonValue) -> Detail:
    """The machine's reason."""
    return detail("ErrorInfo", reason=reason, domain=domain, metadata={**metadata})


def retry_info(delay: str) -> Detail:
    """When to come again."""
    return detail("RetryInfo", retryDelay=delay)


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of error; its message may name {model} and {wait}."""

    code: int
    status: str
    message: str
    details: tuple[Detail, ...] = ()

    def answer(self, **words: str) -> Answer:
        """The error in its envelope, pretty-printed as all of Google's JSON."""
        message = self.message
        for name, word in words.items():
            message = message.replace(f"{{{name}}}", word)
        error: dict[str, JsonValue] = {
            "code": self.code,
            "message": message,
            "status": self.status,
        }
        if self.details:
            error["details"] = [*self.details]
        return told({"error": error}, self.code)


def told(value: JsonValue, status: int = 200) -> Answer:
    """An answer as Google prints it."""
    body = json.dumps(value, indent=2, ensure_ascii=False).encode()
    return Answer((body + b"\n",), status, JSON_TYPE)


def in_array(answer: Answer) -> Answer:
    """The same error inside an array, once."""
    body = b"".join(answer.pieces)
    if answer.status < 400 or not body.startswith(b"{"):
        return answer
    return replace(answer, pieces=(b"[" + body.rstrip() + b"\n]\n",))


def refusal(row: Row, **words: str) -> Refusal:
    """A row, to be raised."""
    return Refusal(row.answer(**words))


def bad_request(message: str) -> Refusal:
    """Something that the service understands and does not take."""
    return refusal(Row(400, "INVALID_ARGUMENT", message))


def unknown_fields(problems: Iterable[tuple[str, str]]) -> Refusal:
    """What is wrong with a body, each with the field in which it stands, in snake case."""
    said = [*problems]
    violations: list[JsonValue] = [
        {"field": field, "description": words} if field else {"description": words}
        for field, words in said
    ]
    message = "\n".join(words for _, words in said)
    details = (detail("BadRequest", fieldViolations=violations),)
    return refusal(Row(400, "INVALID_ARGUMENT", message, details))


def no_model(model: str, version: str, verb: str = "generateContent") -> Row:
    """The same words for a model that is unknown, gone, or asked by the wrong method."""
    return Row(
        404,
        "NOT_FOUND",
        f"models/{model} is not found for API version {version}, or is not supported for {verb}."
        " Call ListModels to see the list of available models and their supported methods.",
    )


def closed_model(model: str) -> Row:
    """A model that only its old users may ask."""
    return Row(
        404,
        "NOT_FOUND",
        f"This model models/{model} is no longer available to new users. Please update your code"
        " to use a newer model for the latest features and improvements.",
    )


def no_publisher_model(resource: str) -> Row:
    """What Vertex says for all of these."""
    return Row(
        404,
        "NOT_FOUND",
        f"Publisher Model `{resource}` was not found or your project does not have access to it."
        " Please ensure you are using a valid model version. For more information, see:"
        " https://cloud.google.com/vertex-ai/generative-ai/docs/learn/model-versions",
    )

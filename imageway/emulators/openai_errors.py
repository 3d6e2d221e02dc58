"""OpenAI's errors: the envelope, a row for each way of failing, and errors inside a stream."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Refusal
from imageway.emulators.faults import Fault

SAFETY = (
    "Your request was rejected by the safety system. If you believe this is an error, contact us"
    " at help.openai.com and include the request ID {request_id}. safety_violations=[violence]."
)
LIMIT = (
    "Rate limit reached for {model} (for limit gpt-image) in organization org-emulated on"
    " input-images per min: Limit 5, Used 5, Requested 1. Please try again in 12s."
)


@dataclass(frozen=True, slots=True)
class Row:
    """One kind of error; its message may name {model}, {key} and {request_id}."""

    status: int
    type: str | None
    code: str | None
    message: str
    param: str | None = None
    details: tuple[str, ...] = ()

    def answer(self, **words: str) -> Answer:
        """The error in its envelope, whose four members are always there."""
        error: dict[str, JsonValue] = {
            "message": self.message.format(**words) if words else self.message,
            "type": self.type,
            "param": self.param,
            "code": self.code,
        }
        if self.details:
            stage, *categories = self.details
            error["moderation_details"] = {
                "moderation_stage": stage,
                "categories": [*categories],
            }
        return Answer.of_json({"error": error}, self.status)


INVALID = "invalid_request_error"
USER = "image_generation_user_error"
GENERATION = "image_generation_server_error"

BAD_KEY = Row(
    401,
    INVALID,
    "invalid_api_key",
    "Incorrect API key provided: {key}. You can find your API key at"
    " https://platform.openai.com/account/api-keys.",
)
BLOCKED = Row(400, USER, "moderation_blocked", SAFETY, details=("input", "violence"))
UNKNOWN_MODEL = Row(
    404,
    INVALID,
    "model_not_found",
    "The model `{model}` does not exist or you do not have access to it.",
)
RETIRED_MODEL = Row(400, USER, "invalid_value", "The model '{model}' does not exist.", "model")
UNVERIFIED = Row(
    403, INVALID, None, "Your organization must be verified to use the model `{model}`."
)
TOO_LARGE = Row(413, INVALID, None, "The request is too large.")
UNREADABLE = Row(400, INVALID, None, "We could not parse the body of your request.")

# The first row of each is its usual one; the others are chosen by a script's `variant`.
ROWS_BY_FAULT: Mapping[Fault, Mapping[str, Row]] = {
    Fault.RATE_LIMITED: {
        "input-images": Row(429, "input-images", "rate_limit_exceeded", LIMIT),
        "images": Row(429, "images", "rate_limit_exceeded", LIMIT),
        "tokens": Row(429, "tokens", "rate_limit_exceeded", LIMIT),
        "requests": Row(429, "requests", "rate_limit_exceeded", LIMIT),
    },
    Fault.UNAVAILABLE: {
        "service_unavailable": Row(503, "service_unavailable", None, "Slow down"),
        "server_error": Row(503, "server_error", None, "Slow down"),
    },
    Fault.BAD_KEY: {"invalid_api_key": BAD_KEY},
    Fault.REFUSED: {
        "moderation_blocked": BLOCKED,
        "output": replace(BLOCKED, details=("output", "violence")),
        "content_policy_violation": Row(
            400,
            INVALID,
            "content_policy_violation",
            "Your request was rejected as a result of our safety system.",
        ),
    },
    Fault.REGION: {
        "unsupported_country": Row(
            403,
            INVALID,
            "unsupported_country_region_territory",
            "Country, region, or territory not supported",
        )
    },
    Fault.FORBIDDEN: {"unverified": UNVERIFIED},
    Fault.QUOTA: {
        "insufficient_quota": Row(
            429,
            "insufficient_quota",
            "insufficient_quota",
            "You exceeded your current quota, please check your plan and billing details.",
        ),
        "project_spend_limit_exceeded": Row(
            429,
            "insufficient_quota",
            "project_spend_limit_exceeded",
            "The spending cap of this project has been reached.",
        ),
        "billing_hard_limit_reached": Row(
            400, INVALID, "billing_hard_limit_reached", "Billing hard limit has been reached"
        ),
    },
    Fault.NOT_FOUND: {"model_not_found": UNKNOWN_MODEL, "retired": RETIRED_MODEL},
    Fault.SERVER_ERROR: {
        "server_error": Row(
            500,
            "server_error",
            None,
            "The server had an error while processing your request. Sorry about that!",
        ),
        "image_generation_failed": Row(
            500, GENERATION, "image_generation_failed", "Image generation failed"
        ),
    },
}


def unknown_url(method: str, path: str) -> Row:
    """A route that is not there."""
    return Row(404, INVALID, "unknown_url", f"Invalid URL ({method} {path})")


def unknown_parameter(name: str) -> Refusal:
    """A field that this model or route does not take."""
    return refusal(Row(400, INVALID, "unknown_parameter", f"Unknown parameter: '{name}'.", name))


def invalid_value(name: str, value: JsonValue, supported: str) -> Refusal:
    """A value that is none of those supported."""
    shown = value if isinstance(value, str) else json.dumps(value)
    message = f"Invalid value: '{shown}'. Supported values are: {supported}"
    return refusal(Row(400, INVALID, "invalid_value", message, name))


def invalid(name: str, message: str, code: str = "invalid_value", kind: str = INVALID) -> Refusal:
    """A field that is wrong for a reason of its own."""
    return refusal(Row(400, kind, code, message, name))


def invalid_file(message: str) -> Refusal:
    """An uploaded file that cannot be used."""
    return refusal(Row(400, USER, "invalid_image_file", message))


def refusal(row: Row, **words: str) -> Refusal:
    """A row, to be raised."""
    return Refusal(row.answer(**words))

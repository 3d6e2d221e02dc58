"""What a vendor's word for a failure means, as tables: by its code, its type, its HTTP status."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from imageway.adapters.openai.wire import VendorError
from imageway.core.errors import ErrorCode
from imageway.core.reply import CODE_BY_STATUS


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of a failure; the texts may name {who}, {model} and {param}.

    A param is what the vendor means where it names none.
    """

    code: ErrorCode
    message: str
    hint: str | None = None
    param: str | None = None


REJECTED = Row(ErrorCode.REJECTED, "{who} refused the content", "say it otherwise")
MONEY = Row(
    ErrorCode.QUOTA_EXHAUSTED,
    "the money or the allowance at {who} is spent",
    "look at the balance and the limits of this account",
)
REGION = Row(
    ErrorCode.FORBIDDEN,
    "{who} does not serve the country that this machine calls from",
    "call from another country, or choose another provider",
)
FORBIDDEN = Row(
    ErrorCode.FORBIDDEN,
    "{who} does not let this account do that",
    "some models want an organization that was verified in the account's settings",
)
BAD_KEY = Row(
    ErrorCode.UNAUTHENTICATED,
    "{who} refused imageway's key",
    "look at api_key, organization and project of this provider",
)
NO_KEY = Row(
    ErrorCode.UNAUTHENTICATED,
    "{who} wants a key, and imageway has none for it",
    'write api_key = { env = "NAME" } for this provider',
)
NO_MODEL = Row(ErrorCode.NOT_FOUND, "{who} has no model {model!r}, or not for this account")
NO_ROUTE = Row(
    ErrorCode.NOT_FOUND,
    "{who} has no such route",
    "look at this provider's base_url; it usually ends with /v1",
)
TOO_LARGE = Row(
    ErrorCode.TOO_LARGE, "the request is too large for {who}", "send smaller or fewer pictures"
)
LIMITED = Row(ErrorCode.RATE_LIMITED, "{who} is asked too often just now")
DOWN = Row(ErrorCode.UNAVAILABLE, "{who} is overloaded or had an error of its own")
FAILED = Row(ErrorCode.FAILED, "{who} tried and made nothing")
UNSUPPORTED = Row(ErrorCode.UNSUPPORTED, "{who} cannot do that with {model!r}")
UNKNOWN_PARAMETER = Row(
    ErrorCode.INVALID_REQUEST, "{who} takes no {param} with {model!r}", "leave it out"
)
BAD_VALUE = Row(ErrorCode.INVALID_REQUEST, "{who} refuses the value of {param!r}")
BAD_REQUEST = Row(ErrorCode.INVALID_REQUEST, "{who} refuses this request")
BAD_FILE = Row(
    ErrorCode.INVALID_REQUEST,
    "{who} cannot read one of the pictures",
    "send a whole PNG, JPEG or WebP image; a mask is a PNG with transparency",
    "image",
)

# https://developers.openai.com/api/docs/guides/error-codes, and what was seen of the Images API.
ROW_BY_CODE: Mapping[str, Row] = {
    "moderation_blocked": REJECTED,
    "content_policy_violation": REJECTED,
    "insufficient_quota": MONEY,
    "project_spend_limit_exceeded": MONEY,
    "billing_hard_limit_reached": MONEY,
    "invalid_api_key": BAD_KEY,
    "unsupported_country_region_territory": REGION,
    "model_not_found": NO_MODEL,
    "unknown_url": NO_ROUTE,
    "rate_limit_exceeded": LIMITED,
    "unknown_parameter": UNKNOWN_PARAMETER,
    "unsupported_parameter": UNKNOWN_PARAMETER,
    "invalid_input_fidelity_model": UNKNOWN_PARAMETER,
    "invalid_value": BAD_VALUE,
    "missing_required_parameter": BAD_VALUE,
    "invalid_image_file": BAD_FILE,
    "image_generation_failed": FAILED,
    "unsupported": UNSUPPORTED,
}
ROW_BY_TYPE: Mapping[str, Row] = {
    "insufficient_quota": MONEY,
    "image_generation_server_error": FAILED,
    "image_generation_user_error": BAD_VALUE,
    "service_unavailable": DOWN,
    "server_error": DOWN,
}
ROW_BY_STATUS: Mapping[int, Row] = {
    400: BAD_VALUE,
    401: BAD_KEY,
    402: MONEY,
    403: FORBIDDEN,
    404: NO_MODEL,
    405: NO_ROUTE,
    413: TOO_LARGE,
    422: BAD_VALUE,
    429: LIMITED,
    451: REGION,
    503: DOWN,
}
NEEDS_PARAM = (UNKNOWN_PARAMETER, BAD_VALUE)

# A retired model answers 400 and not 404: "The model 'dall-e-3' does not exist."
NO_SUCH_MODEL = re.compile(r"\bmodel\b.*\bdoes not exist\b", re.IGNORECASE)
# What web frameworks say of a route that is not there.
ROUTE_WORDS = frozenset({"", "not found", "404 page not found"})
IN_AN_ANSWER = 200


def row_of(said: VendorError, status: int) -> Row:
    """The vendor's code counts first, then its type, then the status; 200 is a whole answer's."""
    words = said.message or ""
    if status in (IN_AN_ANSWER, 400) and (said.param == "model" or NO_SUCH_MODEL.search(words)):
        return NO_MODEL
    if status == 404 and words.lower() in ROUTE_WORDS:
        return NO_ROUTE
    found = ROW_BY_CODE.get(said.code or "") or ROW_BY_TYPE.get(said.type or "")
    found = found or ROW_BY_STATUS.get(status) or _by_status(status)
    return BAD_REQUEST if found in NEEDS_PARAM and said.param is None else found


def _by_status(status: int) -> Row:
    if status == IN_AN_ANSWER:
        return Row(ErrorCode.FAILED, "{who} answered with an error in place of a picture")
    other = ErrorCode.UNAVAILABLE if status >= 500 else ErrorCode.BAD_ANSWER
    return Row(CODE_BY_STATUS.get(status, other), f"{{who}} answered with HTTP {status}")

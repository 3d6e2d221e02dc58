"""What Google's words for a failure mean, as tables: by reason, by sentence, by status."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from imageway.core.errors import ErrorCode


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of a failure; the texts may name {who} and {model}."""

    code: ErrorCode
    message: str
    hint: str | None = None


REJECTED = Row(
    ErrorCode.REJECTED, "{who} refused the content", "say it otherwise; nobody else is asked"
)
BAD_KEY = Row(
    ErrorCode.UNAUTHENTICATED,
    "{who} refused imageway's key",
    "look at api_key of this provider; keys are made at aistudio.google.com/apikey",
)
EXPIRED = Row(
    ErrorCode.UNAUTHENTICATED,
    "{who} says that imageway's key has expired",
    "make a new one at aistudio.google.com/apikey",
)
NO_KEY = Row(
    ErrorCode.UNAUTHENTICATED,
    "{who} wants a key, and imageway has none for it",
    'write api_key = {{ env = "GEMINI_API_KEY" }} for this provider',
)
BAD_TOKEN = Row(
    ErrorCode.UNAUTHENTICATED,
    "{who} refused imageway's Google credentials",
    "look at vertex.credentials and vertex.project of this provider",
)
LEAKED = Row(
    ErrorCode.FORBIDDEN,
    "{who} has closed imageway's key, for it was seen in public",
    "make a new one at aistudio.google.com/apikey, and keep it out of files and logs",
)
DISABLED = Row(
    ErrorCode.FORBIDDEN,
    "the project of imageway's key may not use this API of {who}",
    "enable the API for the key's project where the vendor's words say, or use another key",
)
RESTRICTED = Row(
    ErrorCode.FORBIDDEN,
    "the key that imageway has for {who} is restricted, and not for this",
    "lift the key's restrictions at console.cloud.google.com/apis/credentials",
)
NO_PERMISSION = Row(
    ErrorCode.FORBIDDEN,
    "{who} does not let this account ask {model!r}",
    "give it the role Vertex AI User in the project, and look at vertex.project",
)
FORBIDDEN = Row(
    ErrorCode.FORBIDDEN,
    "{who} does not let this account do that",
    "look at the key's project, or choose another provider",
)
REGION = Row(
    ErrorCode.FORBIDDEN,
    "{who} does not serve the country that this machine calls from",
    "call from another country, use Vertex AI, or choose another provider",
)
MONEY = Row(
    ErrorCode.QUOTA_EXHAUSTED,
    "{who} wants money first",
    "look at the billing of the key's project at aistudio.google.com",
)
ALLOWANCE = Row(
    ErrorCode.QUOTA_EXHAUSTED,
    "the allowance at {who} is used up, and waiting a little does not help",
    "look at the limits and the plan of the key's project at aistudio.google.com",
)
LIMITED = Row(ErrorCode.RATE_LIMITED, "{who} is asked too often just now")
DOWN = Row(ErrorCode.UNAVAILABLE, "{who} is overloaded or had an error of its own")
STOPPED = Row(ErrorCode.UNAVAILABLE, "{who} gave up in the middle")
TOO_SLOW = Row(ErrorCode.TIMEOUT, "{who} did not finish in its own time")
NO_MODEL = Row(
    ErrorCode.NOT_FOUND,
    "{who} has no model {model!r}, or not for this account",
    "`imageway models` lists what there is",
)
NO_ROUTE = Row(
    ErrorCode.NOT_FOUND,
    "{who} has no such address",
    "look at base_url and version of this provider",
)
NO_FILE = Row(
    ErrorCode.UNAVAILABLE,
    "{who} does not have an uploaded reference any more",
    "it is uploaded anew with the next attempt",
)
BAD_PICTURE = Row(
    ErrorCode.INVALID_REQUEST,
    "{who} cannot read one of the references",
    "send a whole PNG, JPEG or WebP image",
)
UNSUPPORTED = Row(
    ErrorCode.UNSUPPORTED,
    "{who} cannot do that with {model!r}",
    "leave it out, or choose another model",
)
NO_PICTURES = Row(
    ErrorCode.UNSUPPORTED,
    "{model!r} of {who} draws no pictures",
    "choose one whose name has `-image` or `nano-banana` in it",
)
UNKNOWN_FIELD = Row(
    ErrorCode.INVALID_REQUEST,
    "{who} does not know a field of the request",
    "the vendor's words name it; leave it out",
)
BAD_REQUEST = Row(
    ErrorCode.INVALID_REQUEST, "{who} does not take this request", "the vendor's words say why"
)
TOO_LARGE = Row(
    ErrorCode.TOO_LARGE, "the request is too large for {who}", "send smaller or fewer references"
)

# https://cloud.google.com/apis/design/errors#error_info: reasons are stable, sentences are not.
ROW_BY_REASON: Mapping[str, Row] = {
    "API_KEY_INVALID": BAD_KEY,
    "API_KEY_SERVICE_BLOCKED": RESTRICTED,
    "API_KEY_HTTP_REFERRER_BLOCKED": RESTRICTED,
    "API_KEY_IP_ADDRESS_BLOCKED": RESTRICTED,
    "SERVICE_DISABLED": DISABLED,
    "IAM_PERMISSION_DENIED": NO_PERMISSION,
    "BILLING_DISABLED": MONEY,
    "RATE_LIMIT_EXCEEDED": LIMITED,
    "ACCESS_TOKEN_EXPIRED": BAD_TOKEN,
    "ACCESS_TOKEN_TYPE_UNSUPPORTED": BAD_TOKEN,
    "CREDENTIALS_MISSING": BAD_TOKEN,
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that means something else than its status."""

    words: re.Pattern[str]
    row: Row


def _says(words: str, row: Row) -> Sentence:
    return Sentence(re.compile(words, re.IGNORECASE), row)


# https://ai.google.dev/gemini-api/docs/troubleshooting, and what was seen of the live service.
SENTENCES = (
    _says(r"Responsible AI practices|Support codes?:", REJECTED),
    _says(r"API key expired", EXPIRED),
    _says(r"API key not valid", BAD_KEY),
    _says(r"reported as leaked", LEAKED),
    _says(r"unregistered callers", NO_KEY),
    _says(r"prepayment credits|enable billing|billed users|billing account", MONEY),
    _says(r"not available in your country|location is not supported", REGION),
    _says(r"has not been used in project|it is disabled", DISABLED),
    _says(r"Requests to this API .* are blocked", RESTRICTED),
    _says(r"permission to access the File|not in an ACTIVE state", NO_FILE),
    _says(r"is not found for API version|Publisher Model|no longer available to", NO_MODEL),
    _says(r"process input image|failed to decode image", BAD_PICTURE),
    _says(r"response modalities", NO_PICTURES),
    _says(r"not supported for this model|not enabled for this model", UNSUPPORTED),
    _says(r"Unknown name", UNKNOWN_FIELD),
    _says(r"limit: 0\b", ALLOWANCE),
)
ROW_BY_STATUS: Mapping[int, Row] = {
    400: BAD_REQUEST,
    401: BAD_TOKEN,
    403: FORBIDDEN,
    404: NO_MODEL,
    408: TOO_SLOW,
    413: TOO_LARGE,
    429: LIMITED,
    499: STOPPED,
    503: DOWN,
    504: TOO_SLOW,
}
# A quota that ends with the day is not worth waiting for.
FOR_A_DAY = re.compile(r"PerDay", re.IGNORECASE)

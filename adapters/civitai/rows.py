"""What a status or a code of CivitAI means, as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from imageway.core.errors import ErrorCode
from imageway.core.reply import CODE_BY_STATUS


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of a failure; the texts may name {who} and {status}."""

    code: ErrorCode
    message: str
    hint: str | None = None


BAD_REQUEST = Row(
    ErrorCode.INVALID_REQUEST,
    "{who} refuses this request",
    "its own words say which field; change that",
)
NOT_RUN = Row(
    ErrorCode.UNSUPPORTED,
    "{who}'s generator does not run one of the resources for this account",
    "`imageway entitlement NAME` tells why: it may be early access, private, or not supported",
)
BAD_KEY = Row(
    ErrorCode.UNAUTHENTICATED,
    "{who} refused imageway's key",
    "make a new one in the account settings of the site, and put it into api_key",
)
MONEY = Row(
    ErrorCode.QUOTA_EXHAUSTED,
    "there is not enough Buzz in this account at {who}",
    "buy some at the site, or ask for fewer or smaller pictures",
)
# Said for a lack of money as well; who reads it asks what the same would cost.
FORBIDDEN = Row(
    ErrorCode.FORBIDDEN,
    "{who} does not let this account do that",
    "a limit on this key, mature content or a feature of a higher tier may be the reason",
)
SCOPE = Row(
    ErrorCode.FORBIDDEN,
    "imageway's key for {who} lacks a permission",
    "make a key that may use the AI services, and read the user",
)
REGION = Row(
    ErrorCode.FORBIDDEN,
    "{who} does not serve the country that this machine calls from",
    "call from another country, or choose another provider",
)
NOT_FOUND = Row(ErrorCode.NOT_FOUND, "{who} has nothing of that name, or not for this account")
NO_ROUTE = Row(
    ErrorCode.NOT_FOUND,
    "{who} has no such route",
    "look at base_url and orchestrator_url of this provider",
)
CONFLICT = Row(ErrorCode.CONFLICT, "{who} has ended this workflow already")
TOO_LARGE = Row(ErrorCode.TOO_LARGE, "the request is too large for {who}")
LIMITED = Row(
    ErrorCode.RATE_LIMITED,
    "{who} takes no more just now: too many calls, or too many workflows in its queue",
)
PAGES = Row(
    ErrorCode.INVALID_REQUEST,
    "{who} lists no further by pages",
    "leave page out, and go on with the cursor of each answer",
)
DOWN = Row(ErrorCode.UNAVAILABLE, "{who} is overloaded or had an error of its own ({status})")
SLOW = Row(ErrorCode.TIMEOUT, "{who} took too long ({status})")

ROW_BY_CODE: Mapping[str, Row] = {"insufficient_scope": SCOPE, "REGION_BLOCKED": REGION}
ROW_BY_STATUS: Mapping[int, Row] = {
    400: BAD_REQUEST,
    401: BAD_KEY,
    402: MONEY,
    403: FORBIDDEN,
    404: NOT_FOUND,
    405: NO_ROUTE,
    409: CONFLICT,
    413: TOO_LARGE,
    415: BAD_REQUEST,
    422: BAD_REQUEST,
    429: LIMITED,
    451: REGION,
    504: SLOW,
    524: SLOW,
}
# A status from 500 on proves nothing, 503 neither: only the same key tells whether there is a
# workflow (https://developer.civitai.com/orchestration/guide/errors-and-retries).
REFUSALS = frozenset(range(400, 500))


def row_of(status: int, code: str | None) -> Row:
    """The code counts first, then the status."""
    found = ROW_BY_CODE.get(code or "") or ROW_BY_STATUS.get(status)
    if found is not None:
        return found
    if status >= 500:
        return DOWN
    return Row(CODE_BY_STATUS.get(status, ErrorCode.BAD_ANSWER), "{who} answered with {status}")

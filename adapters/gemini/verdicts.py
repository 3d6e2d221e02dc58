"""Why an answer of status 200 has no picture, as tables; such an answer is no success."""

from __future__ import annotations

import re
from collections.abc import Mapping

from imageway.adapters.gemini.rows import Row
from imageway.core.errors import ErrorCode

# The vendor's own words for it; only then nothing counts as charged.
FREE = re.compile(r"will not be charged", re.IGNORECASE)

BLOCKED = Row(
    ErrorCode.REJECTED,
    "{who} refused the prompt or the references",
    "say it otherwise, or send other references",
)
FILTERED = Row(
    ErrorCode.REJECTED,
    "{who} held the picture back",
    "say it otherwise; the same words may pass another time",
)
RECITED = Row(
    ErrorCode.REJECTED,
    "{who} held the picture back, for it was too like an existing work",
    "ask for something of your own",
)
POLICY = Row(
    ErrorCode.REJECTED,
    "{who} refused by a policy of this account or project",
    "say it otherwise, or look at the project's policies (Model Armor)",
)
LIMITED_ACCOUNT = Row(
    ErrorCode.FORBIDDEN,
    "{who} has limited what this account may draw",
    "look at the account's notices at aistudio.google.com",
)
NO_IMAGE = Row(
    ErrorCode.FAILED,
    "{who} made no picture of this prompt",
    "say what is to be drawn; the model may also have declined",
)
IN_WORDS = Row(
    ErrorCode.FAILED,
    "{who} answered in words and made no picture",
    "the words say why; say it otherwise",
)
EMPTY = Row(ErrorCode.FAILED, "{who} answered with nothing at all", "ask again")
BROKEN = Row(ErrorCode.FAILED, "{who} tried and made no picture", "ask again")
TOO_LONG = Row(
    ErrorCode.FAILED,
    "{who} reached its token limit before there was a picture",
    "say it in fewer words, or let the model think less (quality)",
)
GOES_ON = Row(
    ErrorCode.FAILED,
    "{who} wants to go on in a further request, which imageway does not do",
    "ask for less at once",
)
UNSIGNED = Row(
    ErrorCode.INVALID_REQUEST,
    "{who} misses a thought signature in the history",
    "send the model's turns back as they were, thoughtSignature and all",
)
UNKNOWN = Row(ErrorCode.FAILED, "{who} made no picture, for a reason that is not known here")

# https://ai.google.dev/api/generate-content#FinishReason
ROW_BY_FINISH: Mapping[str, Row] = {
    "IMAGE_SAFETY": FILTERED,
    "IMAGE_PROHIBITED_CONTENT": FILTERED,
    "PROHIBITED_CONTENT": FILTERED,
    "SAFETY": FILTERED,
    "BLOCKLIST": FILTERED,
    "SPII": FILTERED,
    "IMAGE_RECITATION": RECITED,
    "RECITATION": RECITED,
    "MODEL_ARMOR": POLICY,
    "ESCALATION": POLICY,
    "PUP_LIMITED_DISABLED": LIMITED_ACCOUNT,
    "NO_IMAGE": NO_IMAGE,
    "IMAGE_OTHER": BROKEN,
    "OTHER": BROKEN,
    "MALFORMED_RESPONSE": BROKEN,
    "MALFORMED_FUNCTION_CALL": BROKEN,
    "UNEXPECTED_TOOL_CALL": BROKEN,
    "TOO_MANY_TOOL_CALLS": BROKEN,
    "LANGUAGE": BROKEN,
    "FINISH_REASON_UNSPECIFIED": BROKEN,
    "MAX_TOKENS": TOO_LONG,
    "CONTINUATION": GOES_ON,
    "MISSING_THOUGHT_SIGNATURE": UNSIGNED,
}
STOP = "STOP"


def row_of_finish(reason: str, *, has_words: bool) -> Row:
    """What an end without a picture means; a reason that is new is a failure all the same."""
    if reason == STOP:
        return IN_WORDS if has_words else EMPTY
    return ROW_BY_FINISH.get(reason, UNKNOWN)

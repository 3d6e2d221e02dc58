"""The codes on which a route goes on to its next model, and why some are never among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated

from pydantic import BeforeValidator, Field

from imageway.core.errors import RULE_BY_CODE, ErrorCode

CURABLE = frozenset(code for code, rule in RULE_BY_CODE.items() if rule.another)
WORDS: Sequence[str] = sorted(str(code) for code in CURABLE)
REASON_BY_CODE: Mapping[ErrorCode, str] = {
    ErrorCode.INVALID_REQUEST: "the caller must change the request",
    ErrorCode.TOO_LARGE: "the caller must send less",
    ErrorCode.REJECTED: "a refusal of the content is an answer",
    ErrorCode.CONFLICT: "the caller has sent something else under the same key",
    ErrorCode.OUTCOME_UNKNOWN: "it may have been charged, and would be paid twice",
    ErrorCode.CANCELLED: "the caller wants it no more",
    ErrorCode.MISCONFIGURED: "the file must be mended",
    ErrorCode.INTERNAL: "a bug must be seen",
}


def codes(value: object) -> object:
    """Read a list of codes; one that is never routed around is refused with the reason."""
    if not isinstance(value, list):
        raise ValueError('must be a list of codes, such as ["unavailable", "rate_limited"]')
    items: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]: each is checked below
    return frozenset(map(_code, items))


def _code(word: object) -> ErrorCode:
    code = next((each for each in ErrorCode if each == word), None)
    if code is None:
        near = [f"did you mean {each!r}?" for each in get_close_matches(str(word), WORDS, n=1)]
        known = near or [f"there is {', '.join(WORDS)}"]
        raise ValueError(f"{word!r} is no code; {known[0]}")
    if code not in CURABLE:
        raise ValueError(f"{code.value!r} is never routed around: {REASON_BY_CODE[code]}")
    return code


_Words = Annotated[list[str], Field(json_schema_extra={"items": {"enum": [*WORDS]}})]
Conditions = Annotated[frozenset[ErrorCode], BeforeValidator(codes, json_schema_input_type=_Words)]

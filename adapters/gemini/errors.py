"""One failure in Google's words → one of ours, with what helps to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue, TypeAdapter, ValidationError
from pydantic.alias_generators import to_snake

from imageway.adapters.gemini.rows import (
    ALLOWANCE,
    BAD_KEY,
    BAD_TOKEN,
    FOR_A_DAY,
    NO_ROUTE,
    ROW_BY_REASON,
    ROW_BY_STATUS,
    SENTENCES,
    UNSUPPORTED,
    Row,
)
from imageway.adapters.gemini.wire import ErrorBody, VendorError
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.options import Option
from imageway.core.reply import CODE_BY_STATUS

LONGEST = 500
KEY_LIKE = re.compile(r"\bAIza[\w-]{10,}|\bya29\.[\w.-]+|\bBearer\s+\S+")
# How long the bodies are that are looked at; an error of Google's is never larger.
LARGEST_BODY = 1 << 20
RETRY_IN = re.compile(r"retry in (\d{1,7}(?:\.\d{1,9})?)s", re.IGNORECASE)
DURATION = re.compile(r"(\d{1,7}(?:\.\d{1,9})?)s")
MAY_SAY_WHEN = frozenset({ErrorCode.RATE_LIMITED, ErrorCode.UNAVAILABLE})
BODY = TypeAdapter[ErrorBody | list[ErrorBody]](ErrorBody | list[ErrorBody])

Detail = Mapping[str, JsonValue]

# The last part of Google's path to a field → ours.
OUR_NAME: Mapping[str, str] = {
    "aspect_ratio": Option.ASPECT,
    "image_size": Option.SIZE,
    "sample_image_size": Option.SIZE,
    "seed": Option.SEED,
    "data": Option.REFERENCES,
    "inline_data": Option.REFERENCES,
    "text": "prompt",
    "prompt": "prompt",
    "negative_prompt": Option.NEGATIVE_PROMPT,
    "guidance_scale": Option.GUIDANCE,
    "mime_type": Option.FORMAT,
}
PARAM_BY_WORDS: Mapping[str, str] = {
    "aspect ratio": Option.ASPECT,
    "image size": Option.SIZE,
    "image_size": Option.SIZE,
    "aspect_ratio": Option.ASPECT,
}


@dataclass(frozen=True, slots=True)
class Explainer:
    """Reads the failures of one call; `secret` never comes out again, whoever repeats it."""

    who: str
    model: str
    secret: str | None = field(default=None, repr=False)

    def explain(self, status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
        """What a refusal means; a body that is no known JSON says nothing but its status."""
        said = read(body)
        if status == 404 and said.message is None:
            return ImagewayError.carrying(self._info(NO_ROUTE, said))
        return ImagewayError.carrying(self._info(row_of(said, status), said))

    def inside(self, said: VendorError) -> ImagewayError:
        """What an error inside an answer means."""
        return ImagewayError.carrying(self._info(row_of(said, said.code or 500), said))

    def of(self, row: Row, words: str | None = None, code: str | None = None) -> ErrorInfo:
        """A failure that an answer tells without an error."""
        return self._info(row, VendorError(message=words, status=code))

    def _info(self, row: Row, said: VendorError) -> ErrorInfo:
        # Whoever has a key has no credentials that could be looked at.
        row = BAD_KEY if row is BAD_TOKEN and self.secret is not None else row
        param = _param(said) if row.code is ErrorCode.INVALID_REQUEST or row is UNSUPPORTED else ""
        return ErrorInfo(
            code=row.code,
            message=row.message.format(who=self.who, model=self.model),
            hint=row.hint and row.hint.format(who=self.who, model=self.model),
            origin="vendor",
            retry_after=_when(said) if row.code in MAY_SAY_WHEN else None,
            vendor_code=self.shown(_reason(said) or said.status),
            vendor_message=self.shown(said.message),
            details={"param": param} if param else {},
        )

    def shown(self, text: str | None) -> str | None:
        """The vendor's words in one line, without anything like a key."""
        if not text:
            return None
        text = text.replace(self.secret, "…") if self.secret else text
        line = KEY_LIKE.sub("…", " ".join(text.split()))
        return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def read(body: bytes) -> VendorError:
    """The error of a body, which may stand in an array; an empty one where there is none."""
    try:
        found = BODY.validate_json(body[:LARGEST_BODY])
    except ValidationError:
        return VendorError()
    first = found if isinstance(found, ErrorBody) else next(iter(found), ErrorBody())
    return first.error or VendorError()


def row_of(said: VendorError, status: int) -> Row:
    """The machine's reason counts first, then the sentence, then the status."""
    reason, words = _reason(said), said.message or ""
    by_words = next((each.row for each in SENTENCES if each.words.search(words)), None)
    if status == 429 and _lasts_a_day(said):
        return ALLOWANCE
    by_reason = ROW_BY_REASON.get(reason or "")
    if by_reason is not None and (by_words is None or by_words.code != by_reason.code):
        return by_reason
    return by_words or ROW_BY_STATUS.get(status) or _by_status(status)


def _by_status(status: int) -> Row:
    if status < 500:
        code = CODE_BY_STATUS.get(status, ErrorCode.BAD_ANSWER)
        return Row(code, f"{{who}} answered with HTTP {status}")
    return Row(ErrorCode.UNAVAILABLE, "{who} is overloaded or had an error of its own")


def _details(said: VendorError, kind: str) -> Iterator[Detail]:
    for detail in said.details:
        if detail is not None and str(detail.get("@type", "")).endswith(f".{kind}"):
            yield detail


def _reason(said: VendorError) -> str | None:
    for detail in _details(said, "ErrorInfo"):
        reason = detail.get("reason")
        return reason if isinstance(reason, str) else None
    return None


def _lasts_a_day(said: VendorError) -> bool:
    return any(FOR_A_DAY.search(str(detail)) for detail in _details(said, "QuotaFailure"))


def _when(said: VendorError) -> float | None:
    """Google's detail, else its sentence; a header is read by who has the answer."""
    for detail in _details(said, "RetryInfo"):
        if found := DURATION.fullmatch(str(detail.get("retryDelay"))):
            return float(found[1])
    told = RETRY_IN.search(said.message or "")
    return float(told[1]) if told else None


def _param(said: VendorError) -> str:
    """The field of our request that is to blame, where one can be told."""
    for detail in _details(said, "BadRequest"):
        violations = detail.get("fieldViolations")
        first = violations[0] if isinstance(violations, list) and violations else None
        if isinstance(first, dict):
            name = to_snake(str(first.get("field", "")).rpartition(".")[2])
            return OUR_NAME.get(name, "")
    words = (said.message or "").lower()
    return next((name for part, name in PARAM_BY_WORDS.items() if part in words), "")

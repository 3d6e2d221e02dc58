"""One failure in the vendor's words → one of ours, with what helps to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from pydantic import JsonValue, TypeAdapter, ValidationError

from imageway.adapters.openai.models import END_BY_NAME, MODEL_BY_NAME
from imageway.adapters.openai.rows import (
    BAD_KEY,
    IN_AN_ANSWER,
    NO_KEY,
    NO_MODEL,
    REJECTED,
    Row,
    row_of,
)
from imageway.adapters.openai.wire import ErrorBody, VendorError
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.options import Option
from imageway.core.reply import retry_after

# The vendor's name of a field → ours; what is in neither list belongs to the extras.
OUR_NAME: Mapping[str, str] = {
    "n": "count",
    "output_format": "format",
    "partial_images": "previews",
    "stream": "previews",
    "image": "references",
    "image[]": "references",
    "images": "references",
    "num_inference_steps": "steps",
    "guidance_scale": "guidance",
}
FIELDS = frozenset({*map(str, Option), "prompt", "model", "count"})

# OpenAI shows a refused key with asterisks in its middle, others show it whole.
KEY_LIKE = re.compile(r"\b(?:sk|pk|rk|sess)-[\w.*…-]+|\bBearer\s+\S+|\S*\*{3,}\S*")
REQUEST_ID = re.compile(r"\brequest ID (req_\w+)")
CATEGORIES = re.compile(r"safety_violations=\[([^\]]*)\]")
LONGEST = 500
LISTED = "`imageway models` lists what there is"
TRY_AGAIN = re.compile(r"try again in ((?:\d{1,9}(?:\.\d{1,6})?(?:ms|[hms]))+)", re.IGNORECASE)
DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)(ms|[hms])", re.IGNORECASE)
SECONDS_BY_UNIT = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
RESET, REMAINING = "x-ratelimit-reset-", "x-ratelimit-remaining-"
MAY_SAY_WHEN = frozenset({ErrorCode.RATE_LIMITED, ErrorCode.UNAVAILABLE})

HINT_BY_STAGE: Mapping[str, str] = {
    "input": "change the prompt or the pictures that were sent",
    "output": "the picture that was made was held back; change the prompt",
}
BODY = TypeAdapter[ErrorBody | list[ErrorBody]](ErrorBody | list[ErrorBody])


@dataclass(frozen=True, slots=True)
class Explainer:
    """Reads the failures of one call; `secret` never comes out again, whoever repeats it."""

    who: str
    model: str
    secret: str | None = field(default=None, repr=False)

    def explain(self, status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
        """What a refusal means; a body that is no known JSON says nothing but its status."""
        headers = {name.lower(): value for name, value in headers.items()}
        said = _read(body)
        info = self._info(row_of(said, status), said, headers)
        return ImagewayError.carrying(info)

    def inside(self, said: VendorError) -> ImagewayError:
        """What an error inside an answer means."""
        return ImagewayError.carrying(self._info(row_of(said, IN_AN_ANSWER), said, {}))

    def _info(self, row: Row, said: VendorError, headers: Mapping[str, str]) -> ErrorInfo:
        row = NO_KEY if row is BAD_KEY and self.secret is None else row
        blamed = (said.param or row.param) if row.code is ErrorCode.INVALID_REQUEST else None
        name = OUR_NAME.get(blamed or "", blamed or "")
        param = name if name in FIELDS else f"openai.{name}"
        return ErrorInfo(
            code=row.code,
            message=row.message.format(who=self.who, model=self.model, param=name),
            hint=self._hint(row, said),
            origin="vendor",
            retry_after=_when(said, headers) if row.code in MAY_SAY_WHEN else None,
            request_id=headers.get("x-request-id") or _quoted_id(said),
            vendor_code=self._shown(said.status or said.code or said.type),
            vendor_message=self._shown(said.message),
            details={**({"param": param} if blamed else {}), **_moderation(said)},
        )

    def _hint(self, row: Row, said: VendorError) -> str | None:
        if row is NO_MODEL:
            return _instead_of(self.model)
        if row is REJECTED and said.moderation_details is not None:
            return HINT_BY_STAGE.get(said.moderation_details.moderation_stage or "", row.hint)
        return row.hint

    def _shown(self, text: str | None) -> str | None:
        """The vendor's words in one line, without anything like a key."""
        if not text:
            return None
        text = text.replace(self.secret, "…") if self.secret else text
        line = KEY_LIKE.sub("…", " ".join(text.split()))
        return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _instead_of(model: str) -> str:
    """What to ask in place of a model that is not there."""
    if end := END_BY_NAME.get(model):
        return f"its end was set for {end.on}; use {end.instead!r}"
    near = get_close_matches(model, MODEL_BY_NAME, 1)
    return f"did you mean {near[0]!r}? {LISTED}" if near else LISTED


def _read(body: bytes) -> VendorError:
    try:
        found = BODY.validate_json(body)
    except ValidationError:
        return VendorError()
    first = found if isinstance(found, ErrorBody) else next(iter(found), ErrorBody())
    if first.error is not None:
        return first.error
    if isinstance(first.detail, list) and first.detail:
        place = [str(part) for part in first.detail[0].loc if part != "body"]
        return VendorError(message=first.detail[0].msg, param=".".join(place) or None)
    return VendorError(message=first.detail if isinstance(first.detail, str) else first.message)


def _moderation(said: VendorError) -> dict[str, JsonValue]:
    """The stage and the categories; older answers write the second into their sentence."""
    details = said.moderation_details
    found = CATEGORIES.search(said.message or "")
    written = [each.strip() for each in found[1].split(",")] if found else []
    stage = details.moderation_stage if details else None
    categories: list[JsonValue] = [*(details.categories if details else written)]
    return {
        **({"moderation_stage": stage} if stage else {}),
        **({"categories": categories} if categories else {}),
    }


def _quoted_id(said: VendorError) -> str | None:
    """The id in the sentence; inside a stream there are no headers of its own."""
    found = REQUEST_ID.search(said.message or "")
    return found[1] if found else None


def _when(said: VendorError, headers: Mapping[str, str]) -> float | None:
    """OpenAI's header, then HTTP's, then the sentence, and last the limits that are used up."""
    names = ("Retry-After-Ms", "Retry-After")
    found = retry_after({name: headers.get(name.lower(), "") for name in names})
    if found is not None:
        return found
    told = TRY_AGAIN.search(said.message or "")
    return _seconds(told[1]) if told else max(_resets(headers), default=None)


def _resets(headers: Mapping[str, str]) -> Iterator[float]:
    for name, value in headers.items():
        limit = name.removeprefix(RESET)
        used_up = headers.get(f"{REMAINING}{limit}", "0").strip() == "0"
        if limit != name and used_up and DURATION.search(value):
            yield _seconds(value)


def _seconds(text: str) -> float:
    """Read 12s, 6m0s or 1500ms."""
    found = DURATION.findall(text)
    return round(sum(float(number) * SECONDS_BY_UNIT[unit.lower()] for number, unit in found), 3)

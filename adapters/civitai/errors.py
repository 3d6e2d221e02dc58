"""One failure in CivitAI's words → one of ours, whichever of its many shapes it came in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from imageway.adapters.civitai.rows import BAD_REQUEST, LIMITED, NOT_RUN, PAGES, Row, row_of
from imageway.adapters.civitai.shapes import Said, said_in
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError

LONGEST = 500
# A 429 that waiting does not cure: the site lists a thousand pictures by pages and no more.
TOO_MANY_PAGES = "too many pages"
KEY_LIKE = re.compile(r"\b[0-9a-f]{32}\b|\bBearer\s+\S+|[?&]token=[^&\s]+", re.IGNORECASE)
A_FIELD = re.compile(r"input\.(\w+)")
# The vendor's name of a field → ours.
OUR_NAME: Mapping[str, str] = {
    "width": "size",
    "height": "size",
    "steps": "steps",
    "cfgScale": "guidance",
    "seed": "seed",
    "quantity": "count",
    "prompt": "prompt",
    "negativePrompt": "negative_prompt",
    "outputFormat": "format",
    "model": "model",
    "diffuserModel": "model",
    "sampleMethod": "civitai.sampler",
    "scheduler": "civitai.sampler",
    "schedule": "civitai.schedule",
    "clipSkip": "civitai.clip_skip",
    "loras": "civitai.loras",
    "additionalNetworks": "civitai.loras",
    "embeddings": "civitai.embeddings",
    "vaeModel": "civitai.vae",
    "clipLModel": "civitai.clip_l",
    "t5XXLModel": "civitai.t5xxl",
}


@dataclass(frozen=True, slots=True)
class Explainer:
    """Reads the failures of one call; `secret` never comes out again, whoever repeats it."""

    who: str
    secret: str = field(repr=False)

    def explain(self, status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
        """What a refusal means; a page of a proxy says nothing but its status."""
        said = said_in(body)
        row = row_of(status, said.code)
        if row is LIMITED and TOO_MANY_PAGES in said.words:
            row = PAGES
        if row is BAD_REQUEST and said.is_about_a_resource:
            row = NOT_RUN
        return ImagewayError.carrying(self._info(row, said, status, headers))

    def _info(self, row: Row, said: Said, status: int, headers: Mapping[str, str]) -> ErrorInfo:
        param = _param(said) if row.code is ErrorCode.INVALID_REQUEST else None
        ray = next((v for k, v in headers.items() if k.lower() == "cf-ray"), None)
        told = {"status": status, "param": param, "path": said.path}
        details: dict[str, JsonValue] = {k: v for k, v in told.items() if v is not None}
        return ErrorInfo(
            code=row.code,
            message=row.message.format(who=self.who, status=status),
            hint=row.hint,
            origin="vendor",
            vendor_code=self.shown(said.code),
            vendor_message=self.shown(said.whole),
            request_id=ray,
            details=details,
        )

    def shown(self, text: str | None) -> str | None:
        """The vendor's words in one line, without anything like a key."""
        if not text:
            return None
        text = text.replace(self.secret, "…") if self.secret else text
        line = KEY_LIKE.sub("…", " ".join(text.split()))
        return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _param(said: Said) -> str | None:
    found = A_FIELD.search(said.path or "")
    return OUR_NAME.get(found[1], f"civitai.{found[1]}") if found else None

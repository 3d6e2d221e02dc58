"""OpenAI's Images API: generations, edits, streams and models, strictly as documented."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import ClassVar

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Visit
from imageway.emulators.base import Emulator, Route
from imageway.emulators.faults import Fault, Scripted, Spot
from imageway.emulators.heard import Heard
from imageway.emulators.openai_errors import (
    RETIRED_MODEL,
    ROWS_BY_FAULT,
    TOO_LARGE,
    UNKNOWN_MODEL,
    UNREADABLE,
    Row,
    refusal,
    unknown_url,
)
from imageway.emulators.openai_making import event, make, plain, streamed
from imageway.emulators.openai_models import MODEL_BY_NAME
from imageway.emulators.openai_order import Facts, Order
from imageway.emulators.openai_rules import read_edit, read_generation

ORGANIZATION = "org-emulated"
MODELS_MADE = 1_776_729_600


class OpenAIEmulator(Emulator):
    """A witness of OpenAI's Images API; `facts` switches what its documents leave open."""

    name = "openai"
    usual_model = "gpt-image-2"
    base_path = "/v1"
    can_say: ClassVar[frozenset[Fault]] = frozenset(
        set(Fault) - {Fault.OUT_OF_ORDER, Fault.NEVER_ENDS, Fault.DEGRADED}
    )
    extras: ClassVar[Mapping[str, JsonValue]] = {"moderation": "low"}
    tells_cost: ClassVar[bool] = True
    trigger = "forbidden"
    facts = Facts()

    def routes(self) -> Iterable[Route]:
        """The Images API, and the list of models."""
        yield Route("POST", "/v1/images/generations", self._generate, Spot.WORK)
        yield Route("POST", "/v1/images/edits", self._edit, Spot.WORK)
        yield Route("POST", "/v1/images/variations", self._vary, Spot.WORK)
        yield Route("GET", "/v1/models", self._list)
        yield Route("GET", "/v1/models/{model:.+}", self._look)

    async def _generate(self, visit: Visit) -> Answer:
        return await self._make(visit, read_generation(visit.heard, self.facts))

    async def _edit(self, visit: Visit) -> Answer:
        return await self._make(visit, read_edit(visit.heard, self.facts))

    async def _make(self, visit: Visit, order: Order) -> Answer:
        if self.trigger in order.prompt.lower():
            return self.say(Scripted(fault=Fault.REFUSED), visit.heard)
        made = await asyncio.to_thread(make, order, int(self.clock()), visit.scripted)
        seconds = self.seconds_per_picture * order.count
        if order.streams and not self.facts.ignores_stream:
            return streamed(made, seconds, self.facts)
        return plain(made, seconds)

    async def _vary(self, visit: Visit) -> Answer:
        if self.facts.variations_status == 400:
            raise refusal(RETIRED_MODEL, model=visit.heard.text("model") or "dall-e-2")
        return self.problem(404, visit.heard)

    async def _list(self, visit: Visit) -> Answer:
        return Answer.of_json({"object": "list", "data": [*map(_described, self._live())]})

    async def _look(self, visit: Visit) -> Answer:
        model = visit.path["model"]
        if model not in self._live():
            raise refusal(UNKNOWN_MODEL, model=model)
        return Answer.of_json(_described(model))

    def _live(self) -> list[str]:
        return [name for name in MODEL_BY_NAME if name not in self.facts.shut_down]

    def settings(self, url: str) -> Mapping[str, object]:
        """What plugins.toml would say, had OpenAI another address."""
        return {**super().settings(url), "profile": "openai"}

    def variants(self, fault: Fault) -> tuple[str | None, ...]:
        """The rows of the table."""
        return tuple(ROWS_BY_FAULT[fault]) if fault in ROWS_BY_FAULT else super().variants(fault)

    def say(self, scripted: Scripted, heard: Heard) -> Answer:
        """An error of the table, with the headers that belong to it."""
        row = self._row(scripted)
        answer = row.answer(
            model=_model_of(heard),
            key=_masked(self.key_of(heard) or ""),
            request_id=_request_id(heard),
        )
        if scripted.fault is not Fault.RATE_LIMITED:
            return answer
        return replace(answer, headers={**self._limits(0), **_later(scripted.retry_after)})

    def _row(self, scripted: Scripted) -> Row:
        rows = ROWS_BY_FAULT[scripted.fault]
        usual = next(iter(rows))
        if scripted.fault is Fault.RATE_LIMITED:
            usual = self.facts.rate_limit_type
        row = rows[scripted.variant or usual]
        if scripted.fault is Fault.FORBIDDEN:
            row = replace(row, status=self.facts.verification_status)
        message = (scripted.message or "").replace("{", "{{").replace("}", "}}") or row.message
        return replace(row, status=scripted.status or row.status, message=message)

    def problem(self, status: int, heard: Heard) -> Answer:
        """Routes that are not there, bodies that are too large or broken."""
        match status:
            case 404:
                return unknown_url(heard.method, heard.path).answer()
            case 413:
                return TOO_LARGE.answer()
            case _:
                return UNREADABLE.answer()

    def as_event(self, answer: Answer) -> bytes:
        """The error event; the service nests it, other servers are known to differ."""
        error = json.loads(b"".join(answer.pieces))["error"]
        match self.facts.stream_errors:
            case "nested":
                return event("error", {"error": error})
            case "flat":
                return event("error", {name: error[name] for name in ("code", "message", "param")})
            case "bare":
                return f"data: {json.dumps({'error': error})}\n\n".encode()

    def headers(self, heard: Heard) -> Mapping[str, str]:
        """The headers of every answer, and the limits on those of the Images API."""
        common = {
            "x-request-id": _request_id(heard),
            "openai-processing-ms": str(15 + round(self.seconds_per_picture * 1000)),
            "openai-version": "2020-10-01",
            "openai-organization": ORGANIZATION,
        }
        return {**common, **(self._limits(4) if heard.path.startswith("/v1/images") else {})}

    def _limits(self, remaining: int) -> dict[str, str]:
        counted = ["requests", *(["images"] if self.facts.image_limit_headers else [])]
        values = {"limit": "5", "remaining": str(remaining), "reset": "12s"}
        return {
            f"x-ratelimit-{name}-{what}": value
            for what in counted
            for name, value in values.items()
        }


def _described(model: str) -> JsonValue:
    return {"id": model, "object": "model", "created": MODELS_MADE, "owned_by": "system"}


def _model_of(heard: Heard) -> str:
    return str(heard.fields().get("model") or heard.text("model") or "gpt-image-1.5")


def _masked(key: str) -> str:
    return f"{key[:3]}{'*' * max(0, len(key) - 7)}{key[-4:] if len(key) > 7 else ''}"


def _request_id(heard: Heard) -> str:
    return f"req_{heard.number:032x}"


def _later(retry_after: str | None) -> dict[str, str]:
    """Seconds and dates go into retry-after, "1500ms" into OpenAI's own header."""
    if retry_after is None:
        return {}
    if retry_after.endswith("ms"):
        return {"retry-after-ms": retry_after.removesuffix("ms")}
    return {"retry-after": retry_after}

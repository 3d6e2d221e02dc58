"""vLLM-Omni's image route: OpenAI's shape without streams or usage, and FastAPI's errors."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import ClassVar, Literal
from zlib import crc32

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from imageway.emulators.answer import Answer, Charge, Refusal, Visit
from imageway.emulators.base import Emulator, Route
from imageway.emulators.faults import SPOILT, Fault, Scripted, Spot
from imageway.emulators.heard import Heard
from imageway.emulators.pictures import paint_base64

SIZE = re.compile(r"([1-9]\d{0,3})x([1-9]\d{0,3})")
SAYING_BY_FAULT: Mapping[Fault, tuple[int, str]] = {
    Fault.UNAVAILABLE: (503, "The diffusion engine is not ready."),
    Fault.BAD_KEY: (401, "Unauthorized"),
    Fault.NOT_FOUND: (404, "The model does not exist."),
    Fault.SERVER_ERROR: (500, "Image generation failed"),
}


class Body(BaseModel):
    """A request; unknown fields are ignored, `stream` among them."""

    model_config = ConfigDict(frozen=True)

    prompt: str
    model: str | None = None
    n: int = Field(default=1, ge=1, le=10)
    size: str = "1024x1024"
    response_format: Literal["b64_json"] = "b64_json"
    negative_prompt: str | None = None
    num_inference_steps: int | None = Field(default=None, ge=1, le=200)
    guidance_scale: float | None = Field(default=None, ge=0, le=20)
    true_cfg_scale: float | None = Field(default=None, ge=0, le=20)
    seed: int | None = None


class VllmEmulator(Emulator):
    """A witness of vLLM-Omni with one diffusion model; its bill counts pictures that are free."""

    name = "vllm"
    usual_model = "Qwen/Qwen-Image"
    base_path = "/v1"
    extras: ClassVar[Mapping[str, JsonValue]] = {"true_cfg_scale": 4.0}
    can_say: ClassVar[frozenset[Fault]] = frozenset(
        {
            *SAYING_BY_FAULT,
            *SPOILT,
            Fault.HTML,
            Fault.REDIRECT,
            Fault.NO_IMAGE,
            Fault.FEWER_IMAGES,
            Fault.NOT_A_PICTURE,
        }
    )

    def settings(self, url: str) -> Mapping[str, object]:
        """What plugins.toml would say."""
        return {**super().settings(url), "profile": "vllm"}

    def routes(self) -> Iterable[Route]:
        """Generations and the one model."""
        yield Route("POST", "/v1/images/generations", self._generate, Spot.WORK)
        yield Route("GET", "/v1/models", self._list)

    async def _list(self, visit: Visit) -> Answer:
        model: JsonValue = {
            "id": self.usual_model,
            "object": "model",
            "created": int(self.clock()),
            "owned_by": "vllm",
        }
        return Answer.of_json({"object": "list", "data": [model]})

    async def _generate(self, visit: Visit) -> Answer:
        body = _read(visit.heard)
        if body.model not in {None, self.usual_model}:
            raise _detail(404, f"The model `{body.model}` does not exist.")
        pictures = await asyncio.to_thread(_paint, body, visit.scripted)
        data: list[JsonValue] = [
            {"b64_json": picture, "url": None, "revised_prompt": None} for picture in pictures
        ]
        return Answer.of_json(
            {"created": int(self.clock()), "data": data},
            seconds=self.seconds_per_picture * body.n,
            charge=Charge(self.usual_model, len(data), Decimal(0)),
        )

    def say(self, scripted: Scripted, heard: Heard) -> Answer:
        """A status and a detail."""
        status, detail = SAYING_BY_FAULT[scripted.fault]
        return _detail(scripted.status or status, scripted.message or detail).answer

    def problem(self, status: int, heard: Heard) -> Answer:
        """Starlette's own words."""
        return _detail(status, "Not Found" if status == 404 else "Bad Request").answer


def _read(heard: Heard) -> Body:
    try:
        return Body.model_validate(heard.body)
    except ValidationError as error:
        detail: list[JsonValue] = [
            {"type": each["type"], "loc": ["body", *each["loc"]], "msg": each["msg"]}
            for each in error.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise _detail(422, detail) from error


def _detail(status: int, detail: JsonValue) -> Refusal:
    return Refusal(Answer.of_json({"detail": detail}, status))


def _paint(body: Body, scripted: Scripted | None) -> list[str]:
    """The same seed paints the same pictures."""
    found = SIZE.fullmatch(body.size)
    if found is None:
        raise _detail(400, f"Invalid size format: '{body.size}'. Expected 'WIDTHxHEIGHT'.")
    count, keep = body.n, scripted.keep if scripted else 0
    fault = scripted.fault if scripted else None
    if fault is Fault.NO_IMAGE:
        return []
    if fault is Fault.FEWER_IMAGES:
        count = min(keep or count - 1, count)
    if fault is Fault.NOT_A_PICTURE:
        return ["PGh0bWw+"] * count
    first = crc32(body.prompt.encode()) if body.seed is None else body.seed
    return [paint_base64(int(found[1]), int(found[2]), "png", first + n) for n in range(count)]

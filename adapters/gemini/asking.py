"""A request → the body of generateContent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from imageway.adapters.gemini import inputs
from imageway.adapters.gemini.config import GeminiConfig
from imageway.adapters.gemini.extras import GeminiExtras, read_extras
from imageway.adapters.gemini.models import Model
from imageway.adapters.gemini.shapes import SQUARE, Shape
from imageway.adapters.gemini.uploads import Uploads
from imageway.adapters.gemini.wire import (
    GenerateBody,
    GenerationConfig,
    ImageConfig,
    OutputOptions,
    Part,
    ThinkingConfig,
    Turn,
)
from imageway.core.errors import invalid
from imageway.core.request import ImageRequest
from imageway.core.run import Run

# A seed is an int32 here; fan-out may have counted beyond it.
LARGEST_SEED = 2**31 - 1
SEARCH: Mapping[str, JsonValue] = {"googleSearch": {}}
MOST_TURNS = 100


@dataclass(frozen=True, slots=True)
class Setting:
    """Whom a request is for: a model at one account."""

    config: GeminiConfig
    model: Model
    name: str
    uploads: Uploads

    @property
    def is_vertex(self) -> bool:
        """Whether it is Vertex AI that is asked."""
        return self.config.vertex is not None


async def generate_body(request: ImageRequest, run: Run, setting: Setting) -> GenerateBody:
    """What is sent for this request; raises where Google would only refuse it."""
    inputs.check(request, setting.model)
    is_vertex = setting.is_vertex
    extras = read_extras(request, run.provider, GeminiExtras, is_vertex=is_vertex)
    pictures = await inputs.parts(request, None if is_vertex else setting.uploads)
    turn = Turn(parts=(*pictures, *_words(request)))
    system = extras.system_instruction or setting.config.system
    return GenerateBody(
        contents=(*_history(extras, run), turn),
        system_instruction=Turn(parts=(Part(text=system),)) if system else None,
        safety_settings=tuple(extras.safety_settings or setting.config.safety_settings) or None,
        generation_config=_generation(request, extras, setting),
        tools=(SEARCH,) if extras.google_search else None,
        service_tier=extras.service_tier,
        labels=extras.labels,
    )


def shape_of(request: ImageRequest, model: Model, image_size: str | None = None) -> Shape:
    """The shape that is asked for; an edit that asks for none keeps that of its reference."""
    if request.size is not None:
        return model.shapes.of_size(request.size)
    if request.aspect is not None:
        return Shape(model.shapes.nearest(request.aspect), image_size)
    # Without an aspect a model chooses by the prompt, so that one is always said.
    return Shape(None if request.references else SQUARE, image_size)


def _words(request: ImageRequest) -> tuple[Part, ...]:
    """The prompt, and what is not wanted in words, for there is no field for it."""
    if not request.negative_prompt:
        return (Part(text=request.prompt),)
    return (
        Part(text=request.prompt),
        Part(text=f"Do not include: {request.negative_prompt}"),
    )


def _history(extras: GeminiExtras, run: Run) -> tuple[Mapping[str, JsonValue], ...]:
    turns = extras.history or []
    if len(turns) > MOST_TURNS:
        raise invalid("history", f"history: at most {MOST_TURNS} turns, got {len(turns)}")
    for place, turn in enumerate(turns, 1):
        if turn.get("role") not in ("user", "model") or not isinstance(turn.get("parts"), list):
            raise invalid(
                "history",
                f"history: turn {place} is no turn of Google's",
                'a turn has a "role", user or model, and a list of "parts"',
            )
    return tuple(turns)


def _generation(request: ImageRequest, extras: GeminiExtras, setting: Setting) -> GenerationConfig:
    return GenerationConfig(
        response_modalities=("IMAGE",),
        image_config=_image(request, extras, setting),
        thinking_config=_thinking(request, extras, setting.model),
        seed=None if request.seed is None else request.seed % (LARGEST_SEED + 1),
        temperature=extras.temperature,
        top_p=extras.top_p,
        top_k=extras.top_k,
    )


def _image(request: ImageRequest, extras: GeminiExtras, setting: Setting) -> ImageConfig | None:
    shape = shape_of(request, setting.model, extras.image_size)
    options = OutputOptions(
        mime_type=f"image/{request.format}" if request.format and setting.is_vertex else None,
        compression_quality=extras.compression_quality,
    )
    image = ImageConfig(
        aspect_ratio=shape.aspect,
        image_size=shape.size,
        person_generation=extras.person_generation,
        prominent_people=extras.prominent_people,
        image_output_options=options if options != OutputOptions() else None,
    )
    return image if image != ImageConfig() else None


def _thinking(request: ImageRequest, extras: GeminiExtras, model: Model) -> ThinkingConfig | None:
    level = extras.thinking_level or model.levels.get(request.quality or "")
    shows = True if request.previews and model.thinks else None
    return ThinkingConfig(thinking_level=level, include_thoughts=shows) if level or shows else None

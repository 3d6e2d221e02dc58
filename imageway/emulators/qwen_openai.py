"""The Qwen service's OpenAI-compatible alias: reading its wish, and answering in OpenAI's shape."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from imageway.emulators.answer import Answer
from imageway.emulators.heard import Heard
from imageway.emulators.qwen_answers import Facts, painted
from imageway.emulators.qwen_codes import Problem
from imageway.emulators.qwen_events import preview
from imageway.emulators.qwen_line import Job
from imageway.emulators.qwen_order import MOST_SEED, Body, Order, Wrong, body_of, read_order

SIZE = re.compile(r"([1-9]\d{2,3})x([1-9]\d{2,3})")
EDGES = (256, 1664)
MULTIPLE = 16
MOST_PIXELS = 1_763_584
STEPS_BY_QUALITY = {"low": 20, "medium": 35, "high": 50, "auto": 50}
NO_EDITS: JsonValue = {
    "error": {
        "message": "Editing is not supported",
        "type": "invalid_request_error",
        "param": None,
        "code": "unsupported",
    }
}


@dataclass(frozen=True, slots=True)
class Wish:
    """Pictures with seeds in a row, and how they are to be told."""

    orders: tuple[Order, ...]
    by_url: bool
    streams: bool
    partial_images: int

    def answer(self, jobs: Sequence[Job], origin: str, created: int) -> Answer:
        """The finished pictures, in JSON or as events."""
        if self.streams:
            return Answer.of_events(self._events(jobs, created))
        data: list[JsonValue] = [self._told(job, origin) for job in jobs]
        return Answer.of_json({"created": created, "data": data})

    def _told(self, job: Job, origin: str) -> JsonValue:
        if self.by_url:
            return {"url": f"{origin}/api/requests/{job.id}/image"}
        return {"b64_json": base64.b64encode(painted(job)).decode()}

    def _events(self, jobs: Sequence[Job], created: int) -> Iterator[bytes]:
        for job in jobs:
            for place in range(self.partial_images):
                step = job.order.num_steps * (place + 1) // (self.partial_images + 1)
                told = {"b64_json": preview(job, step)["data"], "partial_image_index": place}
                yield _event("image_generation.partial_image", told)
            whole = base64.b64encode(painted(job)).decode()
            yield _event("image_generation.completed", {"b64_json": whole, "created_at": created})


def models(name: str, created: int) -> JsonValue:
    """The one model there is."""
    model: JsonValue = {"id": name, "object": "model", "created": created, "owned_by": "local"}
    return {"object": "list", "data": [model]}


def read(heard: Heard, facts: Facts, chance: int) -> Wish:
    """Check OpenAI's fields, and translate them to the service's own."""
    body = body_of(heard)
    model = body.get("model")
    if model not in {None, facts.model}:
        raise _wrong("model", {"allowed": [facts.model]})
    first = _order(body, facts, chance)
    count = _one_of(body, "n", 1, lambda value: _is_whole(value, 1, 4))
    shape = _one_of(body, "response_format", "b64_json", ("b64_json", "url").__contains__)
    streams = _one_of(body, "stream", False, lambda value: isinstance(value, bool))
    previews = _one_of(body, "partial_images", 0, lambda value: _is_whole(value, 0, 3))
    seeds = [(first.seed + place) % (MOST_SEED + 1) for place in range(int(str(count)))]
    return Wish(
        orders=tuple(first.again(first.num_steps, seed) for seed in seeds),
        by_url=shape == "url",
        streams=streams is True,
        partial_images=int(str(previews)),
    )


def _order(body: Body, facts: Facts, chance: int) -> Order:
    """The service's own order; an absent seed is by chance here."""
    quality = str(_one_of(body, "quality", "auto", STEPS_BY_QUALITY.__contains__))
    width, height = _size(body, facts)
    own: Body = {
        "prompt": body.get("prompt"),
        "negative_prompt": body.get("negative_prompt"),
        "num_steps": body.get("num_inference_steps") or STEPS_BY_QUALITY[quality],
        "cfg_scale": body.get("true_cfg_scale"),
        "seed": body.get("seed"),
        "format": body.get("output_format"),
    }
    sizes = {"1:1": (width, height)}
    return read_order(own, sizes, "extended", chance)


def _size(body: Body, facts: Facts) -> tuple[int, int]:
    size = body.get("size")
    if size in {None, "auto"}:
        return facts.sizes["1:1"]
    found = SIZE.fullmatch(size) if isinstance(size, str) else None
    if found is None:
        raise Wrong(Problem.of(1003, {"param": "size"}))
    width, height = int(found[1]), int(found[2])
    fits = all(edge % MULTIPLE == 0 and EDGES[0] <= edge <= EDGES[1] for edge in (width, height))
    if not fits or width * height > MOST_PIXELS:
        raise Wrong(Problem.of(1003, {"param": "size", "got": size}))
    return width, height


def _one_of(
    body: Body, name: str, usual: JsonValue, fits: Callable[[JsonValue], bool]
) -> JsonValue:
    value = body.get(name)
    if value is None:
        return usual
    if not fits(value):
        raise _wrong(name, {})
    return value


def _is_whole(value: JsonValue, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _wrong(param: str, extras: Body) -> Wrong:
    return Wrong(Problem.of(2904, {"param": param, **extras}))


def _event(name: str, told: Body) -> bytes:
    data = json.dumps({"type": name, **told})
    return f"event: {name}\ndata: {data}\n\n".encode()

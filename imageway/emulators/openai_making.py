"""Makes what an OpenAI order asks for: pictures, their usage, and the answer in JSON or events."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Charge
from imageway.emulators.faults import Fault, Scripted
from imageway.emulators.openai_models import (
    CHARACTERS_PER_TOKEN,
    INPUT_IMAGE_TOKENS,
    PARTIAL_TOKENS,
)
from imageway.emulators.openai_order import Facts, Order
from imageway.emulators.pictures import animate, paint_base64

HTML = base64.b64encode(b"<html><body>this is no picture</body></html>").decode()
PREFIX_BY_ROUTE = {"generations": "image_generation", "edits": "image_edit"}
# What the SDK skips, and so every reader must: a comment, an unknown event, an end marker.
KEEP_ALIVE = b": keep-alive\n\n"
PROGRESS = b'event: image_generation.progress\ndata: {"type":"image_generation.progress"}\n\n'
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of the prompt, of input pictures, and of what was made."""

    text: int
    image: int
    output: int

    def members(self) -> dict[str, JsonValue]:
        """The members that JSON and events share."""
        return {
            "input_tokens": self.text + self.image,
            "input_tokens_details": {"text_tokens": self.text, "image_tokens": self.image},
            "output_tokens": self.output,
            "total_tokens": self.text + self.image + self.output,
        }


@dataclass(frozen=True, slots=True)
class Made:
    """The pictures of an order as base64, and the previews of each."""

    order: Order
    created: int
    pictures: tuple[str, ...]
    previews: tuple[tuple[str, ...], ...]

    def usage(self, pictures: int, previews: int) -> Usage:
        """The tokens of so many of them."""
        order = self.order
        text = -(-len(order.prompt) // CHARACTERS_PER_TOKEN)
        image = INPUT_IMAGE_TOKENS * len(order.uploads.images)
        each = order.model.output_tokens(order.quality, order.width, order.height)
        return Usage(text, image, each * pictures + PARTIAL_TOKENS * previews)

    @property
    def charge(self) -> Charge:
        """The whole order on the bill."""
        usage = self.usage(len(self.pictures), sum(map(len, self.previews)))
        amount = self.order.model.bill(usage.text, usage.image, usage.output)
        return Charge(self.order.model_name, len(self.pictures), amount)

    @property
    def properties(self) -> dict[str, JsonValue]:
        """What the pictures have become."""
        order = self.order
        return {
            "background": order.background,
            "output_format": order.format,
            "quality": order.quality,
            "size": f"{order.width}x{order.height}",
        }


def make(order: Order, created: int, scripted: Scripted | None) -> Made:
    """Paint; a scripted fault may leave pictures or previews out, or put something else there."""
    count, previews = _kept(order, scripted)
    start = crc32(order.prompt.encode())
    numbers = range(start, start + count)
    spoilt = scripted is not None and scripted.fault is Fault.NOT_A_PICTURE
    pictures = tuple(HTML if spoilt else _picture(order, number) for number in numbers)
    shown = tuple(_previews(order, number, previews) for number in numbers)
    return Made(order, created, pictures, shown)


def _kept(order: Order, scripted: Scripted | None) -> tuple[int, int]:
    """How many pictures there will be, and previews of each."""
    count, previews = order.count, order.number("partial_images", 0) if order.streams else 0
    match scripted:
        case Scripted(fault=Fault.NO_IMAGE):
            return 0, 0
        case Scripted(fault=Fault.FEWER_IMAGES, keep=keep):
            return min(keep or count - 1, count), previews
        case Scripted(fault=Fault.NO_PREVIEWS, keep=keep):
            return count, min(keep, previews)
        case _:
            return count, previews


def _picture(order: Order, number: int) -> str:
    size = order.width, order.height
    if order.format == "gif":
        frames = order.number("frame_count", 9)
        moving = animate(*size, number, frames, order.number("frame_duration_ms", 200))
        return base64.b64encode(moving).decode()
    transparent = order.background == "transparent"
    return paint_base64(*size, order.format, number, transparent=transparent)


def _previews(order: Order, number: int, count: int) -> tuple[str, ...]:
    return tuple(_picture(order, number + 100 * (1 + place)) for place in range(count))


def plain(made: Made, seconds: float) -> Answer:
    """The answer in one piece."""
    usage = made.usage(len(made.pictures), 0)
    details: JsonValue = {"text_tokens": 0, "image_tokens": usage.output}
    body: dict[str, JsonValue] = {
        "created": made.created,
        **made.properties,
        "data": [{"b64_json": picture} for picture in made.pictures],
        "usage": {**usage.members(), "output_tokens_details": details},
    }
    if made.order.format == "svg":
        body["svg_usage"] = _svg_usage(made.order)
    if "safety_identifier" in made.order.given:
        body["safety_identifier"] = made.order.given["safety_identifier"]
    return Answer.of_json(body, seconds=seconds, charge=made.charge)


def _svg_usage(order: Order) -> JsonValue:
    match order.given.get("svg"):
        case {"model": str(model)}:
            pass
        case _:
            model = "gpt-5.2"
    return {
        "model": model,
        "input_tokens": 100,
        "output_tokens": 200,
        "reasoning_tokens": 50,
        "total_tokens": 300,
    }


def streamed(made: Made, seconds: float, facts: Facts) -> Answer:
    """The answer as events; with several pictures nothing tells whose an event is."""
    events = [*_events(made)]
    if facts.chatty_streams:
        events = [KEEP_ALIVE, PROGRESS, *events, DONE]
    return Answer.of_events(events, seconds=seconds, charge=made.charge)


def _events(made: Made) -> Iterator[bytes]:
    prefix = PREFIX_BY_ROUTE[made.order.route]
    common: dict[str, JsonValue] = {"created_at": made.created, **made.properties}
    for picture, previews in zip(made.pictures, made.previews, strict=True):
        for place, preview in enumerate(previews):
            members = {"b64_json": preview, "partial_image_index": place, **common}
            yield event(f"{prefix}.partial_image", members)
        usage = made.usage(1, len(previews)).members()
        yield event(f"{prefix}.completed", {"b64_json": picture, **common, "usage": usage})


def event(name: str, members: dict[str, JsonValue]) -> bytes:
    """One server-sent event; its type is said twice."""
    data = json.dumps({"type": name, **members}, separators=(",", ":"))
    return f"event: {name}\ndata: {data}\n\n".encode()

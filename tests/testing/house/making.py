"""How House reads an order strictly, paints it, and puts it into events."""

from __future__ import annotations

import base64
import json
from decimal import Decimal
from typing import Literal, overload
from zlib import crc32

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from imageway.core.picture import Picture
from imageway.emulators.answer import Answer, Charge, Refusal
from imageway.emulators.faults import Fault, Scripted
from imageway.emulators.heard import Heard
from imageway.emulators.pictures import paint

PRICE = Decimal("0.02")
HTML = b"<html><body>this is no picture, it only looks like a very long one</body></html>"
SHAPES = {"1:1": (64, 64), "16:9": (128, 72), "2:3": (64, 96)}


class Order(BaseModel):
    """Everything that House documents, and nothing else."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    model: str
    prompt: str
    count: int = Field(default=1, ge=1, le=4)
    width: int = Field(default=64, ge=32, le=512, multiple_of=8)
    height: int = Field(default=64, ge=32, le=512, multiple_of=8)
    shape: Literal["1:1", "16:9", "2:3"] | None = None
    seed: int | None = None
    avoid: str | None = None
    quality: Literal["draft", "fine"] = "fine"
    format: Literal["png", "jpeg", "webp"] = "png"
    background: Literal["opaque", "transparent"] = "opaque"
    guidance: float | None = Field(default=None, ge=1, le=20)
    steps: int | None = Field(default=None, ge=1, le=50)
    style: str | None = None
    inputs: list[str] = Field(default=[], max_length=3)
    mask: str | None = None
    previews: int = Field(default=0, ge=0, le=3)
    stream: bool = False
    mood: str | None = None
    external: str | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        return SHAPES[self.shape] if self.shape else (self.width, self.height)


class Problem(Refusal):
    """An error with a code and a message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.members: dict[str, JsonValue] = {"error": {"code": code, "message": message}}
        super().__init__(Answer.of_json(self.members, status))


def problem(status: int, code: str, message: str) -> Problem:
    """Make an error."""
    return Problem(status, code, message)


def read_order(heard: Heard, names: tuple[str, ...]) -> Order:
    """Read a body; raises what is wrong with it."""
    try:
        order = Order.model_validate(heard.body)
    except ValidationError as error:
        first = error.errors()[0]
        raise problem(400, "bad_field", f"{first['loc']}: {first['msg']}") from error
    if order.model not in names:
        raise problem(404, "no_model", f"There is no model {order.model}.")
    if order.mask and not order.inputs:
        raise problem(400, "bad_field", "A mask needs an input.")
    for text in (*order.inputs, *([order.mask] if order.mask else [])):
        Picture.from_base64(text)
    return order


def charge_for(order: Order, count: int) -> Charge:
    """What so many pictures cost."""
    return Charge(order.model, count, PRICE * count)


@overload
def made(order: Order, scripted: Scripted | None) -> list[str]: ...
@overload
def made(order: Order, scripted: Scripted | None, *, encoded: Literal[False]) -> list[bytes]: ...
def made(
    order: Order, scripted: Scripted | None, *, encoded: bool = True
) -> list[str] | list[bytes]:
    """Paint, unless a fault leaves pictures out or puts something else there."""
    fault = None if scripted is None else scripted.fault
    count = order.count
    if fault is Fault.NO_IMAGE:
        count = 0
    if fault is Fault.FEWER_IMAGES:
        count -= 1
    painted = [_painted(order, number, fault) for number in range(count)]
    return [base64.b64encode(each).decode() for each in painted] if encoded else painted


def _painted(order: Order, number: int, fault: Fault | None) -> bytes:
    if fault is Fault.NOT_A_PICTURE:
        return HTML
    start = crc32(order.prompt.encode()) if order.seed is None else order.seed
    see_through = order.background == "transparent" and order.format != "jpeg"
    return paint(*order.size, order.format, start + number, transparent=see_through)


def streamed(
    order: Order,
    pictures: list[str],
    scripted: Scripted | None,
    charge: Charge,
    seconds: float,
) -> Answer:
    """The same as events."""
    fault = None if scripted is None else scripted.fault
    numbers = list(range(len(pictures)))
    if fault is Fault.OUT_OF_ORDER:
        numbers.reverse()
    previews = 0 if fault is Fault.NO_PREVIEWS else order.previews
    events = [event("progress", {"share": 0.1})]
    for done, number in enumerate(numbers, 1):
        shown: dict[str, JsonValue] = {"index": number, "data": pictures[number]}
        events += [event("preview", shown)] * previews
        events += [
            event("picture", shown),
            event("progress", {"share": done / len(numbers)}),
        ]
    return Answer.of_events(
        [*events, event("end", {"cost": float(charge.amount)})], seconds=seconds, charge=charge
    )


def event(name: str, data: JsonValue) -> bytes:
    """One server-sent event."""
    text = data if isinstance(data, str) else json.dumps(data)
    return f"event: {name}\ndata: {text}\n\n".encode()

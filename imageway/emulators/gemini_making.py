"""Makes what an order asks for: parts, their usage and price, and the answer in one piece."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from hashlib import sha256
from zlib import crc32

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Charge
from imageway.emulators.faults import Fault, Scripted
from imageway.emulators.gemini_endings import Ending
from imageway.emulators.gemini_errors import told
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.gemini_models import SURPLUS_TOKENS, THOUGHT_TOKENS
from imageway.emulators.gemini_order import Order
from imageway.emulators.pictures import paint_base64

JsonPart = dict[str, JsonValue]

HTML = base64.b64encode(b"<html><body>this is no picture</body></html>").decode()
BEFORE, BEHIND = "Here is your image: ", " I hope you like it."


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens of one answer; text counts what the details do not list."""

    prompt: int
    text: int = 0
    image: int = 0
    thoughts: int = 0

    def members(self, order: Order) -> dict[str, JsonValue]:
        """The object `usageMetadata`."""
        listed: list[JsonValue] = [{"modality": "IMAGE", "tokenCount": self.image}]
        candidates = self.text + self.image
        tier: dict[str, JsonValue] = (
            {"trafficType": "ON_DEMAND"} if order.is_vertex else {"serviceTier": "standard"}
        )
        return {
            "promptTokenCount": self.prompt,
            **({"candidatesTokenCount": candidates} if candidates else {}),
            **({"thoughtsTokenCount": self.thoughts} if self.thoughts else {}),
            "totalTokenCount": self.prompt + candidates + self.thoughts,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": self.prompt}],
            **({"candidatesTokensDetails": listed} if self.image else {}),
            **tier,
        }


@dataclass(frozen=True, slots=True)
class Made:
    """An answer before it is framed: thoughts and answer as parts, or an ending without any."""

    order: Order
    id: str
    parts: tuple[JsonPart, ...] = ()
    pictures: int = 0
    ending: Ending | None = None

    @property
    def usage(self) -> Usage:
        """What it took."""
        order, words = self.order, "TEXT" in self.order.modalities
        if self.ending is not None and self.ending.block is not None:
            return Usage(order.prompt_tokens)
        thoughts = THOUGHT_TOKENS if order.model.thinks else 0
        image = order.model.tokens(order.size) * self.pictures
        text = SURPLUS_TOKENS if words or (self.ending and self.ending.text) else 0
        return Usage(order.prompt_tokens, text, image, thoughts)

    @property
    def charge(self) -> Charge | None:
        """What goes on the bill; what is filtered is free."""
        if self.ending is not None and self.ending.is_free:
            return None
        used = self.usage
        amount = self.order.model.prices.bill(used.prompt, used.text + used.thoughts, used.image)
        return Charge(self.order.name, self.pictures, amount)

    def envelope(self, created: str) -> dict[str, JsonValue]:
        """What every fragment of the answer repeats."""
        when: dict[str, JsonValue] = {"createTime": created} if self.order.is_vertex else {}
        return {**when, "modelVersion": self.order.name, "responseId": self.id}


def make(order: Order, scripted: Scripted | None, ending: Ending | None, facts: Facts) -> Made:
    """Draw, unless an ending stands in the way."""
    # The same order has the same id, so that the same picture is drawn again.
    number = crc32(order.prompt.encode()) + (order.config.seed or 0)
    identity = sha256(f"{order.name} {number}".encode()).hexdigest()[:22]
    made = Made(order, identity, ending=ending)
    if ending is not None:
        return made
    spoilt = scripted is not None and scripted.fault is Fault.NOT_A_PICTURE
    drafts = range(facts.drafts if order.drafts else 0, -1, -1)
    pictures = [_picture(order, number - draft, spoilt=spoilt) for draft in drafts]
    signature: JsonPart = {"thoughtSignature": facts.signature} if order.model.thinks else {}
    answers = [{**each, **signature} for each in pictures]
    thoughts = _thoughts(order, number, scripted, facts) if order.shows_thoughts else ()
    parts = (*thoughts, *_with_words(answers, order, facts))
    return replace(made, parts=parts, pictures=len(pictures))


def _picture(order: Order, number: int, *, spoilt: bool = False) -> JsonPart:
    text = HTML if spoilt else paint_base64(*order.pixels, order.format, number)
    return {"inlineData": {"mimeType": f"image/{order.format}", "data": text}}


def _thoughts(
    order: Order, number: int, scripted: Scripted | None, facts: Facts
) -> tuple[JsonPart, ...]:
    count = facts.thought_pictures
    if scripted is not None and scripted.fault is Fault.NO_PREVIEWS:
        count = scripted.keep
    planned: JsonPart = {"text": "Planning the composition.", "thought": True}
    drafts = (_picture(order, number + 100 + draft) for draft in range(count))
    return (planned, *({**draft, "thought": True} for draft in drafts))


def _with_words(answers: list[JsonPart], order: Order, facts: Facts) -> list[JsonPart]:
    """The pictures among the words; the place of a picture is not fixed."""
    if "TEXT" not in order.modalities:
        return answers
    before: JsonPart = {"text": BEFORE}
    behind: JsonPart = {"text": BEHIND}
    nothing: list[JsonPart] = [{}, {"text": ""}] if facts.empty_parts else []
    match facts.position:
        case "after":
            return [before, *nothing, *answers]
        case "before":
            return [*answers, *nothing, behind]
        case "between":
            return [before, *nothing, *answers, behind]


def plain(made: Made, seconds: float, created: str, facts: Facts) -> Answer:
    """The answer in one piece."""
    order, ending = made.order, made.ending
    body: dict[str, JsonValue] = {}
    if ending is not None and ending.block is not None:
        body["promptFeedback"] = ending.feedback
    elif ending is not None:
        body["candidates"] = [ending.candidate(facts.content)]
    else:
        body["candidates"] = [_candidate(made)]
    body["usageMetadata"] = made.usage.members(order)
    answer = told({**body, **made.envelope(created)})
    return replace(answer, seconds=seconds, charge=made.charge)


def _candidate(made: Made) -> JsonValue:
    content: JsonValue = {"role": "model", "parts": [*made.parts]}
    ratings: JsonValue = [
        {"category": "HARM_CATEGORY_HATE_SPEECH", "probability": "NEGLIGIBLE"},
        {},
    ]
    # The index is left out on Vertex.
    index: JsonPart = {} if made.order.is_vertex else {"index": 0}
    return {"content": content, "finishReason": "STOP", **index, "safetyRatings": ratings}

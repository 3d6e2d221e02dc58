"""Google's layer that speaks like OpenAI: lists all models, and answers for few of them."""

from __future__ import annotations

import json
from dataclasses import replace

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Charge
from imageway.emulators.gemini_errors import bad_request, in_array, no_model, told
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.gemini_models import METHODS_BY_OTHER, MODEL_BY_NAME
from imageway.emulators.heard import Heard
from imageway.emulators.pictures import paint_base64

ROOT = "/v1beta/openai"
VERSION = "v1main"
MADE = 1_686_935_002
PROMPT_TOKENS, TOKENS = 12, 1120

Members = dict[str, JsonValue]


def chat(heard: Heard, live: frozenset[str], facts: Facts, created: int) -> Answer:
    """Text models talk; an image model answers with nothing, and Imagen is not found."""
    fields = heard.fields()
    name = str(fields.get("model", "")).removeprefix("models/")
    message = _message(name, live, facts)
    if message is None:
        return in_array(no_model(name, VERSION).answer())
    common: dict[str, JsonValue] = {"id": "chatcmpl-1", "created": created, "model": name}
    answer = _spoken if fields.get("stream") is True else _written
    return replace(answer(common, message), charge=_charge(name))


def _message(name: str, live: frozenset[str], facts: Facts) -> Members | None:
    if name in MODEL_BY_NAME and name in live:
        return _image_message(facts)
    if "generateContent" in METHODS_BY_OTHER.get(name, ()):
        return {"role": "assistant", "content": "A red mug."}
    return None


def _charge(name: str) -> Charge | None:
    model = MODEL_BY_NAME.get(name)
    return Charge(name, 1, model.prices.bill(PROMPT_TOKENS, 0, TOKENS)) if model else None


def _written(common: Members, message: Members) -> Answer:
    usage: JsonValue = {
        "prompt_tokens": PROMPT_TOKENS,
        "completion_tokens": TOKENS,
        "total_tokens": PROMPT_TOKENS + TOKENS,
    }
    choice: JsonValue = {"index": 0, "message": message, "finish_reason": "stop"}
    return told({"object": "chat.completion", **common, "choices": [choice], "usage": usage})


def _image_message(facts: Facts) -> Members:
    if facts.compat_chat == "empty":
        return {"role": "assistant", "content": ""}
    url = f"data:image/png;base64,{paint_base64(64, 64)}"
    images: JsonValue = [{"type": "image_url", "image_url": {"url": url}}]
    return {"role": "assistant", "content": "", "images": images}


def _spoken(common: Members, message: Members) -> Answer:
    head: Members = {"object": "chat.completion.chunk", **common}
    choices: list[JsonValue] = [
        {"index": 0, "delta": message, "finish_reason": None},
        {"index": 0, "delta": {}, "finish_reason": "stop"},
    ]
    events = [f"data: {json.dumps({**head, 'choices': [each]})}\n\n".encode() for each in choices]
    return Answer.of_events([*events, b"data: [DONE]\n\n"])


def generate(heard: Heard, live: frozenset[str], facts: Facts, created: int) -> Answer:
    """Pictures of the models that this route has; newer ones were seen to be missing."""
    fields = heard.fields()
    name = str(fields.get("model", "")).removeprefix("models/")
    if name not in facts.compat_models & live & MODEL_BY_NAME.keys():
        return in_array(no_model(name, VERSION).answer())
    if not isinstance(fields.get("prompt"), str):
        return in_array(bad_request("Missing prompt.").answer)
    count = fields.get("n") or 1
    pictures = range(count if isinstance(count, int) else 1)
    model = MODEL_BY_NAME[name]
    price = model.prices.bill(PROMPT_TOKENS, 0, model.tokens("1K")) * len(pictures)
    data: list[JsonValue] = [
        {"b64_json": paint_base64(*model.measure("1:1", "1K"), model.format, each)}
        for each in pictures
    ]
    answer = told({"created": created, "data": data})
    return replace(answer, charge=Charge(name, len(pictures), price))


def listed(live: frozenset[str]) -> Answer:
    """Every model, with a prefix that the other routes do not need."""
    data: list[JsonValue] = [_described(name) for name in sorted(live)]
    return told({"object": "list", "data": data})


def looked_up(name: str, live: frozenset[str]) -> Answer:
    """One model."""
    name = name.removeprefix("models/")
    if name not in live:
        return in_array(no_model(name, VERSION).answer())
    return told(_described(name))


def _described(name: str) -> JsonValue:
    return {"id": f"models/{name}", "object": "model", "created": MADE, "owned_by": "google"}

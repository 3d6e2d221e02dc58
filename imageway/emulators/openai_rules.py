"""Reads OpenAI requests strictly: known parameters, right values, right together, or a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pydantic import JsonValue

from imageway.emulators.heard import Heard
from imageway.emulators.openai_errors import (
    RETIRED_MODEL,
    UNKNOWN_MODEL,
    UNREADABLE,
    invalid,
    invalid_value,
    refusal,
    unknown_parameter,
)
from imageway.emulators.openai_models import MODEL_BY_NAME, RETIRED, Model
from imageway.emulators.openai_order import Facts, Order, Route
from imageway.emulators.openai_parameters import PARAMETERS, listed, missing
from imageway.emulators.openai_size import measure
from imageway.emulators.openai_uploads import Uploads, from_form, from_json

FILES = frozenset({"image", "image[]", "mask", "markup"})


def read_generation(heard: Heard, facts: Facts) -> Order:
    """A body of /images/generations."""
    if not isinstance(heard.body, dict):
        raise refusal(UNREADABLE)
    return _read("generations", _present(heard.body), facts, Uploads)


def read_edit(heard: Heard, facts: Facts) -> Order:
    """A body of /images/edits, a form or JSON."""
    if isinstance(heard.body, dict):
        given = _present(heard.body)
        pictures = {name: given.pop(name, None) for name in ("images", "mask")}
        return _read("edits", given, facts, lambda: from_json(pictures))
    if not heard.parts:
        raise refusal(UNREADABLE)
    strict = facts.reads_media_types
    return _read(
        "edits", _from_form(heard), facts, lambda: from_form(heard, reads_media_types=strict)
    )


def _read(
    route: Route, given: dict[str, JsonValue], facts: Facts, load: Callable[[], Uploads]
) -> Order:
    name = given.get("model", facts.default_model)
    PARAMETERS["model"].kind.check("model", name)
    model = _model(str(name), route, facts)
    _check_each(route, given, model)
    width, height = measure(str(given.get("size", "auto")), model)
    order = Order(route, str(name), model, given, Uploads(), width, height)
    _check_together(order, facts)
    order = replace(order, uploads=load())
    _check_uploads(order)
    return order


def _present(body: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return {name: value for name, value in body.items() if value is not None}


def _from_form(heard: Heard) -> dict[str, JsonValue]:
    given: dict[str, JsonValue] = {}
    for part in heard.parts:
        if part.filename is None:
            name, *inner = part.name.replace("]", "").split("[")
            parameter = PARAMETERS.get(name)
            value = part.text if parameter is None else parameter.kind.from_text(part.text)
            _put(given, name, inner, value)
        elif part.name not in FILES:
            raise unknown_parameter(part.name)
    return given


def _put(into: dict[str, JsonValue], name: str, inner: list[str], value: JsonValue) -> None:
    """Unflatten svg[reasoning][effort]."""
    if not inner:
        into[name] = value
        return
    members = into.setdefault(name, {})
    if not isinstance(members, dict):
        raise unknown_parameter(f"{name}[{inner[0]}]")
    _put(members, inner[0], inner[1:], value)


def _model(name: str, route: Route, facts: Facts) -> Model:
    if name in RETIRED or name in facts.shut_down:
        status = 400 if route == "generations" else facts.retired_status_on_edits
        raise refusal(replace(RETIRED_MODEL, status=status), model=name)
    if name not in MODEL_BY_NAME:
        raise refusal(UNKNOWN_MODEL, model=name)
    return MODEL_BY_NAME[name]


def _check_each(route: Route, given: dict[str, JsonValue], model: Model) -> None:
    for name, value in given.items():
        parameter = PARAMETERS.get(name)
        if parameter is None or route not in parameter.on or (parameter.newer and not model.newer):
            raise unknown_parameter(name)
        parameter.kind.check(name, value)
    if "prompt" not in given:
        raise missing("prompt")
    for name, words in (("quality", ("auto", *model.qualities)), ("output_format", model.formats)):
        if name in given and given[name] not in words:
            raise invalid_value(name, given[name], listed(words))


@dataclass(frozen=True, slots=True)
class Rule:
    """What does not go together."""

    param: str
    broken: Callable[[Order, Facts], bool]
    message: str


def _only_for(kind: str, name: str) -> Callable[[Order, Facts], bool]:
    return lambda order, facts: order.format != kind and name in order.given


def _unstreamable(order: Order, facts: Facts) -> bool:
    return order.format in {"gif", "svg"} and order.streams


def _lonely_partials(order: Order, facts: Facts) -> bool:
    return facts.partials_need_stream and "partial_images" in order.given and not order.streams


def _needless_compression(order: Order, facts: Facts) -> bool:
    compressed = order.number("output_compression", 100) != 100
    return compressed and order.format not in {"jpeg", "webp"}


def _opaque_format(order: Order, facts: Facts) -> bool:
    return order.background == "transparent" and order.format not in {"png", "webp"}


def _without_preview(order: Order, facts: Facts) -> bool:
    in_preview = order.model_name.startswith("gpt-image-2") and not order.model.newer
    return order.background == "transparent" and in_preview and not facts.transparent_preview


RULES = (
    Rule("background", _opaque_format, "A transparent background needs png or webp."),
    Rule("background", _without_preview, "Transparent background is not supported for this model."),
    Rule("output_compression", _needless_compression, "Compression is only for jpeg and webp."),
    Rule("partial_images", _lonely_partials, "'partial_images' is only supported with stream."),
    Rule("stream", _unstreamable, "gif and svg cannot be streamed."),
    Rule(
        "n",
        lambda order, facts: order.streams and order.count > 1 and not facts.streams_many,
        "Only one image can be streamed.",
    ),
    Rule("n", lambda order, facts: order.format == "svg" and order.count > 1, "svg needs n=1."),
    Rule("frame_count", _only_for("gif", "frame_count"), "'frame_count' needs gif."),
    Rule(
        "frame_duration_ms", _only_for("gif", "frame_duration_ms"), "'frame_duration_ms' needs gif."
    ),
    Rule("svg", _only_for("svg", "svg"), "'svg' needs output_format svg."),
)


def _check_together(order: Order, facts: Facts) -> None:
    for rule in RULES:
        if rule.broken(order, facts):
            raise invalid(rule.param, rule.message)
    fidelity = order.word("input_fidelity", "")
    if fidelity and not order.model.fidelities:
        message = f"The model '{order.model_name}' does not support 'input_fidelity'."
        raise invalid("input_fidelity", message, "invalid_input_fidelity_model")
    if fidelity and fidelity not in order.model.fidelities:
        raise invalid_value("input_fidelity", fidelity, listed(order.model.fidelities))


def _check_uploads(order: Order) -> None:
    if order.uploads.markup and not order.model.newer:
        raise unknown_parameter("markup")
    if order.uploads.mask and order.format == "gif":
        raise invalid("mask", "gif cannot be combined with a mask.")

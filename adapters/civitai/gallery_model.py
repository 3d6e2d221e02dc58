"""`model` in a gallery query: a model as people name it, for the parameter that each list has."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import JsonValue

from imageway.adapters.civitai.naming import Name, read_name
from imageway.core.errors import invalid

# Of each list: the parameter for a version, and the one for a whole model.
PARAMETERS_BY_KIND: Mapping[str, tuple[str, str]] = {
    "images": ("modelVersionId", "modelId"),
    "models": ("modelVersionIds", "ids"),
}


def with_model(given: Mapping[str, JsonValue], host: str) -> Mapping[str, JsonValue]:
    """The same query with the site's own parameter; a version is looked for before its model."""
    model, kind = given.get("model"), given.get("kind") or "images"
    if model is None or not isinstance(kind, str) or kind not in PARAMETERS_BY_KIND:
        return given
    parameter, number = _parameter(read_name(str(model), "model", (host,)), kind)
    if given.get(parameter) is not None:
        message = f"model: {parameter} is given too"
        raise invalid("model", message, "give one of the two")
    rest = {name: value for name, value in given.items() if name != "model"}
    return {**rest, parameter: number}


def _parameter(name: Name, kind: str) -> tuple[str, int]:
    version, model = PARAMETERS_BY_KIND[kind]
    if name.version_id is not None:
        return version, name.version_id
    if name.model_id is not None:
        return model, name.model_id
    raise invalid("model", f"model: {name.text[:60]!r} is no model of the site")

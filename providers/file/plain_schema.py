"""A model's JSON schema as editors of TOML like it: no null, no references, few alternatives."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TypeGuard

from pydantic import BaseModel, JsonValue, PydanticInvalidForJsonSchema
from pydantic.json_schema import (
    GenerateJsonSchema,
    JsonSchemaValue,
    JsonSchemaWarningKind,
)
from pydantic_core.core_schema import NullableSchema

from imageway.providers.secrets import SecretReference
from imageway.providers.tables.units import SPELL_BY_PATTERN

Node = dict[str, JsonValue]

# taplo points at every key of a table that has one too many, unless the key has a schema which
# nothing fulfils; then it points at that key, and repeats the title.
UNKNOWN: Node = {"not": {"title": "an unknown key"}}
NO_NAME: Node = {
    "not": {"title": "a name: letters, digits, '.', '_', '-', beginning with a letter or digit"}
}
SECOND: Node = {"not": {"title": "a second one of env, file and command"}}

# Of the machine that made the schema; of no use to a person.
DROPPED = frozenset({"title", "ge", "gt", "le", "lt", "writeOnly", "$defs"})
NAMED = frozenset({"properties", "patternProperties"})
INNER = frozenset({"items", "additionalProperties", "propertyNames"})
LISTS = frozenset({"anyOf", "oneOf", "allOf", "prefixItems"})
WORDS = frozenset({"type", "description", "examples", "default"})
KEYWORDS_BY_TYPE: Mapping[str, frozenset[str]] = {
    "object": frozenset(
        {"properties", "patternProperties", "required", "additionalProperties", "minProperties"}
        | {"dependencies", "propertyNames"}
    ),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "string": frozenset({"pattern", "minLength", "maxLength", "format"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}),
    "boolean": frozenset(),
}


class Written(GenerateJsonSchema):
    """What can stand in a TOML file, which has no null."""

    ignored_warning_kinds: set[JsonSchemaWarningKind] = {  # noqa: RUF012 - as pydantic declares it
        "skipped-choice",
        "non-serializable-default",
        "skipped-discriminator",
    }

    def nullable_schema(self, schema: NullableSchema) -> JsonSchemaValue:
        """The schema of what is there when it is there."""
        return self.generate_inner(schema["schema"])


def plain_schema(model: type[BaseModel]) -> Node:
    """A model's schema, spelled out in one piece; any table where it cannot be told."""
    try:
        made: Node = model.model_json_schema(schema_generator=Written)
    except (PydanticInvalidForJsonSchema, TypeError, ValueError):
        return {"type": "object"}
    return _Plain(made).node(made, ())


class _Plain:
    """Writes one document out; a definition that holds itself ends in anything."""

    def __init__(self, document: Node) -> None:
        self._definitions = child(document, "$defs")

    def node(self, node: Node, inside: tuple[str, ...]) -> Node:
        """One schema with everything below it."""
        reference = node.get("$ref")
        if isinstance(reference, str):
            return self._referred(node, reference.rpartition("/")[2], inside)
        if node.get("format") == "password":
            return _secret(node)
        written = {
            key: self._value(key, value, inside)
            for key, value in node.items()
            if key not in DROPPED
        }
        return _tidy(_one_of_few(written))

    def _referred(self, node: Node, name: str, inside: tuple[str, ...]) -> Node:
        if name in inside:
            return {}
        found = self.node(child(self._definitions, name), (*inside, name))
        # What is said of the key is nearer than what is said of its kind.
        return {**found, **_tidy({k: v for k, v in node.items() if k in WORDS})}

    def _value(self, key: str, value: JsonValue, inside: tuple[str, ...]) -> JsonValue:
        if key in NAMED and isinstance(value, dict):
            return {name: self._inner(each, inside) for name, each in value.items()}
        if key in INNER:
            return self._inner(value, inside)
        if key in LISTS and isinstance(value, list):
            return [self._inner(each, inside) for each in value]
        return value

    def _inner(self, value: JsonValue, inside: tuple[str, ...]) -> JsonValue:
        return self.node(value, inside) if isinstance(value, dict) else value


def child(node: Node, *path: str) -> Node:
    """The schema at the end of a path of keywords and names; an empty one where there is none."""
    for name in path:
        found = node.get(name)
        if not isinstance(found, dict):
            return {}
        node = found
    return node


def _secret(node: Node) -> Node:
    """The three forms of a reference, of which exactly one must be given."""
    forms = plain_schema(SecretReference)
    words = node.get("description")
    told = f"{words}: " if isinstance(words, str) else ""
    return {
        **forms,
        "description": f"{told}a secret, never written here but by reference",
        "minProperties": 1,
        "dependencies": {
            "env": {"properties": {"file": SECOND, "command": SECOND}},
            "file": {"properties": {"command": SECOND}},
        },
    }


def _one_of_few(node: Node) -> Node:
    """Alternatives that differ in type become one schema, whose complaints name the culprit."""
    branches = [each for each in listed(node, "anyOf") if each.get("type") != "null"]
    if not branches:
        return node
    rest = {key: value for key, value in node.items() if key != "anyOf"}
    if len(branches) == 1:
        return {**branches[0], **rest}
    if _differ_in_type(branches):
        return {**_merged(branches), **rest}
    return {**rest, "anyOf": [*branches]}


def listed(node: Node, keyword: str) -> list[Node]:
    """The schemas in a list."""
    found = node.get(keyword)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _differ_in_type(branches: Sequence[Node]) -> bool:
    types = [each.get("type") for each in branches]
    return len({str(each) for each in types}) == len(types) and all(
        isinstance(kind, str) and each.keys() <= KEYWORDS_BY_TYPE[kind] | WORDS
        for kind, each in zip(types, branches, strict=True)
    )


def _merged(branches: Sequence[Node]) -> Node:
    merged: Node = {}
    for each in branches:
        merged |= each
    examples = [example for each in branches for example in _examples(each)]
    types: list[JsonValue] = [each["type"] for each in branches]
    return {**merged, "type": types, **({"examples": examples} if examples else {})}


def _examples(node: Node) -> list[JsonValue]:
    found = node.get("examples")
    return found if isinstance(found, list) else []


def _tidy(node: Node) -> Node:
    """Keywords as the draft that editors know has them, and only defaults that can be written."""
    for mend in (_described, _defaulted, _named, _closed, _tuple):
        node = mend(node)
    return node


def _described(node: Node) -> Node:
    words = node.get("description")
    if not isinstance(words, str):
        return node
    return {**node, "description": "\n\n".join(" ".join(p.split()) for p in words.split("\n\n"))}


def _defaulted(node: Node) -> Node:
    default = node.get("default")
    kept = {key: value for key, value in node.items() if key != "default"}
    if not isinstance(default, str | int | float) or default == "":
        return kept
    return {**kept, "default": _spelled(node, default)}


def _spelled(node: Node, default: JsonValue) -> JsonValue:
    spell: Callable[[float], str] | None = SPELL_BY_PATTERN.get(str(node.get("pattern")))
    if spell is None or not _is_number(default):
        return default
    spelled: str = json.loads(spell(default))
    return spelled


def _is_number(value: JsonValue) -> TypeGuard[float]:
    return isinstance(value, int | float)


def _named(node: Node) -> Node:
    """A name that fits no pattern would be let through."""
    is_open = "patternProperties" in node and "additionalProperties" not in node
    return {**node, "additionalProperties": NO_NAME} if is_open else node


def _closed(node: Node) -> Node:
    allowed = node.get("additionalProperties")
    if allowed is False:
        return {**node, "additionalProperties": UNKNOWN}
    return {k: v for k, v in node.items() if k != "additionalProperties" or allowed is not True}


def _tuple(node: Node) -> Node:
    items = node.get("prefixItems")
    if items is None:
        return node
    rest = {key: value for key, value in node.items() if key != "prefixItems"}
    return {**rest, "items": items}

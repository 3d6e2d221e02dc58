"""The JSON schema of plugins.toml, made from the models and from the adapters that are here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from pathlib import Path

from pydantic import BaseModel

from imageway.core.errors import ImagewayError
from imageway.providers.config import Config, ProviderConfig
from imageway.providers.file.plain_schema import Node, child, plain_schema
from imageway.providers.registry import GROUP, find_adapter, installed

FILE_NAME = "plugins.schema.json"
PACKAGE = "imageway"
DRAFT = "http://json-schema.org/draft-07/schema#"
# The keys of every provider are told of elsewhere, and here only let through.
EVERYWHERE = f"^({'|'.join(ProviderConfig.model_fields)})$"
# An adapter that no entry point names is written "package.module:Class" or "./file.py:Class".
A_PATH: Node = {"required": ["adapter"], "properties": {"adapter": {"pattern": ":"}}}


def shipped() -> tuple[str, ...]:
    """The adapters that come with imageway itself."""
    points = entry_points(group=GROUP)
    return tuple(sorted(each.name for each in points if each.dist and each.dist.name == PACKAGE))


def schema(adapters: Iterable[str] | None = None) -> Node:
    """The whole file; without names, with the own keys of every adapter that is installed."""
    names = sorted(installed() if adapters is None else adapters)
    made = plain_schema(Config)
    own = {name: _own_keys(name) for name in names}
    for table in child(made, "properties", "providers", "patternProperties").values():
        if isinstance(table, dict):
            table.update(_told_apart(own))
    return {
        "$schema": DRAFT,
        "title": "plugins.toml of imageway",
        **made,
        "definitions": {name: found for name, found in own.items() if found},
    }


def spelled(adapters: Iterable[str] | None = None) -> str:
    """The same as a file."""
    return json.dumps(schema(adapters), indent=2, ensure_ascii=False) + "\n"


def _own_keys(name: str) -> Node:
    """What a provider's table may hold with this adapter; nothing where it cannot be loaded."""
    try:
        found: type[BaseModel] = find_adapter(name, Path()).Config
    except ImagewayError:
        return {}
    made = plain_schema(found)
    return {**made, "patternProperties": {EVERYWHERE: {}}}


def _told_apart(own: Mapping[str, Node]) -> Node:
    """Which keys a table may have depends on its adapter; one behind a path may have any."""
    known: Node = {"properties": {"adapter": {"enum": [*own]}}}
    references: dict[str, Node] = {
        name: {"$ref": f"#/definitions/{name}"} for name, found in own.items() if found
    }
    return {
        "if": A_PATH,
        "else": {**known, **_chain(references)},
        # It holds of everything, and is there because editors offer what alternatives mention.
        "anyOf": [*references.values(), {}],
    }


def _chain(references: Mapping[str, Node]) -> Node:
    chain: Node = {}
    for name, reference in reversed([*references.items()]):
        condition: Node = {"required": ["adapter"], "properties": {"adapter": {"const": name}}}
        chain = {"if": condition, "then": reference, **({"else": chain} if chain else {})}
    return chain


if __name__ == "__main__":
    import sys

    Path(sys.argv[1]).write_text(spelled(shipped()), encoding="utf-8")

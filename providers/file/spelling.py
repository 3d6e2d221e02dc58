"""Values as plugins.toml would spell them; a secret shows no more than its end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from datetime import date, time
from enum import Enum
from typing import TypeGuard

from pydantic import BaseModel, BeforeValidator, SecretStr
from pydantic.fields import FieldInfo

from imageway.providers.file.documenting import SPELL_BY_READER

# Of a shorter one, four letters would tell too much.
LEAST_TO_SHOW_AN_END = 16


def worded(value: object, field: FieldInfo) -> str:
    """A key's value in its own unit."""
    readers = [each.func for each in field.metadata if isinstance(each, BeforeValidator)]
    if isinstance(value, int | float) and readers and (spell := SPELL_BY_READER.get(readers[0])):
        return spell(value)
    return spelled(value)


def spelled(value: object) -> str:
    """Any value; tables in one line, nothing that is not set."""
    if isinstance(value, SecretStr):
        return json.dumps(masked(value))
    if isinstance(value, BaseModel):
        return _table({_key(value, name): getattr(value, name) for name in _told(value)})
    if _is_mapping(value):
        return _table({str(key): each for key, each in value.items()})
    if _is_set(value):
        return spelled(sorted(value, key=str))
    if _is_list(value):
        return f"[{', '.join(spelled(each) for each in value)}]"
    return _plain(value)


def masked(secret: SecretStr) -> str:
    """The end of a secret, by which its owner knows it again."""
    value = secret.get_secret_value()
    return f"****{value[-4:] if len(value) >= LEAST_TO_SHOW_AN_END else ''}"


def _plain(value: object) -> str:
    match value:
        case bool() | int():
            return json.dumps(value)
        case float():
            return f"{value:g}"
        case date() | time():
            return value.isoformat()
        case Enum():
            return spelled(value.value)
        case _:
            return json.dumps(str(value), ensure_ascii=False)


def _is_mapping(value: object) -> TypeGuard[Mapping[object, object]]:
    return isinstance(value, Mapping)


def _is_set(value: object) -> TypeGuard[Set[object]]:
    return isinstance(value, Set)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, list | tuple)


def _table(table: Mapping[str, object]) -> str:
    pairs = [f"{key} = {spelled(each)}" for key, each in table.items() if each is not None]
    return f"{{ {', '.join(pairs)} }}" if pairs else "{}"


def _told(model: BaseModel) -> list[str]:
    return [name for name in type(model).model_fields if name in model.model_fields_set]


def _key(model: BaseModel, name: str) -> str:
    return type(model).model_fields[name].alias or name

"""The tables of docs/configuration.md, made from the models that read the file.

`python -m imageway.providers.file.documenting docs/configuration.md` writes them anew.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import BaseModel, BeforeValidator
from pydantic.fields import FieldInfo

from imageway.providers.accounting.rates import Rate
from imageway.providers.config import (
    Cache,
    Gateway,
    JournalTable,
    Key,
    Limits,
    ProviderConfig,
    Route,
)
from imageway.providers.tables.chaos import Chaos, Trouble
from imageway.providers.tables.chat import Chat
from imageway.providers.tables.features import Features, Rollout
from imageway.providers.tables.keeping import Keeping
from imageway.providers.tables.money import KeyBudget, MaxPrice
from imageway.providers.tables.policies import Budget, Concurrency, Retry, Switch, Timeout, Waits
from imageway.providers.tables.section import Section
from imageway.providers.tables.storage import Storage
from imageway.providers.tables.units import (
    byte_count,
    byte_rate,
    seconds,
    spell_bytes,
    spell_rate,
    spell_seconds,
)
from imageway.providers.vitals import HealthTable

BEGIN, END = "<!-- generated -->\n", "<!-- end -->"

SPELL_BY_READER: Mapping[object, Callable[[float], str]] = {
    seconds: spell_seconds,
    byte_count: spell_bytes,
    byte_rate: spell_rate,
}
MODEL_BY_TABLE: Mapping[str, type[BaseModel]] = {
    "gateway": Gateway,
    "gateway.limits": Limits,
    "journal": JournalTable,
    "cache": Cache,
    "chat": Chat,
    "storage": Storage,
    "features": Features,
    "features.NAME": Rollout,
    "chaos": Chaos,
    "chaos.providers.NAME": Trouble,
    "providers.NAME": ProviderConfig,
    "providers.NAME.max_price": MaxPrice,
    "health": HealthTable,
    "defaults.timeout": Timeout,
    "defaults.retry": Retry,
    "defaults.retry.backoff": Waits,
    "defaults.retry.budget": Budget,
    "defaults.breaker": Switch,
    "defaults.concurrency": Concurrency,
    "defaults.gallery": Keeping,
    "routes.NAME": Route,
    "keys.NAME": Key,
    "keys.NAME.budget": KeyBudget,
    "keys.NAME.rate": Rate,
}


def rewrite(page: str, made: str) -> str:
    """The same page with its generated part made anew."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN.strip()} … {END}")
    return before + BEGIN + "\n" + made + "\n" + END + after


def tables() -> str:
    """Every key with its default and its meaning, as Markdown."""
    return "\n".join(_table(name, model) for name, model in MODEL_BY_TABLE.items())


def _table(name: str, model: type[BaseModel]) -> str:
    rows = [
        f"| `{key}` | {_spelled(field)} | {field.description} |"
        for key, field in _keys(model)
        if field.description
    ]
    head = "| key | without a word | meaning |\n|---|---|---|"
    return "\n".join([f"### [{name}]\n", head, *rows, ""])


def _keys(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    """The keys as the file spells them."""
    return [(field.alias or name, field) for name, field in model.model_fields.items()]


def _spelled(field: FieldInfo) -> str:
    """A default as the file would spell it."""
    value: object = field.default
    if field.is_required():
        return "must be given"
    if isinstance(value, Rollout):
        return f"`{json.dumps(value.on)}`"
    if value is None or isinstance(value, Section):
        return "–"
    return f"`{_worded(value, field)}`"


def _worded(value: object, field: FieldInfo) -> str:
    readers = [each.func for each in field.metadata if isinstance(each, BeforeValidator)]
    if isinstance(value, int | float) and readers and (spell := SPELL_BY_READER.get(readers[0])):
        return spell(value)
    return f"{value:g}" if isinstance(value, float) else json.dumps(value)


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(rewrite(path.read_text(encoding="utf-8"), tables()), encoding="utf-8")

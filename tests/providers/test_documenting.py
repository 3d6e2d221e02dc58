"""The page of plugins.toml tells what the models hold."""

from __future__ import annotations

import pytest

from imageway.providers.file.documenting import MODEL_BY_TABLE, rewrite, tables
from imageway.providers.tables.section import Section
from imageway.providers.tables.units import spell_bytes, spell_rate, spell_seconds
from tests.checkout import ROOT


def test_the_page_is_up_to_date() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    remedy = "run: python -m imageway.providers.file.documenting docs/configuration.md"
    assert rewrite(page, tables()) == page, remedy


@pytest.mark.parametrize("name", MODEL_BY_TABLE)
def test_every_key_has_its_sentence(name: str) -> None:
    silent = [
        key
        for key, field in MODEL_BY_TABLE[name].model_fields.items()
        if not field.description and not isinstance(field.default, Section | None)
    ]
    assert silent == []


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.5, '"500ms"'), (3, '"3s"'), (90, '"90s"'), (300, '"5m"'), (86400, '"1d"'), (0, '"0s"')],
)
def test_a_duration_is_spelled_in_its_largest_whole_unit(seconds: float, text: str) -> None:
    assert spell_seconds(seconds) == text


def test_bytes_are_spelled_as_the_file_has_them() -> None:
    assert (spell_bytes(32 * 2**20), spell_bytes(100), spell_rate(1024)) == (
        '"32MiB"',
        '"100B"',
        '"1KiB/s"',
    )

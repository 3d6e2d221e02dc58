"""A file is brought into the form of today step by step, and keeps every comment on the way."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from tomlkit import TOMLDocument

from imageway.core.errors import ImagewayError
from imageway.providers.config import BUILT_IN, Config
from imageway.providers.file.migrating import STEP_BY_NUMBER, migrated
from imageway.providers.loading import SCHEMA, Source
from tests.checkout import ROOT, text

EXAMPLE = text(ROOT / "docs" / "plugins.example.toml")


def source_of(written: str) -> Source:
    return Source(BUILT_IN, Path("plugins.toml"), written)


def renamed(document: TOMLDocument) -> TOMLDocument:
    """A step of a form to come: a table gets another name."""
    accounts: object = document["providers"]
    document["accounts"] = accounts
    del document["providers"]
    document["schema"] = 2
    return document


def test_there_is_a_step_from_every_number_before_today() -> None:
    assert sorted(STEP_BY_NUMBER) == list(range(SCHEMA))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "schema = 1\n"),
        ("[gateway]\n", "schema = 1\n\n[gateway]\n"),
        ("# About this file.\n\n[gateway]\n", "# About this file.\n\nschema = 1\n\n[gateway]\n"),
        ("# About the gateway.\n[gateway]\n", "schema = 1\n\n# About the gateway.\n[gateway]\n"),
        ("#:schema ./x.json\n[gateway]\n", "#:schema ./x.json\nschema = 1\n\n[gateway]\n"),
        ("# Nothing yet.\n", "# Nothing yet.\n\nschema = 1\n"),
        ("schema = 0 # old\n", "schema = 1 # old\n"),
        ("# A\r\n\r\n[gateway]\r\n", "# A\r\n\r\nschema = 1\r\n\r\n[gateway]\r\n"),
    ],
)
def test_a_file_without_a_number_gets_it_where_a_person_would_write_it(
    before: str, after: str
) -> None:
    assert migrated(source_of(before)) == (0, after)


def test_a_file_of_today_stays_as_it_is() -> None:
    assert migrated(source_of(EXAMPLE)) == (SCHEMA, EXAMPLE)


def test_every_comment_is_kept_and_every_value_too() -> None:
    before = EXAMPLE.replace("schema = 1\n", "")
    number, after = migrated(source_of(before))
    assert number == 0
    assert [line for line in before.splitlines() if line not in after.splitlines()] == []
    assert Config.model_validate(tomllib.loads(after)) == Config.model_validate(
        tomllib.loads(EXAMPLE)
    )


def test_several_steps_are_taken_one_after_the_other() -> None:
    before = "# Ours.\n\n[providers.demo] # paints\nadapter = 'demo'\n"
    number, after = migrated(source_of(before), {**STEP_BY_NUMBER, 1: renamed}, newest=2)
    assert number == 0
    assert tomllib.loads(after) == {"schema": 2, "accounts": {"demo": {"adapter": "demo"}}}
    assert "# Ours." in after
    assert "# paints" in after


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("schema = 2\n", "line 1: schema = 2: this imageway knows up to 1"),
        ("schema = 'one'\n", "schema = 'one': must be a whole number"),
        ("schema = true\n", "must be a whole number"),
        ("schema = -1\n", "schema = -1: there is no way from -1 to 0"),
    ],
)
def test_a_number_that_leads_nowhere_is_refused(written: str, words: str) -> None:
    with pytest.raises(ImagewayError) as caught:
        migrated(source_of(written))
    assert words in caught.value.info.message

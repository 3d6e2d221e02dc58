"""The schema of plugins.toml is the models' own, and what editors say by it can be read."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, JsonValue, SecretStr

from imageway.providers.config import ProviderConfig
from imageway.providers.file.plain_schema import Node, child, plain_schema
from imageway.providers.file.schema import schema, shipped, spelled
from imageway.providers.loading import load
from imageway.providers.snapshot import provision
from imageway.providers.tables.section import Section
from tests.checkout import ROOT, text

TAPLO = Path(sys.executable).with_name("taplo")
SCHEMA = ROOT / "plugins.schema.json"
EXAMPLE = ROOT / "docs" / "plugins.example.toml"
LINE = "#:schema ./plugins.schema.json\n"
BLOCK = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = [path for each in ("docs", "adapters/*", ".") for path in sorted(ROOT.glob(f"{each}/*.md"))]
# "house" is a stranger's adapter, which the guide for authors tells how to install.
BLOCKS = [
    block
    for page in PAGES
    for block in BLOCK.findall(text(page))
    if "[providers" in block and '"house"' not in block
]

# What is wrong, on which line taplo points, and what it then says of it.
COMPLAINTS = [
    ("schema = 2\n", 2, "1 was expected"),
    ("gatway = 1\n", 2, '{"title":"an unknown key"} is not allowed for 1'),
    ("[gateway]\ndrain_timeout = 90\n", 3, '90 is not of type "string"'),
    ("[gateway.limits]\nbody = '32 MB!'\n", 3, '"32 MB!" does not match'),
    ("[gateway.limits]\npixels = 0\n", 3, "0 is less than the minimum of 1"),
    ("[defaults.retry]\nattempts = 'two'\n", 3, '"two" is not of type "integer"'),
    ("[features]\nearly_access = 'no'\n", 3, "is not"),
    (
        "[providers.x]\nadapter = 'gemni'\n",
        3,
        '"gemni" is not one of ["civitai","demo","gemini","openai","qwen"]',
    ),
    (
        "[providers.x]\nadapter = 'openai'\norganisation = 'x'\n",
        4,
        '{"title":"an unknown key"} is not allowed for "x"',
    ),
    ("[providers.x]\nadapter = 'openai'\napi_key = 'sk-1'\n", 4, 'is not of type "object"'),
    (
        "[providers.x]\nadapter = 'openai'\napi_key = { env = 'A', file = 'b' }\n",
        4,
        '{"title":"a second one of env, file and command"} is not allowed for "b"',
    ),
    (
        "[providers.x]\nadapter = 'civitai'\nearly_access = 'no'\n",
        4,
        '"no" is not one of ["check","public_version","off"]',
    ),
    ("[providers.x]\nadapter = 'demo'\ncost = 'free'\n", 4, '"free" is not one of'),
    ("[providers.x]\ncost = 'paid'\n", 2, '"adapter" is a required property'),
    (
        "[providers.x]\nadapter = './a.py:A'\ntimeout = { total = 'long' }\n",
        4,
        '"long" does not match',
    ),
    (
        "[providers.'a b']\nadapter = 'demo'\n",
        2,
        "{\"title\":\"a name: letters, digits, '.', '_', '-', beginning with a letter or digit\"}",
    ),
    ("[routes.r]\ntry = 'a/b'\n", 3, '"a/b" is not of type "array"'),
    ("[routes.r]\ntry = []\n", 3, "[] has less than 1 item"),
    ("[routes.r]\ntry = [3]\n", 3, '3 is not of types "object", "string"'),
    ("[routes.r]\ntry = [{ modle = 'a/b' }]\n", 3, '{"title":"an unknown key"} is not allowed'),
    ("[keys.k]\nhash = 'abc'\n", 3, '"abc" is not of type "object"'),
    ("[keys.k]\nallow = 'photo'\n", 3, '"photo" is not of type "array"'),
]


def lint(file: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [TAPLO, "lint", "--no-auto-config", "--colors", "never", file.name],
        cwd=file.parent,
        capture_output=True,
        text=True,
        check=False,
    )


def lint_text(folder: Path, body: str) -> str:
    """What taplo says of a text; nothing when it is content."""
    shutil.copy(SCHEMA, folder)
    file = folder / "plugins.toml"
    file.write_text(LINE + body, encoding="utf-8")
    done = lint(file)
    return done.stderr if done.returncode else ""


def nodes(value: JsonValue) -> Iterator[Node]:
    """Every schema and table of schemas in a document."""
    match value:
        case dict():
            yield value
            for each in value.values():
                yield from nodes(each)
        case list():
            for each in value:
                yield from nodes(each)
        case _:
            return


def test_the_committed_schema_is_what_the_models_say() -> None:
    remedy = "run: python -m imageway.providers.file.schema plugins.schema.json"
    assert text(SCHEMA) == spelled(shipped()), remedy


@pytest.mark.parametrize("file", [ROOT / "plugins.toml", EXAMPLE])
def test_our_own_files_name_the_schema_and_satisfy_it(file: Path) -> None:
    assert text(file).startswith("#:schema ")
    done = lint(file)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("block", BLOCKS)
def test_the_examples_of_the_pages_satisfy_it(block: str, tmp_path: Path) -> None:
    assert lint_text(tmp_path, block) == ""


async def test_the_full_example_can_be_used_but_for_its_secrets() -> None:
    snapshot = provision(load(EXAMPLE), {})
    disabled = {name: each.disabled for name, each in snapshot.providers.items() if each.disabled}
    await snapshot.close()
    assert sorted(disabled) == ["civitai", "google", "google-vertex", "openai"]


def test_the_full_example_has_every_section_and_every_key_of_it() -> None:
    source = load(EXAMPLE)
    config = source.config
    tables = [getattr(config, name) for name in type(config).model_fields if name != "chaos"]
    sections = [each for each in tables if isinstance(each, Section)]
    for section in (config, config.gateway.limits, *sections):
        missing = type(section).model_fields.keys() - section.model_fields_set
        assert not missing, f"{EXAMPLE.name} does not show them; give each a line with its comment"


@pytest.mark.parametrize(("body", "line", "words"), COMPLAINTS)
def test_a_typical_mistake_is_said_in_words_at_its_line(
    tmp_path: Path, body: str, line: int, words: str
) -> None:
    said = lint_text(tmp_path, body)
    [first, *_] = [each for each in said.split("\nerror: ") if words in each]
    assert f"plugins.toml:{line}:" in first
    assert len(first.splitlines()[0]) < 160


def test_no_alternative_is_null_and_nothing_is_said_for_machines() -> None:
    words = [key for node in nodes(schema(shipped())) for key in node]
    assert "$defs" not in words
    assert not [node for node in nodes(schema(shipped())) if node.get("type") == "null"]


def test_every_common_key_of_a_provider_is_let_through_by_every_adapter(tmp_path: Path) -> None:
    common = "cost = 'paid'\nnetwork = 'public'\ntimeout = { total = '1m' }\n"
    assert {"cost", "network", "timeout"} <= ProviderConfig.model_fields.keys()
    for name in shipped():
        assert lint_text(tmp_path, f"[providers.x]\nadapter = '{name}'\n{common}") == ""


def test_an_adapter_behind_a_path_may_have_any_keys(tmp_path: Path) -> None:
    body = "[providers.x]\nadapter = './mine.py:Mine'\npainting = { brush = 3 }\n"
    assert lint_text(tmp_path, body) == ""


def test_an_adapter_that_is_not_named_leaves_its_name_unknown() -> None:
    assert sorted(child(schema(["demo"]), "definitions")) == ["demo"]


def test_a_duration_is_written_with_its_unit_and_its_default_too() -> None:
    timeout = child(schema(["demo"]), "properties", "defaults", "properties", "timeout")
    total = child(timeout, "properties", "total")
    assert total["default"] == "15m"
    assert total["type"] == "string"
    assert "90s" in str(total["examples"])


class Odd(BaseModel):
    """A stranger's Config."""

    inner: Odd | None = None
    key: SecretStr | None = None
    either: bool | dict[str, int] | None = None


def test_a_strangers_config_is_told_as_far_as_it_can_be() -> None:
    made = child(plain_schema(Odd), "properties")
    assert made["inner"] == {}
    assert "env" in child(made, "key", "properties")
    assert child(made, "either")["type"] == ["boolean", "object"]

"""Every way in which plugins.toml can be wrong, and what is said of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.loading import load, nearest
from imageway.providers.snapshot import provision
from tests.providers.support import HOUSE, living, refusal, source_of

DEMO = "[providers.demo]\nadapter = 'demo'\n"
SECRET = "sk-do-not-show"
WRITE = 'write {} = {{ env = "NAME" }}, {{ file = "PATH" }} or {{ command = ["PROGRAM"] }}'

REFUSALS = [
    ("[providers\n", "line 1: this is not TOML: expected ']' at the end of a table declaration"),
    ("a = 1\nb = = 2\n", "line 2: this is not TOML: invalid value"),
    (DEMO + DEMO, "line 3: this is not TOML: cannot declare [providers.demo] twice"),
    (f"schema = {'9' * 5000}", "this is not TOML: a number is too long"),
    (f"a = {'[' * 3000}", "this is not TOML: nested too deeply"),
    ("schema = 2\n", "line 1: schema = 2: this imageway knows up to 1"),
    ("providers = 3\n", "line 1: providers = 3: must be a table"),
    ("[providers]\nx = 'demo'\n", "line 2: [providers] x = 'demo': must be a table"),
    ("\n[providers.x]\ncost = 'paid'\n", "line 2: [providers.x] the key 'adapter' is missing"),
    (DEMO.replace("'demo'", "3"), "line 2: [providers.demo] adapter = 3: must be a text in quotes"),
    (DEMO.replace("'demo'", "''"), "line 2: [providers.demo] adapter = '': must not be empty"),
    (DEMO + "cost = 'free'\n", "line 3: [providers.demo] cost = 'free': must be 'paid' or 'local'"),
    (
        "[providers.'a b']\nadapter = 'demo'\n",
        "line 1: [providers] 'a b': a name has letters, digits, '.', '_' and '-', and begins with "
        "a letter or digit",
    ),
    (
        "[defaults.timeout]\ntotal = 90\n",
        "line 2: [defaults.timeout] total = 90: must be written with its unit, such as "
        '"500ms", "90s" or "5m"',
    ),
    (
        "[defaults.timeout]\ntotal = '0s'\n",
        "line 2: [defaults.timeout] total = '0s': must be more than 0",
    ),
    (
        "[defaults.timeout]\ntotal = '31d'\n",
        "line 2: [defaults.timeout] total = '31d': must be at most 30d",
    ),
    (
        "[gateway.limits]\nimages_per_request = 1000\n",
        "line 2: [gateway.limits] images_per_request = 1000: must be at most 100",
    ),
    (
        "[gateway.limits]\nimages_per_request = 1.5\n",
        "line 2: [gateway.limits] images_per_request = 1.5: must be a whole number",
    ),
    (
        "[gateway.limits]\nconnections = true\n",
        "line 2: [gateway.limits] connections = true: must be a whole number",
    ),
    (
        "[gateway]\nlisten = 'localhost:99999'\n",
        "line 2: [gateway] listen = 'localhost:99999': must be written HOST:PORT, such as "
        '"127.0.0.1:8088"',
    ),
    (HOUSE + "pace = -1\n", "line 3: [providers.house] pace = -1: must be at least 0"),
    ("[routes.r]\ntry = []\n", "line 2: [routes.r] try: must not be empty"),
    ("[routes.r]\ntitle = 'x'\n", "line 1: [routes.r] the key 'try' is missing"),
    ("[routes.r]\ntry = [3]\n", "line 2: [routes.r] try, item 1 = 3: must be a table"),
    (
        "[routes.r]\ntry = 'demo/demo'\n",
        "line 2: [routes.r] try = 'demo/demo': must be a list of models, such as [\"demo/demo\"]",
    ),
    (
        DEMO + "[routes.r]\ntry = [{ model = 'demo/demo', defaults = { style = 2024-01-01 } }]\n",
        "line 4: [routes.r] try, item 1, defaults, style = 2024-01-01: must be a text, a number, "
        "true or false, a list or a table",
    ),
    ("[keys.k]\nallow = ['x']\n", "line 1: [keys] k: a key has either a hash or a token"),
    (
        "[keys.k]\nhash = { env = 'X' }\ntoken = { env = 'Y' }\n",
        "line 1: [keys] k: a key has either a hash or a token",
    ),
    (
        "[keys.k]\nhash = { env = 'X' }\nallow = 'photo'\n",
        "line 3: [keys.k] allow = 'photo': must be a list",
    ),
]

TYPOS = [
    ("shcema = 1\n", "line 1: unknown key 'shcema'", "'schema'"),
    ("\n[provider.x]\nadapter = 'demo'\n", "line 2: unknown key 'provider'", "'providers'"),
    (
        "[gateway.limits]\nbodi = '1B'\n",
        "line 2: [gateway.limits] unknown key 'bodi'",
        "'body'",
    ),
    (
        "[defaults]\ntimeout = { totl = '1s' }\n",
        "line 2: [defaults.timeout] unknown key 'totl'",
        "'total'",
    ),
    (
        HOUSE + "api_kye = { env = 'X' }\n",
        "line 3: [providers.house] unknown key 'api_kye'",
        "'api_key'",
    ),
    (HOUSE + "timeuot = '1s'\n", "line 3: [providers.house] unknown key 'timeuot'", "'timeout'"),
    (
        HOUSE + "[providers.house.cloud]\nproject = 'p'\ncredntials = 'x'\n",
        "line 5: [providers.house.cloud] unknown key 'credntials'",
        "'credentials'",
    ),
    (
        HOUSE + "api_key = { evn = 'X' }\n",
        "line 3: [providers.house.api_key] unknown key 'evn'",
        "'env'",
    ),
    (
        DEMO + "[routes.r]\ntry = ['demo/demo', { modle = 'demo/demo' }]\n",
        "line 4: [routes.r] try, item 2: unknown key 'modle'",
        "'model'",
    ),
    (
        "[keys.k]\nhsah = { env = 'X' }\n",
        "line 2: [keys.k] unknown key 'hsah'",
        "'hash'",
    ),
]

PLAIN = [
    (HOUSE + f"api_key = '{SECRET}'\n", "line 3: [providers.house] api_key", "api_key"),
    (HOUSE + "api_key = 123456789\n", "line 3: [providers.house] api_key", "api_key"),
    (
        HOUSE + f"[providers.house.cloud]\nproject = 'p'\ncredentials = '{SECRET}'\n",
        "line 5: [providers.house.cloud] credentials",
        "credentials",
    ),
    (
        HOUSE + f"headers = {{ X-Key = '{SECRET}' }}\n",
        "line 3: [providers.house.headers] X-Key",
        "X-Key",
    ),
    (f"[keys.k]\ntoken = '{SECRET}'\n", "line 2: [keys.k] token", "token"),
]


@pytest.mark.parametrize(("text", "said"), REFUSALS)
def test_a_mistake_is_refused_with_its_place_and_value(
    tmp_path: Path, text: str, said: str
) -> None:
    message = refusal(tmp_path, text).message
    assert message.removeprefix("plugins.toml").lstrip(",: ") == said


@pytest.mark.parametrize(("text", "said", "near"), TYPOS)
def test_a_mistyped_key_is_answered_with_the_nearest(
    tmp_path: Path, text: str, said: str, near: str
) -> None:
    info = refusal(tmp_path, text)
    assert info.message == f"plugins.toml, {said}"
    assert info.hint is not None
    assert info.hint.startswith(f"did you mean {near}")


@pytest.mark.parametrize(("text", "said", "key"), PLAIN)
def test_a_secret_in_the_file_is_refused_and_not_repeated(
    tmp_path: Path, text: str, said: str, key: str
) -> None:
    info = refusal(tmp_path, text)
    assert info.message == f"plugins.toml, {said}: a secret is never written into the file"
    assert info.hint == WRITE.format(key)
    assert SECRET not in info.model_dump_json()


def test_a_long_value_is_not_repeated(tmp_path: Path) -> None:
    said = refusal(tmp_path, f"[gateway]\nlisten = '{'x' * 99}'\n").message
    assert "xxx" not in said


def test_a_mistake_shows_even_while_a_secret_is_missing(tmp_path: Path) -> None:
    text = HOUSE + "api_key = { env = 'NOT_SET' }\nbase_ulr = 'x'\n"
    assert "unknown key 'base_ulr'" in refusal(tmp_path, text).message


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    assert source_of(tmp_path, "\ufeffschema = 1\n").config.schema_ == 1


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ImagewayError, match=r"no\.toml: there is no such file") as caught:
        load(tmp_path / "no.toml")
    assert caught.value.info.hint is not None


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(ImagewayError, match="cannot be read: Is a directory"):
        load(tmp_path)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "plugins.toml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ImagewayError, match="it is not UTF-8 text"):
        load(path)


def test_without_a_file_the_built_in_demo_serves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    source = load()
    assert source.path is None
    assert list(provision(source, {}).router.routes) == ["default"]


def test_the_file_of_the_current_folder_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plugins.toml").write_text(DEMO)
    assert load().path == tmp_path / "plugins.toml"


@pytest.mark.parametrize(
    ("wrong", "right", "hint"),
    [
        ("photos", ["photo", "x"], "did you mean 'photo'?"),
        ("zzz", ["photo", "art"], "there is art, photo"),
        ("zzz", [], None),
    ],
)
def test_the_nearest_name_is_found_or_all_are_told(
    wrong: str, right: list[str], hint: str | None
) -> None:
    assert nearest(wrong, right) == hint


NAMES = st.sampled_from(
    ["schema", "providers", "routes", "keys", "gateway", "limits", "defaults", "timeout", "total",
     "adapter", "house", "api_key", "cloud", "headers", "tokens", "workflow", "try", "model", "env",
     "file", "hash", "token", "allow", "listen", "body", "'a b'", '""']
)  # fmt: skip
SCALARS = st.one_of(
    st.sampled_from(
        ["'./plugin.py:House'", "'demo'", "'house/x'", "'90s'", "'1MiB'", "1", "-1", "1e999",
         "nan", "true", "2024-01-01", "12:00:00", '"\\u0000"', "'house'", "[]", "{}"]
    ),
    st.integers().map(str),
    st.text(st.characters(exclude_characters="'\n", exclude_categories=("Cc", "Cs"))).map(
        lambda text: f"'{text}'"
    ),
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.dictionaries(NAMES, inner, max_size=3).map(
            lambda table: "{" + ", ".join(f"{k} = {v}" for k, v in table.items()) + "}"
        ),
    ),
    max_leaves=5,
)
LINES = st.one_of(
    st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: f"[{'.'.join(parts)}]"),
    st.tuples(NAMES, VALUES).map(" = ".join),
    st.just("[providers.house]\nadapter = './plugin.py:House'"),
    st.text(max_size=10),
)


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lines=st.lists(LINES, max_size=8))
def test_whatever_stands_in_the_file_it_is_taken_or_refused_in_words(
    tmp_path: Path, lines: list[str]
) -> None:
    text = "\n".join(lines).encode("utf-8", "replace").decode()
    refused = None
    try:
        living(tmp_path, text)
    except ImagewayError as error:
        refused = error.info
    assert refused is None or refused.message.startswith(f"{tmp_path}/plugins.toml")
    assert refused is None or refused.code is ErrorCode.MISCONFIGURED

"""Vertex AI with Google credentials: tokens are fetched, kept, renewed, and missed clearly."""

from __future__ import annotations

import builtins
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import imageway
from imageway.adapters.gemini.tokens import Token, Tokens
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.memo import Memo
from imageway.emulators.faults import Fault
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.serving import serve
from tests.adapters.gemini_lab import NANO, TWICE, Lab, bare, bench

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def private_key() -> str:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@pytest.fixture
def emulator() -> GeminiEmulator:
    return GeminiEmulator()


@pytest.fixture
async def url(emulator: GeminiEmulator) -> AsyncIterator[str]:
    async with serve(emulator) as root:
        yield root


def credentials(url: str, private_key: str) -> str:
    """The file of a service account."""
    return json.dumps(
        {
            "type": "service_account",
            "client_email": "imageway@p.iam.gserviceaccount.com",
            "private_key_id": "1",
            "private_key": private_key,
            "token_uri": f"{url}/token",
        }
    )


@pytest.fixture
async def vertex(url: str, private_key: str) -> AsyncIterator[Lab]:
    keys = {
        "project": "p",
        "credentials": credentials(url, private_key),
        "quota_project": "payer",
    }
    async with bench(url, api_key=None, vertex=keys) as found:
        yield found


async def test_a_service_account_draws_with_one_token_for_many_calls(
    emulator: GeminiEmulator, vertex: Lab
) -> None:
    result = await vertex.draw(model=NANO, count=3)
    assert result.status == "succeeded"
    tokens = [heard for heard in emulator.heard if heard.path == "/token"]
    calls = [heard for heard in emulator.heard if heard.path != "/token"]
    assert (len(tokens), len(calls)) == (1, 3)
    place = f"/v1beta1/projects/p/locations/global/publishers/google/models/{NANO}"
    assert {heard.path for heard in calls} == {f"{place}:generateContent"}
    assert {heard.header("Authorization") for heard in calls} == {"Bearer ya29.emulated-1"}
    assert {heard.header("x-goog-user-project") for heard in calls} == {"payer"}
    assert {heard.header("x-goog-api-key") for heard in calls} == {None}


async def test_a_user_who_has_logged_in_draws_too(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # For users google-auth knows but one token server.
    endpoint = "google.oauth2.credentials._GOOGLE_OAUTH2_TOKEN_ENDPOINT"
    monkeypatch.setattr(endpoint, f"{url}/token")
    user = {
        "type": "authorized_user",
        "client_id": "id",
        "client_secret": "secret",
        "refresh_token": "refresh",
    }
    keys = {"project": "p", "credentials": json.dumps(user)}
    async with bench(url, api_key=None, vertex=keys) as found:
        assert (await found.draw(model=NANO)).status == "succeeded"


async def test_a_token_that_has_ended_early_is_renewed_by_the_next_attempt(
    emulator: GeminiEmulator, vertex: Lab
) -> None:
    vertex.policies = TWICE
    await vertex.draw(model=NANO)
    emulator.tokens.clear()
    tokens = vertex.adapter._account.tokens  # pyright: ignore[reportPrivateUsage]: a token grows old
    assert tokens is not None
    later = datetime.now(UTC) + timedelta(minutes=10)
    object.__setattr__(tokens, "now", lambda: later)
    result = await vertex.draw(model=NANO)
    assert result.status == "succeeded"
    [retried] = [note for note in result.notes if note.kind == "retried"]
    assert "no longer took an access token" in retried.detail
    assert len(emulator.charges) == 2


async def test_a_fresh_token_that_is_refused_is_a_refusal(
    emulator: GeminiEmulator, vertex: Lab
) -> None:
    emulator.script(Fault.BAD_KEY, variant="token", times=None)
    vertex.policies = TWICE
    info = await vertex.refusal(model=NANO)
    assert (info.code, info.vendor_code) == (ErrorCode.UNAUTHENTICATED, "ACCESS_TOKEN_EXPIRED")
    assert info.hint == "look at vertex.credentials and vertex.project of this provider"
    assert "ya29" not in info.model_dump_json()


async def test_a_project_that_is_not_ours_says_which_right_is_missing(
    emulator: GeminiEmulator, vertex: Lab
) -> None:
    emulator.script(Fault.FORBIDDEN, variant="iam")
    info = await vertex.refusal(model=NANO)
    assert (info.code, info.vendor_code) == (ErrorCode.FORBIDDEN, "IAM_PERMISSION_DENIED")
    assert "Vertex AI User" in (info.hint or "")


async def test_a_location_without_image_models_is_not_found(url: str, private_key: str) -> None:
    keys = {
        "project": "p",
        "location": "us-central1",
        "credentials": credentials(url, private_key),
    }
    async with bench(url, api_key=None, vertex=keys) as found:
        info = await found.refusal(model=NANO)
    assert info.code is ErrorCode.NOT_FOUND
    assert "projects/p/locations/us-central1" in (info.vendor_message or "")
    assert "vertex.location" in (info.hint or "")


async def test_a_token_server_that_refuses_is_told_in_its_own_words(
    url: str, private_key: str
) -> None:
    text = credentials(url, private_key).replace("/token", "/nowhere")
    keys = {"project": "p", "credentials": text}
    async with bench(url, api_key=None, vertex=keys) as found:
        info = await found.refusal(model=NANO)
    assert info.code is ErrorCode.UNAUTHENTICATED
    assert info.message == "there are no Google credentials that work for this provider"
    assert "vertex.credentials" in (info.hint or "")
    assert "PRIVATE KEY" not in info.model_dump_json()


async def test_a_token_server_that_is_not_there_is_a_network_fault(private_key: str) -> None:
    keys = {"project": "p", "credentials": credentials("http://127.0.0.1:9", private_key)}
    async with bench("http://127.0.0.1:9", api_key=None, vertex=keys) as found:
        info = await found.refusal(model=NANO)
    assert (info.code, info.charged) == (ErrorCode.NETWORK, "no")


async def test_without_credentials_anywhere_it_is_said_how_to_get_some(
    url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "none.json"))
    async with bench(url, api_key=None, vertex={"project": "p"}) as found:
        info = await found.refusal(model=NANO)
    assert info.code is ErrorCode.UNAUTHENTICATED
    assert "gcloud auth application-default login" in (info.hint or "")


def test_without_google_auth_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def missing(
        name: str,
        scope: Mapping[str, object] | None = None,
        inner: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if name.startswith("google.auth"):
            raise ImportError(name)
        return real(name, scope, inner, fromlist or (), level)

    monkeypatch.setattr(builtins, "__import__", missing)
    with pytest.raises(ImagewayError) as caught:
        bare(api_key=None, vertex={"project": "p"})
    info = caught.value.info
    assert (info.code, info.hint) == (ErrorCode.MISCONFIGURED, 'pip install "imageway[vertex]"')
    assert info.message == "vertex.project needs google-auth, which is not installed"


def test_whoever_has_a_key_does_without_google_auth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "google.auth.transport.requests", None)
    bare()
    bare(vertex={})


TOML = """
[providers.vertex]
adapter = "gemini"
base_url = "{url}"
network = "private"
vertex = {{ project = "p", credentials = {{ file = "google.json" }} }}
"""


async def test_the_credentials_file_is_named_in_plugins_toml(
    tmp_path: Path, url: str, private_key: str
) -> None:
    (tmp_path / "google.json").write_text(credentials(url, private_key))
    (tmp_path / "google.json").chmod(0o600)
    (tmp_path / "plugins.toml").write_text(TOML.format(url=url))
    async with imageway.open(tmp_path / "plugins.toml") as way:
        result = await way.generate("a mug", model=f"vertex/{NANO}")
    assert result.status == "succeeded"


def token(since: datetime, life: timedelta) -> Token:
    return Token("t", since, since + life)


async def test_a_token_is_kept_until_shortly_before_its_end() -> None:
    lives = iter([timedelta(hours=1), timedelta(hours=1)])
    now = NOW
    tokens = Tokens(Memo(), lambda: token(now, next(lives)), lambda: now)
    first = await tokens.current()
    now = NOW + timedelta(minutes=50)
    assert await tokens.current() is first
    now = NOW + timedelta(minutes=56)
    assert await tokens.current() is not first


async def test_a_token_that_is_born_near_its_end_is_used_all_the_same() -> None:
    fetched: list[Token] = []

    def fetch() -> Token:
        fetched.append(token(NOW, timedelta(minutes=2)))
        return fetched[-1]

    tokens = Tokens(Memo(), fetch, lambda: NOW)
    assert await tokens.current() is await tokens.current()
    assert len(fetched) == 1

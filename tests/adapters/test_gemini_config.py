"""What plugins.toml may say of Google, base URLs as people paste them, and helpful refusals."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from imageway.adapters.gemini import GeminiConfig
from imageway.adapters.gemini.address import vertex_root
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.serving import serve
from tests.adapters.gemini_lab import bench, lab

KEY = "AIzaTest"
HOME = "https://generativelanguage.googleapis.com"
METHOD = "/models/m:generateContent"


def config(**keys: object) -> GeminiConfig:
    return GeminiConfig.model_validate({"api_key": KEY, **keys})


def complaint(**keys: object) -> str:
    with pytest.raises(ValidationError) as caught:
        GeminiConfig.model_validate(keys)
    first = caught.value.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


PASTED = [
    ("", "v1beta", False),
    ("/", "v1beta", False),
    ("/v1beta", "v1beta", False),
    ("/v1beta/", "v1beta", False),
    ("/v1", "v1", False),
    ("/v1alpha", "v1alpha", False),
    ("/v1beta/openai", "v1beta", True),
    ("/v1beta/openai/", "v1beta", True),
    ("/v1/openai", "v1", True),
    ("/openai", "v1beta", True),
    ("/v1beta/openai/chat/completions", "v1beta", True),
    ("/openai/chat/completions", "v1beta", True),
    ("/v1beta/openai/images/generations/", "v1beta", True),
    ("/v1main/openai", "v1beta", True),
    ("/v1beta/models", "v1beta", True),
    ("/v1beta/models/gemini-3.1-flash-image:generateContent", "v1beta", True),
    ("/upload/v1beta/files", "v1beta", True),
]


@pytest.mark.parametrize(("path", "version", "is_route"), PASTED)
@pytest.mark.parametrize("root", [HOME, "http://127.0.0.1:9", "https://proxy.example/google"])
def test_a_base_url_is_understood_as_people_paste_it(
    root: str, path: str, version: str, is_route: bool
) -> None:
    found = config(base_url=f"  {root}{path} ")
    assert found.address.method("m", "generateContent") == f"{root}/{version}{METHOD}"
    assert found.base is not None
    assert found.base.is_route is is_route


async def test_a_base_url_of_one_route_is_noted_with_what_is_asked() -> None:
    emulator = GeminiEmulator()
    async with serve(emulator) as root, bench(f"{root}/v1beta/openai/chat/completions") as found:
        result = await found.draw()
    assert result.status == "succeeded"
    assert found.notes == [f"base_url is the address of one route; asked is {root}/v1beta"]
    assert [heard.path for heard in emulator.heard] == [
        "/v1beta/models/gemini-3.1-flash-image:generateContent"
    ]


@pytest.mark.parametrize("path", ["", "/", "/v1beta", "/v1"])
async def test_a_usual_base_url_is_not_worth_a_word(path: str) -> None:
    async with serve(GeminiEmulator()) as root, bench(f"{root}{path}") as found:
        await found.draw()
    assert found.notes == []


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("generativelanguage.googleapis.com", "must be an http or https address"),
        ("ftp://x", "must be an http or https address"),
        ("https://", "must be an http or https address"),
        (f"{HOME}/v1beta?key=AIza", "a key belongs into api_key"),
        ("https://me:secret@x", "a key belongs into api_key"),
    ],
)
def test_a_url_that_cannot_be_one_is_refused_with_what_would_be_right(url: str, words: str) -> None:
    said = complaint(base_url=url, api_key=KEY)
    assert said.startswith("base_url: ")
    assert words in said
    assert "secret" not in said


@pytest.mark.parametrize("key", [None, "", "  "])
def test_without_a_key_it_is_said_where_one_is_made_and_how_it_is_written(key: str | None) -> None:
    said = complaint(**({} if key is None else {"api_key": key}))
    assert said.startswith("api_key: ")
    assert "aistudio.google.com/apikey" in said
    assert 'api_key = { env = "GEMINI_API_KEY" }' in said


def test_a_server_that_is_not_googles_may_want_no_key() -> None:
    assert GeminiConfig.model_validate({"base_url": "http://127.0.0.1:9"}).key is None


def test_a_key_is_taken_without_the_blanks_around_it_and_never_shown() -> None:
    found = config(api_key=" AIzaTest\n")
    assert found.key == KEY
    assert KEY not in repr(found)


@pytest.mark.parametrize(
    ("location", "root"),
    [
        ("global", "https://aiplatform.googleapis.com"),
        ("us", "https://aiplatform.us.rep.googleapis.com"),
        ("eu", "https://aiplatform.eu.rep.googleapis.com"),
        ("us-central1", "https://us-central1-aiplatform.googleapis.com"),
    ],
)
def test_each_location_of_vertex_has_its_host(location: str, root: str) -> None:
    assert vertex_root(location) == root
    found = GeminiConfig.model_validate({"vertex": {"project": "p", "location": location}})
    place = f"/v1beta1/projects/p/locations/{location}/publishers/google"
    assert found.address.method("m", "generateContent") == f"{root}{place}{METHOD}"


def test_express_mode_has_a_key_and_no_project() -> None:
    found = config(vertex={})
    root = "https://aiplatform.googleapis.com/v1beta1/publishers/google"
    assert found.address.method("m", "predict") == f"{root}/models/m:predict"


def test_a_pasted_url_of_vertex_keeps_its_host_and_version() -> None:
    url = "https://eu-x-aiplatform.googleapis.com/v1/projects/other/locations/x/publishers/google"
    found = GeminiConfig.model_validate({"base_url": url, "vertex": {"project": "p"}})
    assert found.address.told == (
        "https://eu-x-aiplatform.googleapis.com/v1/projects/p/locations/global/publishers/google"
    )


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"vertex": {}}, "api_key: Value error, is missing"),
        ({"vertex": {"project": "p"}, "api_key": KEY}, "leave out the key or vertex.project"),
        (
            {"base_url": "https://aiplatform.googleapis.com", "api_key": KEY},
            "vertex: Value error, is missing, and the base_url is Vertex AI; write vertex = {",
        ),
        ({"vertex": {"project": "p", "credentials": "nonsense"}}, "credentials file"),
        ({"vertex": {"project": "p", "credentials": "[]"}}, "credentials file"),
        (
            {"vertex": {"project": "p", "credentials": json.dumps({"type": "external_account"})}},
            "known are authorized_user, service_account",
        ),
        ({"vertex": {"project": "a/b"}}, "vertex.project: "),
        ({"api_key": KEY, "version": "newest"}, "version: "),
        ({"api_key": KEY, "safety_settings": [{"category": "X"}]}, "safety_settings.0"),
    ],
)
def test_keys_that_do_not_go_together_are_refused_with_the_way_out(
    keys: dict[str, object], words: str
) -> None:
    said = complaint(**keys)
    assert words in said
    assert "nonsense" not in said


async def test_what_the_configuration_says_goes_with_every_request() -> None:
    emulator = GeminiEmulator()
    setting = {"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_ONLY_HIGH"}
    async with lab(
        emulator, system="Always draw.", safety_settings=[setting], version="v1"
    ) as found:
        await found.draw()
    [heard] = emulator.heard
    assert heard.path.startswith("/v1/")
    assert heard.fields()["systemInstruction"] == {
        "role": "user",
        "parts": [{"text": "Always draw."}],
    }
    assert heard.fields()["safetySettings"] == [setting]

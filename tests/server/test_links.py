"""Pictures by link: served safely, to who has the link, unless another's key is shown."""

from __future__ import annotations

import pytest

from tests.server.lab import GENERATIONS, Json, Lab, lab, png

TWO_KEYS = {"me": {"token": {"env": "ME"}}, "you": {"token": {"env": "YOU"}}}
HERE = {"ME": "iw-me", "YOU": "iw-you"}
ASKED: Json = {"prompt": "x", "response_format": "url"}


async def test_a_link_leads_to_the_picture(it: Lab) -> None:
    answer = await it.ask(GENERATIONS, ASKED)
    link = str(answer.data[0]["url"])
    assert "b64_json" not in answer.data[0]
    assert link.startswith(f"{it.url}/v1/files/")
    got = await it.ask(link.removeprefix(it.url))
    assert (got.body, got.headers["Content-Type"]) == (png(), "image/png")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'"
    assert "immutable" in got.headers["Cache-Control"]


async def test_a_link_is_written_with_the_public_address() -> None:
    async with lab({"public_url": "https://pictures.example"}) as it:
        answer = await it.ask(GENERATIONS, ASKED)
        assert str(answer.data[0]["url"]).startswith("https://pictures.example/v1/files/file-")


@pytest.mark.parametrize("name", ["file-unknown", "..%2f..%2fetc%2fpasswd", "%00", "x" * 5000])
async def test_an_unknown_file_is_404(it: Lab, name: str) -> None:
    answer = await it.ask(f"/v1/files/{name}")
    assert (answer.status, answer.error["code"]) == (404, "file_not_found")


@pytest.mark.parametrize(("key", "status"), [("iw-me", 200), ("iw-you", 404), ("iw-no", 401)])
async def test_a_key_that_is_shown_must_be_the_owners(key: str, status: int) -> None:
    async with lab(keys=TWO_KEYS, environment=HERE) as it:
        answer = await it.ask(GENERATIONS, ASKED, Authorization="Bearer iw-me")
        path = str(answer.data[0]["url"]).removeprefix(it.url)
        assert (await it.ask(path, Authorization=f"Bearer {key}")).status == status
        assert (await it.ask(path)).status == 200

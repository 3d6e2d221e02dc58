"""Pictures by link: served safely, to the owner or to who has the signed link, and no longer."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest
from yarl import URL

from tests.server.lab import GENERATIONS, Json, Lab, lab, png

TWO_KEYS = {"me": {"token": {"env": "ME"}}, "you": {"token": {"env": "YOU"}}}
HERE = {"ME": "iw-me", "YOU": "iw-you"}
ASKED: Json = {"prompt": "x", "response_format": "url"}
MINE: Mapping[str, str] = {"Authorization": "Bearer iw-me"}


async def link_of(it: Lab, **headers: str) -> str:
    """The path of a link that was handed out, with its signature."""
    answer = await it.ask(GENERATIONS, ASKED, **headers)
    assert "b64_json" not in answer.data[0]
    return str(answer.data[0]["url"]).removeprefix(it.url)


async def test_a_link_leads_to_the_picture(it: Lab) -> None:
    got = await it.ask(await link_of(it))
    assert (got.body, got.headers["Content-Type"]) == (png(), "image/png")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "default-src 'none'"
    assert "immutable" in got.headers["Cache-Control"]
    assert got.headers["Content-Disposition"].startswith('inline; filename="file-')


async def test_a_link_is_written_with_the_public_address() -> None:
    async with lab({"public_url": "https://pictures.example"}) as it:
        answer = await it.ask(GENERATIONS, ASKED)
        assert str(answer.data[0]["url"]).startswith("https://pictures.example/v1/files/file-")


@pytest.mark.parametrize(
    "name",
    [
        "file-unknown",
        "..%2f..%2fetc%2fpasswd",
        "%00",
        "x" * 5000,
        "CON",
        "links.secret",
        "file-\N{GREEK SMALL LETTER ALPHA}",
    ],
)
async def test_an_unknown_file_is_404(it: Lab, name: str) -> None:
    answer = await it.ask(f"/v1/files/{name}")
    assert (answer.status, answer.error["code"]) == (404, "file_not_found")


@pytest.mark.parametrize(("key", "status"), [("iw-me", 200), ("iw-you", 404), ("iw-no", 401)])
async def test_a_key_that_is_shown_must_be_the_owners(key: str, status: int) -> None:
    async with lab(keys=TWO_KEYS, environment=HERE) as it:
        path = await link_of(it, **MINE)
        assert (await it.ask(path, Authorization=f"Bearer {key}")).status == status
        assert (await it.ask(path)).status == 200


@pytest.mark.parametrize(("key", "status"), [("iw-me", 200), ("iw-you", 404)])
async def test_without_a_signature_the_owners_key_is_needed(key: str, status: int) -> None:
    async with lab(keys=TWO_KEYS, environment=HERE) as it:
        bare = (await link_of(it, **MINE)).partition("?")[0]
        assert (await it.ask(bare, Authorization=f"Bearer {key}")).status == status
        assert (await it.ask(bare)).status == 401


@pytest.mark.parametrize(
    "change",
    [
        {"until": "99999999999"},
        {"until": "0"},
        {"until": "-1"},
        {"until": "\N{ARABIC-INDIC DIGIT NINE}" * 11},
        {"until": "9" * 5000},
        {"until": ""},
        {"sign": ""},
        {"sign": "A" * 32},
        {"sign": "\N{GREEK SMALL LETTER ALPHA}"},
    ],
)
async def test_a_link_that_was_changed_leads_nowhere(it: Lab, change: Mapping[str, str]) -> None:
    link = URL(await link_of(it)).update_query(change)
    answer = await it.ask(str(link))
    assert (answer.status, answer.error["code"]) == (404, "file_not_found")


async def test_a_signature_opens_no_other_picture(it: Lab) -> None:
    one, other = URL(await link_of(it)), URL(await link_of(it))
    assert (await it.ask(str(one.with_query(other.query)))).status == 404


async def test_a_link_survives_a_restart(tmp_path: Path) -> None:
    async with lab(keys=TWO_KEYS, environment=HERE, folder=tmp_path) as it:
        path = await link_of(it, **MINE)
    async with lab(keys=TWO_KEYS, environment=HERE, folder=tmp_path) as it:
        assert (await it.ask(path)).body == png()


async def test_a_link_ends_when_the_picture_does(tmp_path: Path) -> None:
    async with lab(folder=tmp_path, storage={"keep": "1ms"}) as it:
        assert (await it.ask(await link_of(it))).status == 404


async def test_the_folder_is_where_the_file_says(tmp_path: Path) -> None:
    async with lab(folder=tmp_path, storage={"path": "elsewhere"}) as it:
        await link_of(it)
    assert len(list((tmp_path / "elsewhere").iterdir())) == 1


async def test_where_nothing_can_be_kept_the_picture_stands_in_the_answer(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder belongs")
    async with lab(folder=tmp_path) as it:
        answer = await it.ask(GENERATIONS, ASKED)
    assert (answer.status, answer.data[0]["b64_json"]) == (200, _base64(png()))
    assert "could not be kept" in str(answer.beside["notes"])


async def test_an_earlier_picture_is_edited_by_its_id(it: Lab) -> None:
    name = (await link_of(it)).removeprefix("/v1/files/").partition("?")[0]
    body: Json = {"prompt": "blue", "image": {"file_id": name}}
    assert (await it.ask("/v1/images/edits", body)).status == 200
    assert it.adapter.asked[-1].references[0].picture.bytes == png()


def _base64(data: bytes) -> str:
    return b64encode(data).decode()

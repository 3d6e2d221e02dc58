"""CivitAI's list of pictures: its pages, its levels, and the outages that its edge hides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pydantic import JsonValue

from imageway.emulators.civitai import CivitaiEmulator
from imageway.emulators.civitai_outages import Outage
from tests.emulators.civitai_lab import Client, client_of, emulator, path_of

IMAGES = "/api/v1/images"


@pytest.fixture
def vendor() -> CivitaiEmulator:
    return emulator()


@pytest.fixture
async def client(vendor: CivitaiEmulator) -> AsyncIterator[Client]:
    async with client_of(vendor) as made:
        yield made


async def items(client: Client, query: str) -> list[dict[str, JsonValue]]:
    found = (await client.get(f"{IMAGES}?{query}")).fields["items"]
    assert isinstance(found, list)
    return [each for each in found if isinstance(each, dict)]


async def test_a_list_is_read_page_by_page_until_no_cursor_comes(client: Client) -> None:
    path, seen = f"{IMAGES}?limit=60&browsingLevel=31", 0
    while path:
        said = (await client.get(path)).fields
        assert isinstance(said["items"], list)
        assert isinstance(said["metadata"], dict)
        seen += len(said["items"])
        path = path_of(said["metadata"]["nextPage"]) if "nextPage" in said["metadata"] else ""
    assert seen == 200


async def test_a_word_for_levels_means_bits(client: Client) -> None:
    found = await items(client, "nsfw=true&limit=200")
    assert {str(each["browsingLevel"]) for each in found} == {"4", "8"}
    found = await items(client, "limit=200")
    assert {str(each["browsingLevel"]) for each in found} == {"1"}


async def test_a_name_of_digits_comes_as_a_number(client: Client) -> None:
    found = await items(client, "username=0222&limit=1")
    assert found[0]["username"] == 222


async def test_too_many_pages_are_refused_for_good(client: Client) -> None:
    said = await client.get(f"{IMAGES}?page=11&limit=100")
    assert said.status == 429
    assert "Retry-After" not in said.headers


@pytest.mark.parametrize(
    ("outage", "status"), [("text", 500), ("json", 500), ("html", 502), ("busy", 503)]
)
async def test_an_outage_hits_who_asks_with_parameters_and_was_not_served_before(
    vendor: CivitaiEmulator, client: Client, outage: Outage, status: int
) -> None:
    await client.get(f"{IMAGES}?limit=1")
    vendor.gallery.outage = outage
    assert (await client.get(f"{IMAGES}?limit=2")).status == status
    assert (await client.get(f"{IMAGES}?limit=1")).status == 200
    assert (await client.get(IMAGES)).status == 200
    assert (await client.get(f"{IMAGES}?limit=201")).status == 400


async def test_a_busy_answer_is_kept_by_nobody(vendor: CivitaiEmulator, client: Client) -> None:
    vendor.gallery.outage = "busy"
    said = await client.get(f"{IMAGES}?limit=1")
    assert (said.headers["Retry-After"], said.headers["Cache-Control"]) == ("2", "no-store")
    vendor.gallery.outage = None
    assert (await client.get(f"{IMAGES}?limit=1")).status == 200


async def test_a_failure_is_kept_like_any_answer(vendor: CivitaiEmulator, client: Client) -> None:
    vendor.gallery.outage = "text"
    await client.get(f"{IMAGES}?limit=1")
    vendor.gallery.outage = None
    assert (await client.get(f"{IMAGES}?limit=1")).status == 500


async def test_a_text_may_hold_a_raw_line_feed(vendor: CivitaiEmulator, client: Client) -> None:
    vendor.facts = replace(vendor.facts, control_characters=True)
    async with client.session.get(f"{IMAGES}?withMeta=true&limit=1") as response:
        assert b"a light\rhouse," in await response.read()

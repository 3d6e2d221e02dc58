"""CivitAI's two lists: two back ends, the words that each takes, and outages that are played."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from pydantic import JsonValue

from imageway.emulators.civitai import CivitaiEmulator
from imageway.emulators.civitai_images import FIRST_ID
from imageway.emulators.civitai_outages import HOUR, OUTAGES, Outage
from tests.emulators.civitai_lab import Client, Said, client_of, emulator

IMAGES, MODELS = "/api/v1/images", "/api/v1/models"


@pytest.fixture
def vendor() -> CivitaiEmulator:
    return emulator(edge=False)


@pytest.fixture
async def client(vendor: CivitaiEmulator) -> AsyncIterator[Client]:
    async with client_of(vendor) as made:
        yield made


def items(said: Said) -> list[dict[str, JsonValue]]:
    found = said.fields["items"]
    assert isinstance(found, list)
    return [each for each in found if isinstance(each, dict)]


def cursor(said: Said) -> JsonValue:
    metadata = said.fields["metadata"]
    assert isinstance(metadata, dict)
    return metadata.get("nextCursor")


def ids(said: Said) -> list[int]:
    return [int(str(each["id"])) for each in items(said)]


async def test_the_database_wraps_what_a_tool_wrote_unless_told_not_to(client: Client) -> None:
    picture = f"imageId={FIRST_ID}&withMeta=true"
    wrapped = items(await client.get(f"{IMAGES}?{picture}"))[0]["meta"]
    flat = items(await client.get(f"{IMAGES}?{picture}&flatMeta=true"))[0]["meta"]
    assert wrapped == {"id": FIRST_ID, "meta": flat}
    index = items(await client.get(f"{IMAGES}?withMeta=true&limit=1"))[0]["meta"]
    assert isinstance(index, dict)
    assert "prompt" in index


async def test_the_database_knows_no_order_but_time(client: Client) -> None:
    said = await client.get(f"{IMAGES}?modelId=101055&sort=Random")
    assert (said.status, said.fields["error"]) == (400, "Random sort requires a collectionId")
    by_likes = ids(await client.get(f"{IMAGES}?modelId=101055&sort=Most%20Reactions&limit=9"))
    by_time = ids(await client.get(f"{IMAGES}?modelId=101055&sort=Newest&limit=9"))
    assert by_likes == by_time
    index = f"{IMAGES}?modelId=101055&modelVersionId=128078&limit=9"
    assert ids(await client.get(f"{index}&sort=Most%20Reactions")) != by_time


async def test_the_database_goes_on_behind_a_picture(
    vendor: CivitaiEmulator, client: Client
) -> None:
    first = await client.get(f"{IMAGES}?modelId=101055&limit=5")
    vendor.gallery.arrive(20)
    vendor.gallery.leave(ids(first)[:2])
    second = await client.get(f"{IMAGES}?modelId=101055&limit=5&cursor={cursor(first)}")
    assert max(ids(second)) < min(ids(first))


@pytest.mark.parametrize(("pins", "repeated"), [(True, 0), (False, 3)])
async def test_a_place_shifts_with_what_arrives_unless_it_is_pinned(
    vendor: CivitaiEmulator, client: Client, pins: bool, repeated: int
) -> None:
    vendor.facts = replace(vendor.facts, cursors_pin=pins)
    query = f"{IMAGES}?sort=Newest&limit=10&browsingLevel=31"
    first = await client.get(query)
    vendor.gallery.arrive(3)
    second = await client.get(f"{query}&cursor={cursor(first)}")
    assert len({*ids(first)} & {*ids(second)}) == repeated


async def test_a_list_may_tell_its_next_page_by_a_link_alone(
    vendor: CivitaiEmulator, client: Client
) -> None:
    vendor.facts = replace(vendor.facts, link_cursors=True)
    metadata = (await client.get(f"{IMAGES}?limit=10")).fields["metadata"]
    assert isinstance(metadata, dict)
    assert [*metadata] == ["nextPage"]


async def test_any_text_is_a_yes_to_some_parameters(client: Client) -> None:
    said_no = ids(await client.get(f"{MODELS}?supportsGeneration=false"))
    assert said_no == ids(await client.get(f"{MODELS}?supportsGeneration=true"))
    assert said_no != ids(await client.get(MODELS))


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("limit=101", "<=100"),
        ("sort=Most%20Reactions", "Highest Rated"),
        ("types=LORA&types=Lora", "Invalid option"),
        ("baseModels=SDXL%201.0,Pony", "Invalid option"),
        ("query=a&page=2", "Use cursor-based pagination"),
    ],
)
async def test_a_wrong_question_about_models_is_refused(
    client: Client, query: str, words: str
) -> None:
    said = await client.get(f"{MODELS}?{query}")
    assert said.status == 400
    assert words in str(said.fields["error"])


async def test_a_search_goes_on_by_a_number_and_a_list_behind_a_model(client: Client) -> None:
    assert cursor(await client.get(f"{MODELS}?query=xl&limit=2")) == 2
    first = await client.get(f"{MODELS}?limit=4")
    assert str(cursor(first)).endswith(f"|{ids(first)[-1]}")
    second = await client.get(f"{MODELS}?limit=4&cursor={cursor(first)}")
    assert not {*ids(first)} & {*ids(second)}


async def test_the_words_of_parameters_are_listed(client: Client) -> None:
    said = (await client.get("/api/v1/enums")).fields
    assert isinstance(said["BaseModel"], list)
    assert "SDXL 1.0" in said["BaseModel"]


SHAPES: list[tuple[Outage, int, str]] = [
    ("text", 500, "Internal Server Error"),
    ("json", 500, "57014"),
    ("message", 500, "An unexpected error occurred"),
    ("html", 502, "<html>"),
    ("page", 200, "adjusting a few things"),
    ("busy", 503, "overloaded"),
    ("throttled", 429, "<html>"),
    ("limited", 429, "Too many requests"),
    ("nonsense", 200, "none today"),
]


@pytest.mark.parametrize(("outage", "status", "words"), SHAPES)
@pytest.mark.parametrize("path", [IMAGES, MODELS])
async def test_each_shape_of_a_failure_can_be_had(
    vendor: CivitaiEmulator, client: Client, path: str, outage: Outage, status: int, words: str
) -> None:
    vendor.gallery.outages.now = vendor.gallery.models.now = outage
    said = await client.get(f"{path}?limit=3")
    assert said.status == status
    assert words in str(said.body)


async def test_a_day_is_replayed_by_the_clock(vendor: CivitaiEmulator, client: Client) -> None:
    said = await client.ask("POST", "/_emulator/outage", {"replay": "2024-02-02"})
    assert said.fields == {"outage": None}
    seen: list[int] = []
    for _ in range(15):
        seen.append((await client.get(f"{IMAGES}?limit=3")).status)
        vendor.ahead += HOUR
    assert seen == [200, *[500] * 12, 200, 200]


async def test_the_bare_list_is_always_at_the_edge_during_an_outage() -> None:
    vendor = emulator()
    vendor.gallery.outage = "text"
    async with client_of(vendor) as client:
        said = await client.get(IMAGES)
    assert (said.status, said.headers["cf-cache-status"], said.headers["age"]) == (200, "HIT", "60")


@pytest.mark.parametrize("wrong", [{"replay": "yesterday"}, {"outage": "fire"}, {"else": 1}])
async def test_what_nobody_can_play_is_refused(client: Client, wrong: JsonValue) -> None:
    assert (await client.ask("POST", "/_emulator/outage", wrong)).status == 422


async def test_one_list_is_broken_by_the_control_page(client: Client) -> None:
    await client.ask("POST", "/_emulator/outage", {"outage": "busy", "models": True})
    assert (await client.get(f"{MODELS}?limit=3")).status == 503
    assert (await client.get(f"{IMAGES}?limit=3")).status == 200


def test_every_day_begins_well_and_ends_well() -> None:
    for day in OUTAGES.values():
        hours = [hour for hour, _ in day]
        assert hours == sorted(hours)
        assert (day[0], day[-1][1]) == ((0.0, None), None)


async def test_how_often_the_origin_was_asked_behind_the_edge_is_counted() -> None:
    vendor = emulator()
    async with client_of(vendor) as client:
        for _ in range(5):
            await client.get(f"{IMAGES}?limit=3")
    assert (len(vendor.heard), vendor.edge.fetched) == (5, 1)

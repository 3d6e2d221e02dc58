"""The outage of February 2024 by the hour: the gateway goes on, and says what is wrong."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from imageway.emulators.serving import serve
from tests.virtual import swiftly
from tests.whole.harbour import harbour
from tests.whole.observatory import Observatory, observatory, vendor_of_that_night

pytestmark = pytest.mark.slow

MINUTE, HOUR = 60.0, 3600.0
KNOWN = [
    "limit=20&sort=Newest",
    "limit=20&sort=Most+Reactions&period=Week",
    "modelVersionId=128078&limit=10",
    "username=lamplighter",
    "kind=images&baseModels=SDXL+1.0&limit=5",
    "browsingLevel=31&limit=50",
]
RECIPE = 70_112_007
WRONG = ("limit=0", "limit=201", "sort=Best", "limt=3", "page=11&limit=100", "token=x")
LINE = "host up, parametrised queries failing"


async def until(it: Observatory, hour: float) -> None:
    """Wait until so many hours after the beginning."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(max(0.0, hour * HOUR - loop.time()))


async def round_of_all(it: Observatory) -> list[int | None]:
    """Ask every known query; the ages of what stood in."""
    seen = [await it.look(query) for query in KNOWN]
    assert [each.status for each in seen] == [200] * len(KNOWN)
    assert all(each.json["items"] for each in seen)
    ages = [each.stale and each.stale["age_seconds"] for each in seen]
    return [age if isinstance(age, int) else None for age in ages]


@swiftly
async def test_the_night_of_the_outage(tmp_path: Path) -> None:
    vendor = vendor_of_that_night()
    vendor.gallery.outages.replay("2024-02-02")
    async with observatory(tmp_path, vendor) as it:
        await until(it, 0.9)
        assert await round_of_all(it) == [None] * len(KNOWN)
        it.begin_to_count()
        await until(it, 1.1)
        while asyncio.get_running_loop().time() < 12.9 * HOUR:
            began = asyncio.get_running_loop().time()
            ages = await round_of_all(it)
            assert None not in ages
            assert min(age or 0 for age in ages) >= began - 0.95 * HOUR
            await asyncio.sleep(12 * MINUTE)
        never = await it.look("limit=7&sort=Oldest")
        assert (never.status, never.error["imageway_code"]) == (503, "unavailable")
        assert LINE in str(never.error["message"])
        assert never.error["vendor_message"] == "Internal Server Error"
        assert it.asked_upstream <= 1.1 * it.asked
        services = {each.name: each for each in it.services}
        assert services["images"].code == "parametrised_failing"
        assert LINE in services["images"].detail
        await _after_the_repair(it)


async def _after_the_repair(it: Observatory) -> None:
    await until(it, 13.01)
    gallery = it.standing.gallery
    assert gallery is not None
    await asyncio.sleep(gallery.lists[0].breaker_seconds + 1)
    it.begin_to_count()
    assert await round_of_all(it) == [None] * len(KNOWN)
    assert it.asked_upstream == len(KNOWN)
    services = {each.name: each for each in it.services}
    assert services["images"].status == "up"


@swiftly
async def test_in_the_outage_pages_numbers_and_health_name_the_state(tmp_path: Path) -> None:
    vendor = vendor_of_that_night()
    async with observatory(tmp_path, vendor) as it:
        await it.look(KNOWN[0])
        await it.look("limit=0")
        await asyncio.sleep(HOUR)
        vendor.gallery.outages.now = "text"
        stale = (await it.look(KNOWN[0])).stale
        assert stale is not None
        assert str(stale["reason"]).startswith("unavailable: ")
        told = await it.numbers()
        labels = '{list="images",provider="civitai"}'
        state = 'imageway_service_health{code="parametrised_failing"'
        assert f'{state},provider="civitai",service="images"}} 0.5' in told
        assert f"imageway_gallery_oldest_stale_seconds{labels} 36" in told
        gallery = it.standing.gallery
        assert gallery is not None
        assert gallery.lists[0].failing is not None


@swiftly
async def test_what_is_wrong_in_a_query_is_said_also_in_an_outage(tmp_path: Path) -> None:
    vendor = vendor_of_that_night()
    async with observatory(tmp_path, vendor) as it:
        vendor.gallery.outages.now = "text"
        for number in range(1, 12):
            assert (await it.look(f"limit={number}")).status == 503
        before = it.asked_upstream
        for query in WRONG:
            wrong = await it.look(query)
            assert (wrong.status, wrong.error["imageway_code"]) == (400, "invalid_request"), query
        assert it.asked_upstream == before


@swiftly
async def test_a_cursor_of_another_query_is_refused_and_an_empty_list_is_none(
    tmp_path: Path,
) -> None:
    async with observatory(tmp_path, vendor_of_that_night()) as it:
        first = await it.look("limit=5")
        metadata = first.json["metadata"]
        assert isinstance(metadata, dict)
        cursor = metadata["nextCursor"]
        assert (await it.look(f"limit=6&cursor={cursor}")).error["param"] == "cursor"
        link = str(metadata["nextPage"])
        following = await it.look(path=link[link.index("/v1") :])
        assert following.status == 200
        assert following.json["items"] != first.json["items"]
        assert (await it.look("imageId=5")).json == {"items": [], "metadata": {}}


@swiftly
async def test_after_a_restart_in_the_outage_the_last_answers_still_stand_in(
    tmp_path: Path,
) -> None:
    vendor = vendor_of_that_night()
    async with serve(vendor) as url:
        async with observatory(tmp_path, vendor, url) as it:
            before = [await it.look(query) for query in KNOWN]
        damaged, *others = sorted((tmp_path / "state" / "gallery" / "civitai").iterdir())
        damaged.write_bytes(damaged.read_bytes()[:100])
        assert len(others) == len(KNOWN) - 1
        vendor.gallery.outages.now = "text"
        await asyncio.sleep(HOUR)
        async with observatory(tmp_path, vendor, url) as it:
            after = [await it.look(query) for query in KNOWN]
    answered = [(old, new) for old, new in zip(before, after, strict=True) if new.status == 200]
    assert len(answered) == len(others)
    assert all(new.stale and new.json["items"] == old.json["items"] for old, new in answered)
    assert not damaged.exists()


@swiftly
async def test_where_nothing_can_be_written_the_gallery_goes_on_and_says_so(
    tmp_path: Path,
) -> None:
    (tmp_path / "state").write_text("a file in the way")
    vendor = vendor_of_that_night()
    async with observatory(tmp_path, vendor) as it:
        assert (await it.look(KNOWN[0])).status == 200
        vendor.gallery.outages.now = "text"
        await asyncio.sleep(HOUR)
        assert (await it.look(KNOWN[0])).stale
        assert it.standing.gallery is not None
        assert it.standing.gallery.disk_problem is not None
        assert 'imageway_gallery_disk_problem{provider="civitai"} 1.0' in await it.numbers()


async def test_the_command_line_tells_the_same_in_an_outage(tmp_path: Path) -> None:
    async with harbour(tmp_path) as it:
        file = tmp_path / "plugins.toml"
        text = await asyncio.to_thread(file.read_text)
        await asyncio.to_thread(file.write_text, text + '[defaults.gallery]\ncache = "0s"\n')
        first = await it.run("gallery", "--model", "128078", "--limit", "3", "--json")
        assert (first.code, len(first.out.splitlines())) == (0, 3)
        liked = await it.run("generate", "--like", str(RECIPE), "-o", "out", "--json")
        assert liked.code == 0, liked.err
        it.vendor.gallery.outages.now = "text"
        it.vendor.ahead += HOUR
        again = await it.run("gallery", "--model", "128078", "--limit", "3", "--json")
        assert (again.code, again.out) == (0, first.out)
        assert again.err.startswith("note: page 1 is ")
        never = await it.run("gallery", "--limit", "7")
        assert never.code == 1
        assert "civitai fails and has not answered this query before" in never.err
        unliked = await it.run("generate", "--like", str(RECIPE), "-o", "out")
        assert (unliked.code, unliked.out) == (1, "")
        await it.get("/v1/gallery/civitai?limit=9")
        live = await it.run("providers", "--live", it.url)
        assert "civitai: images\tdegraded\t" in live.out
        assert LINE in live.out
        assert "civitai: list of images\tfailing\t" in live.out

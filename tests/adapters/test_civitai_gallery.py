"""CivitAI's gallery page by page: both back ends, odd JSON, every bad answer, a second source."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace

import pytest
from pydantic import JsonValue, ValidationError

from imageway.adapters.civitai import CivitaiConfig
from imageway.adapters.civitai.gallery_page import read_leaf
from imageway.core.adapter import BrowsesGallery, KnowsServices, RecallsRecipes
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.leafing import Browse, leaf_through
from imageway.core.powers import GalleryPage
from imageway.core.reply import Reply
from imageway.emulators.civitai_images import usual_images
from imageway.emulators.civitai_outages import Outage
from imageway.emulators.serving import serve
from tests.adapters.civitai_stand import Stand, stand
from tests.emulators.civitai_lab import KEY, emulator

Query = dict[str, JsonValue]
EVERYTHING: Query = {"browsingLevel": 31}


@pytest.fixture
async def found() -> AsyncIterator[Stand]:
    async with stand() as made:
        yield made


async def refused(found: Stand, query: Query) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        await found.adapter.browse(query)
    return caught.value.info


def number(item: Mapping[str, JsonValue]) -> int:
    found = item["id"]
    assert isinstance(found, int)
    return found


def ids(page: GalleryPage) -> list[int]:
    return [number(item) for item in page.items]


async def all_ids(browse: Browse, query: Query) -> list[int]:
    return [number(item) async for item in leaf_through(browse, query)]


def test_it_has_the_powers_of_a_gallery(found: Stand) -> None:
    assert isinstance(found.adapter, BrowsesGallery)
    assert isinstance(found.adapter, RecallsRecipes)
    assert isinstance(found.adapter, KnowsServices)


async def test_the_bare_list_is_asked_for_as_it_is(found: Stand) -> None:
    page = await found.adapter.browse({})
    assert (len(page.items), page.cursor) == (100, page.cursor)
    assert [heard.query for heard in found.vendor.heard] == [""]


async def test_the_key_goes_into_a_header_and_into_no_address(found: Stand) -> None:
    await found.adapter.browse({"limit": 5})
    (heard,) = found.vendor.heard
    assert heard.header("Authorization") == f"Bearer {KEY}"
    assert KEY not in heard.query


@pytest.mark.parametrize("facts", [{}, {"number_cursors": True}, {"link_cursors": True}])
@pytest.mark.parametrize("query", [{}, {"modelId": 101055}, {"sort": "Oldest"}, {"page": 1}])
async def test_a_list_is_read_to_its_end(facts: dict[str, bool], query: Query) -> None:
    async with stand(emulator(**facts)) as found:
        wanted = {shown.id for shown in found.vendor.gallery.images}
        if "modelId" in query:
            wanted = {shown.id for shown in found.vendor.gallery.images if shown.model == 101055}
        seen = await all_ids(found.adapter.browse, {**EVERYTHING, "limit": 60, **query})
    assert len(seen) == len(wanted)
    assert set(seen) == wanted


@pytest.mark.parametrize("query", [{"sort": "Newest"}, {}, {"modelVersionId": 128078}])
@pytest.mark.parametrize("pins", [True, False])
async def test_a_thousand_are_read_while_new_ones_arrive(query: Query, pins: bool) -> None:
    async with stand(emulator(cursors_pin=pins)) as found:
        gallery = found.vendor.gallery
        gallery.images = [*usual_images(count=1500 if query.get("modelVersionId") else 1000)]
        wanted = [
            each.id
            for each in gallery.images
            if each.version == query.get("modelVersionId", each.version)
        ]

        async def browse_and_grow(given: Mapping[str, JsonValue]) -> GalleryPage:
            page = await found.adapter.browse(given)
            gallery.arrive(7)
            return page

        asked = {**EVERYTHING, "limit": 100, **query}
        seen = await all_ids(browse_and_grow, asked)
    assert len(wanted) >= 1000
    assert len(seen) == len(set(seen))
    assert set(wanted) <= set(seen)


async def test_the_older_list_loses_none_that_stayed_where_others_leave(found: Stand) -> None:
    gallery = found.vendor.gallery
    gallery.images = [*usual_images(count=1500)]
    pages = 0

    async def browse_while_some_leave(query: Mapping[str, JsonValue]) -> GalleryPage:
        nonlocal pages
        page = await found.adapter.browse(query)
        gallery.leave(ids(page)[::3])
        gallery.arrive(5)
        pages += 1
        return page

    asked: Query = {**EVERYTHING, "modelId": 101055, "limit": 100}
    seen = await all_ids(browse_while_some_leave, asked)
    stayed = {each.id for each in gallery.images if each.model == 101055 and each.id < 70_113_500}
    assert pages >= 10
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


async def test_a_cursor_still_fits_after_a_restart(found: Stand) -> None:
    first = await found.adapter.browse({"limit": 10})
    async with stand(found.vendor) as again:
        second = await again.adapter.browse({"limit": 10, "cursor": first.cursor})
    assert first.cursor is not None
    assert not {*ids(first)} & {*ids(second)}


async def test_pages_end_at_a_thousand_with_a_word_and_not_in_silence(found: Stand) -> None:
    found.vendor.gallery.images = [*usual_images(count=1200)]
    query: Query = {**EVERYTHING, "limit": 200, "page": 5}
    page = await found.adapter.browse(query)
    assert page.cursor is not None
    info = await refused(found, {**query, "cursor": page.cursor})
    assert (info.code, info.param) == (ErrorCode.INVALID_REQUEST, "cursor")
    assert len(found.vendor.heard) == 1


async def test_a_name_of_digits_keeps_the_digits_that_were_asked_for(found: Stand) -> None:
    page = await found.adapter.browse({**EVERYTHING, "username": "0222", "limit": 5})
    assert {str(item["username"]) for item in page.items} == {"0222"}
    page = await found.adapter.browse({**EVERYTHING, "limit": 8})
    assert {str(item["username"]) for item in page.items} == {"222", "lamplighter"}


async def test_raw_control_characters_are_read(found: Stand) -> None:
    found.vendor.facts = replace(found.vendor.facts, control_characters=True)
    page = await found.adapter.browse({"withMeta": True, "limit": 1})
    meta = page.items[0]["meta"]
    assert isinstance(meta, dict)
    assert "a light\rhouse," in str(meta["prompt"])


@pytest.mark.parametrize("query", [{"imageId": 70_112_007}, {"username": "lamplighter"}])
async def test_both_back_ends_tell_a_picture_in_one_way(found: Stand, query: Query) -> None:
    page = await found.adapter.browse({**EVERYTHING, **query, "withMeta": True, "limit": 1})
    meta = page.items[0]["meta"]
    assert isinstance(meta, dict)
    assert str(meta["prompt"]).startswith("a lighthouse")


async def test_an_empty_list_is_no_error(found: Stand) -> None:
    page = await found.adapter.browse({"imageId": 5})
    assert (page.items, page.cursor) == ((), None)
    assert health(found, "images") == ("up", "ok")


async def test_models_are_listed_and_paged(found: Stand) -> None:
    seen = await all_ids(found.adapter.browse, {"kind": "models", "limit": 5})
    assert len(seen) == len(set(seen)) == sum(1 for _ in found.vendor.catalogue)


async def test_a_search_for_models_goes_on_by_a_number(found: Stand) -> None:
    seen = await all_ids(found.adapter.browse, {"kind": "models", "query": "xl", "limit": 3})
    assert len(seen) == len(set(seen)) > 6


async def test_several_types_are_repeated_and_not_joined(found: Stand) -> None:
    page = await found.adapter.browse(
        {"kind": "models", "types": "LORA,VAE", "baseModels": ["SDXL 1.0", "SD 1.5"]}
    )
    assert {str(item["type"]) for item in page.items} == {"LORA", "VAE"}
    assert found.vendor.heard[-1].query.count("types=") == 2


async def test_a_word_that_only_the_site_knows_is_taken(found: Stand) -> None:
    await found.adapter.browse({"baseModels": "Brand New 1"})
    assert [heard.path for heard in found.vendor.heard] == ["/api/v1/enums", "/api/v1/images"]


@pytest.mark.parametrize("kind", ["images", "models"])
async def test_a_word_that_nobody_knows_is_refused_with_the_nearest(
    found: Stand, kind: str
) -> None:
    info = await refused(found, {"kind": kind, "baseModels": "sdxl 1.O"})
    assert (info.code, info.param) == (ErrorCode.INVALID_REQUEST, "baseModels")
    assert "'SDXL 1.0'" in (info.hint or "")
    assert [heard.path for heard in found.vendor.heard] == ["/api/v1/enums"]


def health(found: Stand, name: str) -> tuple[str, str]:
    told = {each.name: each for each in found.adapter.services()}
    return told[name].status, told[name].code


BAD: list[tuple[Outage, ErrorCode, tuple[str, str]]] = [
    ("text", ErrorCode.UNAVAILABLE, ("degraded", "parametrised_failing")),
    ("json", ErrorCode.UNAVAILABLE, ("degraded", "parametrised_failing")),
    ("message", ErrorCode.UNAVAILABLE, ("degraded", "parametrised_failing")),
    ("html", ErrorCode.UNAVAILABLE, ("down", "down")),
    ("page", ErrorCode.BAD_ANSWER, ("down", "down")),
    ("busy", ErrorCode.UNAVAILABLE, ("degraded", "overloaded")),
    ("throttled", ErrorCode.RATE_LIMITED, ("degraded", "throttled")),
    ("limited", ErrorCode.RATE_LIMITED, ("degraded", "throttled")),
    ("cut", ErrorCode.BAD_ANSWER, ("down", "down")),
    ("nonsense", ErrorCode.BAD_ANSWER, ("down", "down")),
]


@pytest.mark.parametrize(("outage", "code", "told"), BAD)
@pytest.mark.parametrize("kind", ["images", "models"])
async def test_a_bad_answer_is_told_with_what_is_known(
    found: Stand, kind: str, outage: Outage, code: ErrorCode, told: tuple[str, str]
) -> None:
    found.vendor.gallery.outages.now = found.vendor.gallery.models.now = outage
    info = await refused(found, {"kind": kind, "limit": 5})
    assert (info.code, info.origin, info.charged) == (code, "vendor", "no")
    assert info.details["service_code"] == told[1]
    assert health(found, kind) == told
    assert info.hint
    assert info.hint.startswith(f"{kind}: ")


async def test_a_model_that_is_too_popular_is_told_another_way(found: Stand) -> None:
    found.vendor.gallery.outage = "json"
    info = await refused(found, {"modelId": 101055})
    assert info.vendor_code == "57014"
    assert "modelVersionId" in (info.hint or "")


async def test_what_the_vendor_wants_waited_is_told(found: Stand) -> None:
    found.vendor.gallery.outage = "throttled"
    assert (await refused(found, {"limit": 5})).retry_after == 30
    found.vendor.ahead += 31
    assert health(found, "images")[1] != "throttled"


@pytest.mark.parametrize("zod", [3, 4])
async def test_both_forms_of_a_complaint_name_the_part(found: Stand, zod: int) -> None:
    found.vendor.facts = replace(found.vendor.facts, zod=zod)  # type: ignore[arg-type]  # one of two
    # Ours knows this word still, the vendor's newest list does not.
    info = await refused(found, {"baseModels": "AuraFlow"})
    assert (info.code, info.origin) == (ErrorCode.INVALID_REQUEST, "vendor")
    assert info.param == "baseModels"
    assert "AuraFlow" in (info.vendor_message or "") or "SDXL 1.0" in (info.vendor_message or "")
    assert health(found, "images")[0] == "unknown"


ODD: list[tuple[bytes, str]] = [
    (b"", "cannot be read"),
    (b"<html>", "page for people"),
    (b'{"items": [{"id": NaN}]}', "cannot be read"),
    (b'{"items": [1]}', "no item"),
    (b'{"items": {}}', "no list"),
    (b"[]", "no list"),
    (b"null", "no list"),
    (b'{"items": ' + b"[" * 100_000, "cannot be read"),
    (b'{"items": [], "metadata": {"nextCursor": ' + b"9" * 5000 + b"}}", "cannot be read"),
    (b'{"items": [], "metadata": {"nextCursor": "' + b"9" * 5000 + b'"}}', "longer than"),
    (b"\xff\xfe", "cannot be read"),
]


@pytest.mark.parametrize(("body", "words"), ODD)
def test_what_is_no_list_is_a_bad_answer(body: bytes, words: str) -> None:
    with pytest.raises(ImagewayError, match=words) as caught:
        read_leaf(Reply(200, {}, body))
    assert caught.value.info.code is ErrorCode.BAD_ANSWER


LEAVES: list[tuple[bytes, str | None]] = [
    (b'{"items": []}', None),
    (b'{"items": [], "metadata": null}', None),
    (b'{"items": [], "metadata": {}}', None),
    (b'{"items": [], "metadata": {"nextCursor": null, "nextPage": null}}', None),
    (b'{"items": [], "metadata": {"nextCursor": true}}', None),
    (b'{"items": [], "metadata": {"nextCursor": 2802169344506123}}', "2802169344506123"),
    (b'{"items": [], "metadata": {"nextCursor": 0}}', "0"),
    (b'{"items": [], "metadata": {"nextCursor": "2026-01-01T00:00:00.000Z"}}', "2026-01"),
    (b'{"items": [], "metadata": {"nextPage": "https://x/?cursor=1%7C5&page=3"}}', "1|5"),
    (b'{"items": [], "metadata": {"nextPage": "https://x/?page=3"}}', "3"),
    (b'{"items": [], "metadata": {"nextPage": "https://[x/?page=3"}}', None),
    (b'{"items": [], "metadata": {"nextPage": "https://x/?page=' + b"9" * 400 + b'"}}', None),
]


@pytest.mark.parametrize(("body", "cursor"), LEAVES)
def test_where_a_list_goes_on_is_read_in_every_form(body: bytes, cursor: str | None) -> None:
    then = read_leaf(Reply(200, {}, body)).then
    assert (then is None) == (cursor is None)
    assert then is None or then.text.startswith(cursor or "")


def test_half_a_character_does_not_break_what_shows_it() -> None:
    leaf = read_leaf(Reply(200, {}, rb'{"items": [{"\ud83d": ["\ud800", "\ud83d\ude00"]}]}'))
    assert leaf.items == ({"\ufffd": ["\ufffd", "\U0001f600"]},)


async def test_a_second_source_answers_while_the_first_is_down(found: Stand) -> None:
    sibling = emulator()
    async with serve(sibling) as other, stand(found.vendor, gallery_fallback_url=other) as both:
        host = other.removeprefix("http://")
        page = await both.adapter.browse({"limit": 3})
        assert source_of(page) == both.url.removeprefix("http://")
        both.vendor.gallery.outage = "text"
        page = await both.adapter.browse({"limit": 2})
        assert source_of(page) == host
        assert [heard.header("Authorization") for heard in sibling.heard] == [None]
        assert health(both, f"images ({host})") == ("up", "ok")
        await calls_while_sick(both, sibling.heard)


def source_of(page: GalleryPage) -> JsonValue:
    told = page.items[0]["imageway"]
    assert isinstance(told, dict)
    assert all(item["imageway"] == told for item in page.items)
    return told["source"]


async def calls_while_sick(both: Stand, heard_there: Sequence[object]) -> None:
    first, second = len(both.vendor.heard), len(heard_there)
    for number in range(20):
        await both.adapter.browse({"limit": 10 + number})
    assert len(both.vendor.heard) == first
    assert len(heard_there) == second + 20
    both.vendor.ahead += 31
    both.vendor.gallery.outage = None
    page = await both.adapter.browse({"limit": 9})
    assert source_of(page) == both.url.removeprefix("http://")


async def test_a_list_goes_on_at_the_source_where_it_began(found: Stand) -> None:
    sibling = emulator()
    async with serve(sibling) as other:
        settings = {"gallery_fallback_url": other, "gallery_fallback_takes_key": True}
        async with stand(found.vendor, **settings) as both:
            both.vendor.gallery.outage = "text"
            page = await both.adapter.browse({"limit": 2})
            assert sibling.heard[-1].header("Authorization") == f"Bearer {KEY}"
            both.vendor.gallery.outage = None
            both.vendor.ahead += 3600
            query: Query = {"limit": 2, "cursor": page.cursor}
            assert source_of(await both.adapter.browse(query)) == other.removeprefix("http://")
    info = await refused(found, query)
    assert (info.code, info.param) == (ErrorCode.INVALID_REQUEST, "cursor")


async def test_where_both_are_down_the_first_one_s_word_is_told(found: Stand) -> None:
    sibling = emulator()
    sibling.gallery.outage = "html"
    async with serve(sibling) as other, stand(found.vendor, gallery_fallback_url=other) as both:
        both.vendor.gallery.outage = "json"
        info = await refused(both, {"limit": 2})
    assert info.vendor_code == "57014"


async def test_a_wrong_question_is_not_asked_of_a_second_source(found: Stand) -> None:
    sibling = emulator()
    async with serve(sibling) as other, stand(found.vendor, gallery_fallback_url=other) as both:
        both.vendor.gallery.outage = "limited"
        assert (await refused(both, {"limit": 2})).code is ErrorCode.RATE_LIMITED
    assert sibling.heard == []


@pytest.mark.parametrize("url", ["civitai.red", "ftp://civitai.red", "https://civitai.red/api"])
def test_a_second_source_is_a_host_like_the_first(url: str) -> None:
    with pytest.raises(ValidationError):
        CivitaiConfig.model_validate({"api_key": "k", "gallery_fallback_url": url})

"""What a gallery query may say: each parameter of both lists, and what is refused unasked."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from imageway.adapters.civitai.gallery_cursor import Place, cursor_of, place_of
from imageway.adapters.civitai.gallery_query import names_of, read_query
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from tests.adapters.civitai_stand import Stand, stand

Query = dict[str, JsonValue]


@pytest.fixture
async def found() -> AsyncIterator[Stand]:
    async with stand() as made:
        yield made


def complaint(query: Query) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        read_query(query)
    info = caught.value.info
    assert (info.code, info.origin, info.charged) == (ErrorCode.INVALID_REQUEST, "imageway", "no")
    assert info.hint
    return info


def sent(query: Query) -> list[tuple[str, str]]:
    return read_query(query).pairs()


WRONG: list[tuple[Query, str, str, str]] = [
    ({"limit": 0}, "limit", "from 1 to 200, got 0", "leave it out"),
    ({"limit": "201"}, "limit", "from 1 to 200, got 201", "cursor"),
    ({"limit": -1}, "limit", "got -1", ""),
    ({"limit": "abc"}, "limit", "whole number, got 'abc'", ""),
    ({"limit": 5.0}, "limit", "whole number, got 5.0", ""),
    ({"limit": True}, "limit", "whole number, got True", ""),
    ({"limit": [5]}, "limit", "whole number", ""),
    ({"kind": "models", "limit": 101}, "limit", "from 1 to 100", ""),
    ({"page": 0}, "page", "at least 1", ""),
    ({"page": 11}, "page", "1000 by pages, got page 11 of 100", "cursor"),
    ({"page": 6, "limit": 200}, "page", "got page 6 of 200", "cursor"),
    ({"sort": "newest"}, "sort", "got 'newest'", "did you mean 'Newest'?"),
    ({"sort": "Most Liked"}, "sort", "got 'Most Liked'", "there is Most Reactions"),
    ({"period": "Decade"}, "period", "got 'Decade'", "Day, Week, Month, Year, AllTime"),
    ({"type": "gif"}, "type", "got 'gif'", "image, video, audio"),
    ({"nsfw": "x"}, "nsfw", "got 'x'", "did you mean 'X'?"),
    ({"nsfw": ""}, "nsfw", "got ''", "None, Soft, Mature, X"),
    ({"nsfw": True}, "nsfw", "without PG", "browsingLevel=31"),
    ({"nsfw": "enabled"}, "nsfw", "without PG", "browsingLevel=28"),
    ({"nsfw": 1}, "nsfw", "without PG", "browsingLevel=31"),
    ({"nsfw": "Blocked"}, "nsfw", "nothing useful", "browsingLevel=31"),
    ({"browsingLevel": 0}, "browsingLevel", "from 1 to 31", "PG 1"),
    ({"browsingLevel": 63}, "browsingLevel", "from 1 to 31", "16 for all"),
    ({"nsfw": "Soft", "browsingLevel": 3}, "nsfw", "ignored", "leave nsfw out"),
    ({"username": "a b!"}, "username", "letters, digits and _", "without @"),
    ({"username": 222.0}, "username", "got 222.0", ""),
    ({"username": ""}, "username", "got ''", ""),
    ({"modelId": "12a"}, "modelId", "whole number, got '12a'", ""),
    ({"modelId": 1e300}, "modelId", "whole number", ""),
    ({"imageId": 10**30}, "imageId", "at least 1", ""),
    ({"tags": "1,two"}, "tags", "whole number, got 'two'", ""),
    ({"tags": ","}, "tags", "list of 1 to 100", "commas"),
    ({"withMeta": "maybe"}, "withMeta", "true or false, got 'maybe'", ""),
    ({"imageId": 5, "sort": "Random"}, "sort", "no order 'Random'", "modelVersionId"),
    ({"modelId": 5, "sort": "Most Reactions"}, "sort", "no order 'Most", "modelVersionId"),
    ({"modelID": 5}, "modelID", "no parameter of the list of images", "'modelId'"),
    ({"model_id": 5}, "model_id", "no parameter", "'modelId'"),
    ({"types": "LORA"}, "types", "no parameter of the list of images", "kind=models"),
    ({"zzz": 5}, "zzz", "no parameter", "there is kind, cursor"),
    ({"token": "abc"}, "token", "no parameter", "api_key"),
    ({"kind": "pictures"}, "kind", "images or models", ""),
    ({"kind": ["images"]}, "kind", "images or models", ""),
    ({"cursor": "1|1744925337225"}, "cursor", "does not belong", "without a cursor"),
    ({"cursor": 5}, "cursor", "must be a text", ""),
    ({"kind": "models", "query": "a", "page": 2}, "page", "pages no full-text", "cursor"),
    ({"kind": "models", "query": "a\x00b"}, "query", "control characters", ""),
    ({"kind": "models", "supportsGeneration": False}, "supportsGeneration", "false too", "both"),
    ({"kind": "models", "earlyAccess": "no"}, "earlyAccess", "only be true", "leave it out"),
    ({"kind": "models", "fromPlatform": 0}, "fromPlatform", "only be true", ""),
    ({"kind": "models", "favorites": "false"}, "favorites", "only be true", ""),
    ({"kind": "models", "hidden": "false"}, "hidden", "only be true", ""),
    ({"kind": "models", "nsfw": "Soft"}, "nsfw", "true or false", ""),
    ({"kind": "models", "availability": "public"}, "availability", "got", "'Public'"),
    ({"kind": "models", "checkpointType": "Merged"}, "checkpointType", "got", "'Merge'"),
    ({"kind": "models", "withMeta": True}, "withMeta", "no parameter", "kind=images"),
]


@pytest.mark.parametrize(("query", "param", "words", "hint"), WRONG)
def test_a_wrong_part_is_refused_with_what_would_be_right(
    query: Query, param: str, words: str, hint: str
) -> None:
    info = complaint(query)
    assert info.param == param
    assert words in info.message
    assert hint in (info.hint or "")


def test_the_value_of_a_key_in_a_query_is_not_repeated() -> None:
    info = complaint({"token": "0123456789abcdef"})
    assert "0123456789abcdef" not in info.model_dump_json()


def test_half_a_character_is_refused_and_not_sent() -> None:
    assert complaint({"kind": "models", "query": "a\ud800"}).param == "query"
    complaint({"\ud800" * 500: 1}).model_dump_json()


def test_a_search_may_hold_any_character() -> None:
    words = "bâteau \u200d\U0001f6a2"
    assert sent({"kind": "models", "query": words}) == [("query", words)]


def test_a_number_of_a_thousand_digits_is_no_trouble() -> None:
    assert "enormous" in complaint({"limit": 10**5000}).message


@pytest.mark.parametrize("query", [query for query, *_ in WRONG])
async def test_nothing_is_sent_for_a_wrong_query(found: Stand, query: Query) -> None:
    with pytest.raises(ImagewayError):
        await found.adapter.browse(query)
    assert found.vendor.heard == []


RIGHT: list[tuple[Query, list[tuple[str, str]]]] = [
    ({}, []),
    ({"kind": "images", "limit": None}, []),
    ({"limit": "20", "sort": "Newest"}, [("limit", "20"), ("sort", "Newest")]),
    ({"sort": "Newest", "limit": 20}, [("limit", "20"), ("sort", "Newest")]),
    ({"page": 5, "limit": 200}, [("page", "5"), ("limit", "200")]),
    ({"username": 2802169344506}, [("username", "2802169344506")]),
    ({"username": "0222"}, [("username", "0222")]),
    ({"nsfw": False}, [("nsfw", "false")]),
    ({"nsfw": "off"}, [("nsfw", "false")]),
    ({"nsfw": "None"}, [("nsfw", "None")]),
    ({"browsingLevel": "31"}, [("browsingLevel", "31")]),
    ({"tags": "5, 6,5"}, [("tags", "5,6")]),
    ({"tags": [5, "6"]}, [("tags", "5,6")]),
    ({"baseModels": "SDXL 1.0,Pony"}, [("baseModels", "SDXL 1.0,Pony")]),
    ({"withMeta": "yes"}, [("withMeta", "true"), ("flatMeta", "true")]),
    ({"withMeta": True, "flatMeta": False}, [("withMeta", "true"), ("flatMeta", "false")]),
    ({"withMeta": "0"}, [("withMeta", "false")]),
    ({"modelId": 5, "sort": "Oldest"}, [("modelId", "5"), ("sort", "Oldest")]),
    (
        {"modelId": 5, "modelVersionId": 6, "sort": "Random"},
        [("modelId", "5"), ("modelVersionId", "6"), ("sort", "Random")],
    ),
    (
        {"kind": "models", "baseModels": "SDXL 1.0,Pony"},
        [("baseModels", "SDXL 1.0"), ("baseModels", "Pony")],
    ),
    ({"kind": "models", "types": ["LORA"], "ids": "1,2"}, [("ids", "1,2"), ("types", "LORA")]),
    ({"kind": "models", "supportsGeneration": "1"}, [("supportsGeneration", "true")]),
    ({"kind": "models", "nsfw": False}, [("nsfw", "false")]),
]


@pytest.mark.parametrize(("query", "pairs"), RIGHT)
def test_a_right_query_is_sent_as_the_site_wants_it(
    query: Query, pairs: list[tuple[str, str]]
) -> None:
    assert sent(query) == pairs


def test_every_parameter_of_both_lists_is_known() -> None:
    both = {"kind", "cursor", "limit", "page", "username", "period", "sort", "nsfw", "baseModels"}
    images = (
        "postId modelId modelVersionId imageId userId browsingLevel tags type withMeta "
        "requiringMeta flatMeta withTags"
    )
    models = (
        "query ids modelVersionIds tag types checkpointType supportsGeneration fromPlatform "
        "earlyAccess primaryFileOnly availability favorites hidden"
    )
    assert {*names_of("images")} == both | {*images.split()}
    assert {*names_of("models")} == both | {*models.split()}


def test_a_cursor_fits_its_own_query_whatever_the_order_of_its_parts() -> None:
    ours = cursor_of(Place("1|1744925337225"), read_query({"sort": "Newest", "limit": 5}).identity)
    asked = read_query({"limit": "5", "cursor": ours, "sort": "Newest"})
    assert asked.pairs() == [("limit", "5"), ("sort", "Newest"), ("cursor", "1|1744925337225")]
    assert len(ours) < 40


@pytest.mark.parametrize(
    "other", [{}, {"limit": 6}, {"kind": "models", "limit": 5}, {"limit": 5, "nsfw": "X"}]
)
def test_a_cursor_of_another_query_is_refused(other: Query) -> None:
    ours = cursor_of(Place("1|17"), read_query({"limit": 5}).identity)
    assert complaint({**other, "cursor": ours}).param == "cursor"


@given(st.text(max_size=60))
def test_what_is_no_cursor_of_ours_is_refused(text: str) -> None:
    assert complaint({"cursor": text}).param == "cursor"


@given(st.text(min_size=1, max_size=100), st.sampled_from([0, 1]))
def test_a_vendors_cursor_comes_back_whatever_it_is(text: str, source: int) -> None:
    place = Place(text, "cursor", source)
    assert place_of(cursor_of(place, "images?"), "images?") == place


@given(st.integers(0, 30), st.characters(codec="ascii"))
def test_a_cursor_that_was_changed_is_refused(at: int, letter: str) -> None:
    ours = cursor_of(Place("1|1744925337225"), "images?")
    at %= len(ours)
    changed = ours[:at] + letter + ours[at + 1 :]
    if changed != ours:
        with pytest.raises(ImagewayError):
            place_of(changed, "images?")


Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(names_of("images")) | st.text(max_size=9), Json, max_size=4))
def test_whatever_is_asked_is_read_or_refused_with_its_place(query: Query) -> None:
    told: ErrorInfo | None = None
    try:
        read_query(query)
    except ImagewayError as error:
        told = error.info
    assert told is None or (told.code is ErrorCode.INVALID_REQUEST and told.param is not None)

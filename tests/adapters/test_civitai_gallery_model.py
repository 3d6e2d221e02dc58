"""A model in a gallery query, as people name it, and what is refused while the site is down."""

from __future__ import annotations

import pytest
from pydantic import JsonValue

from imageway.adapters.civitai.gallery_model import with_model
from imageway.core.adapter import ChecksQueries
from imageway.core.errors import ErrorCode, ImagewayError
from tests.adapters.civitai_stand import stand

Query = dict[str, JsonValue]
AIR = "urn:air:sdxl:checkpoint:civitai:101055@128078"


@pytest.mark.parametrize(
    ("model", "kind", "sent"),
    [
        ("128078", None, {"modelVersionId": 128078}),
        (128078, "images", {"modelVersionId": 128078}),
        (AIR, "images", {"modelVersionId": 128078}),
        ("https://civitai.com/models/101055", "images", {"modelId": 101055}),
        (AIR, "models", {"modelVersionIds": 128078}),
        ("https://civitai.com/models/101055/x", "models", {"ids": 101055}),
    ],
)
def test_a_model_is_taken_as_people_name_it(
    model: JsonValue, kind: str | None, sent: Query
) -> None:
    given: Query = {"model": model, "limit": 3} | ({} if kind is None else {"kind": kind})
    found = with_model(given, "civitai.com")
    assert {**found} == {name: given[name] for name in given if name != "model"} | sent


@pytest.mark.parametrize(
    "query",
    [
        {"model": "harbour lights"},
        {"model": "128078", "modelVersionId": 5},
        {"model": "urn:air:sdxl:checkpoint:huggingface:a/b"},
    ],
)
def test_what_names_no_model_of_the_site_is_refused(query: Query) -> None:
    with pytest.raises(ImagewayError) as caught:
        with_model(query, "civitai.com")
    assert (caught.value.info.code, caught.value.info.param) == (
        ErrorCode.INVALID_REQUEST,
        "model",
    )


async def test_the_site_hears_its_own_parameter() -> None:
    async with stand() as found:
        page = await found.adapter.browse({"model": AIR, "browsingLevel": 31})
        assert "modelVersionId=128078" in found.vendor.heard[-1].query
        assert "model=" not in found.vendor.heard[-1].query
        assert page.items


async def test_a_kind_that_is_none_is_refused_as_such() -> None:
    async with stand() as found:
        kinds: tuple[JsonValue, ...] = (["images", "models"], "videos")
        for kind in kinds:
            with pytest.raises(ImagewayError, match="kind: must be images or models"):
                found.adapter.check_query({"model": "128078", "kind": kind})


async def test_a_wrong_query_can_be_told_without_the_site() -> None:
    async with stand() as found:
        assert isinstance(found.adapter, ChecksQueries)
        found.adapter.check_query({"limit": 3})
        with pytest.raises(ImagewayError):
            found.adapter.check_query({"limit": 0})
        assert found.vendor.heard == []

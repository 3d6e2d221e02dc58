"""The outage of 2024-02-02 hour by hour, and what each service is said to be meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.powers import GalleryPage, ServiceHealth
from imageway.emulators.civitai_outages import Outage
from imageway.emulators.faults import Fault, Spot
from tests.adapters.civitai_stand import Stand, stand

HOUR = 3600.0
Query = dict[str, JsonValue]
NEWEST: Query = {"sort": "Newest", "limit": 20}


@pytest.fixture
async def found() -> AsyncIterator[Stand]:
    async with stand() as made:
        yield made


async def asked(found: Stand, query: Query) -> GalleryPage | ErrorInfo:
    try:
        return await found.adapter.browse(query)
    except ImagewayError as error:
        return error.info


def health(found: Stand, name: str = "images") -> ServiceHealth:
    return next(each for each in found.adapter.services() if each.name == name)


async def test_the_outage_of_2024_hour_by_hour(found: Stand) -> None:
    found.vendor.gallery.outages.replay("2024-02-02")
    began = found.vendor.ahead
    codes: list[str] = []
    for hour in range(15):
        found.vendor.ahead = began + hour * HOUR + 60
        told = await asked(found, {**NEWEST, "limit": 20 + hour})
        bare = await asked(found, {})
        assert isinstance(bare, GalleryPage)
        codes.append(health(found).code)
        if not 1 <= hour < 13:
            assert isinstance(told, GalleryPage), (hour, told)
            continue
        assert isinstance(told, ErrorInfo)
        assert told.code is ErrorCode.UNAVAILABLE
        assert told.vendor_message == "Internal Server Error"
        assert told.details["service_code"] == "parametrised_failing"
    assert codes == ["ok", *["parametrised_failing"] * 12, "ok", "ok"]


async def test_the_state_is_told_in_words(found: Stand) -> None:
    await asked(found, NEWEST)
    found.vendor.gallery.outage = "text"
    found.vendor.ahead += HOUR
    await asked(found, NEWEST)
    found.vendor.ahead += 25 * 60
    await asked(found, NEWEST)
    await asked(found, {})
    told = health(found)
    assert told.status == "degraded"
    assert told.detail == (
        "host up, parametrised queries failing for 25 min (500 Internal Server Error); "
        "the edge cache still answers what it kept"
    )


async def test_what_the_edge_kept_is_served_and_proves_nothing(found: Stand) -> None:
    await asked(found, NEWEST)
    found.vendor.gallery.outage = "text"
    found.vendor.ahead += 100
    assert isinstance(await asked(found, NEWEST), GalleryPage)
    assert health(found).code == "ok"
    await asked(found, {**NEWEST, "limit": 21})
    assert isinstance(await asked(found, NEWEST), GalleryPage)
    assert health(found).code == "parametrised_failing"


async def test_a_400_proves_that_the_host_is_up(found: Stand) -> None:
    found.vendor.gallery.outage = "html"
    await asked(found, NEWEST)
    assert health(found).code == "down"
    # A word that we know still, and the site no more: it is judged before the list is asked.
    await asked(found, {"baseModels": "AuraFlow"})
    assert health(found).code == "parametrised_failing"


async def test_another_page_of_the_site_proves_it_too(found: Stand) -> None:
    found.vendor.gallery.outage = "html"
    await asked(found, NEWEST)
    await found.adapter.check()
    assert health(found).code == "parametrised_failing"
    found.vendor.ahead += 301
    assert health(found).code == "down"


async def test_where_only_the_edge_answers_that_is_said(found: Stand) -> None:
    found.vendor.gallery.outage = "html"
    await asked(found, NEWEST)
    await asked(found, {})
    told = health(found)
    assert (told.status, told.code) == ("degraded", "edge_cache")
    assert "the site itself fails" in told.detail


async def test_nothing_but_old_copies_is_no_proof_of_health(found: Stand) -> None:
    found.vendor.gallery.outage = "text"
    await asked(found, {})
    told = health(found)
    assert (told.status, told.code) == ("unknown", "edge_cache")


async def test_fresh_data_comes_with_the_first_question_after_the_repair(found: Stand) -> None:
    found.vendor.gallery.outage = "text"
    await asked(found, NEWEST)
    found.vendor.gallery.outage = None
    found.vendor.ahead += 30
    heard = len(found.vendor.heard)
    # The edge keeps the failure for minutes; it is asked behind.
    assert isinstance(await asked(found, NEWEST), GalleryPage)
    assert [each.query.partition("&fresh=")[1] for each in found.vendor.heard[heard:]] == [
        "",
        "&fresh=",
    ]
    assert health(found).code == "ok"


async def test_a_failure_that_is_seconds_old_is_believed(found: Stand) -> None:
    found.vendor.gallery.outage = "text"
    for _ in range(5):
        await asked(found, NEWEST)
        found.vendor.ahead += 1
    assert len(found.vendor.heard) == 5


async def test_an_old_failure_at_the_edge_is_no_news_after_a_good_answer(found: Stand) -> None:
    found.vendor.gallery.outage = "text"
    await asked(found, NEWEST)
    found.vendor.gallery.outage = None
    found.vendor.ahead += 5
    assert isinstance(await asked(found, {"limit": 3}), GalleryPage)
    assert isinstance(await asked(found, NEWEST), ErrorInfo)
    assert health(found).code == "ok"


async def test_nobody_there_is_down(found: Stand) -> None:
    found.vendor.script(Fault.HANG_UP, times=None, spot=Spot.LOOK)
    told = await asked(found, NEWEST)
    assert isinstance(told, ErrorInfo)
    assert told.code is ErrorCode.NETWORK
    assert health(found).code == "down"


async def test_a_site_that_never_answers_is_told_as_slow(found: Stand) -> None:
    found.vendor.gallery.outage = "silent"
    told = await asked(found, NEWEST)
    assert isinstance(told, ErrorInfo)
    assert told.code is ErrorCode.TIMEOUT
    assert health(found).status in {"down", "degraded"}


async def test_what_was_heard_long_ago_says_nothing_of_now(found: Stand) -> None:
    assert {each.code for each in found.adapter.services()} == {"unknown"}
    await asked(found, NEWEST)
    found.vendor.ahead += HOUR + 1
    told = health(found)
    assert (told.status, told.code) == ("unknown", "unknown")
    assert told.detail == "nothing was heard for 1 h; it was well then"


async def test_a_page_that_refuses_a_key_is_well() -> None:
    async with stand(api_key="sk-another") as found:
        assert (await found.adapter.check()).status == "down"
        assert health(found, "account").code == "ok"


async def test_one_list_may_fail_while_the_other_is_well(found: Stand) -> None:
    found.vendor.gallery.outage = "json"
    await asked(found, NEWEST)
    await asked(found, {"kind": "models", "limit": 3})
    assert [health(found, name).code for name in ("images", "models")] == [
        "parametrised_failing",
        "ok",
    ]


async def test_the_check_names_what_fails(found: Stand) -> None:
    await asked(found, NEWEST)
    assert (await found.adapter.check()).status == "up"
    found.vendor.gallery.outage = "text"
    await asked(found, {"limit": 5})
    told = await found.adapter.check()
    assert told.status == "degraded"
    assert "images: host up, parametrised queries failing" in told.detail
    assert [each.name for each in told.services][:3] == ["account", "images", "models"]


@pytest.mark.parametrize(
    ("outage", "code"),
    [
        ("busy", "overloaded"),
        ("json", "parametrised_failing"),
        ("html", "parametrised_failing"),
        ("page", "parametrised_failing"),
        ("throttled", "throttled"),
    ],
)
async def test_a_bad_day_with_the_host_proven_up(found: Stand, outage: Outage, code: str) -> None:
    found.vendor.gallery.outage = outage
    await asked(found, NEWEST)
    await found.adapter.check()
    assert health(found).code == code
    found.vendor.gallery.outage = None
    found.vendor.ahead += 31
    await asked(found, {"limit": 4})
    assert health(found).code == "ok"

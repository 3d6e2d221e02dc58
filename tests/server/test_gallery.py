"""GET /v1/gallery/{provider}: the query as it is, the answer with its age, errors as everywhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from pydantic import JsonValue

from imageway.client import Imageway
from imageway.providers.config import Config
from imageway.providers.loading import Source
from imageway.providers.snapshot import provision
from imageway.providers.state import Surroundings
from imageway.server.app import make_app
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener
from tests.server.lab import OBJECT, Answer, Json
from tests.stack.wall import HALF_DOWN, Wall, broken

HOUR = 3600.0


@dataclass(slots=True)
class Stand:
    """A gateway with a wall behind it, and a clock that a test sets forward."""

    wall: Wall
    way: Imageway
    session: aiohttp.ClientSession
    ahead: float = 0.0

    async def get(self, path: str, **headers: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(path, headers=named) as got:
            raw = await got.read()
            value = OBJECT.validate_json(raw) if raw.startswith(b"{") else {}
            return Answer(got.status, got.reason or "", got.headers, raw, value)


NOTHING: Mapping[str, JsonValue] = {}


@asynccontextmanager
async def stand(
    folder: Path, tables: Mapping[str, JsonValue] = NOTHING, **environment: str
) -> AsyncGenerator[Stand]:
    """Everything up on loopback."""
    providers = {
        "wall": {"adapter": "tests.stack.wall:Hung", "retry": {"attempts": 1}},
        "demo": {"adapter": "demo"},
    }
    config = Config.model_validate({"providers": providers, **tables})
    source = Source(config, folder / "plugins.toml")
    way = Imageway(provision(source, environment, Surroundings(now=lambda: up.ahead)))
    wall = way.snapshot.providers["wall"].adapter
    assert isinstance(wall, Wall)
    listener = Listener(make_app(way), Patience(), 64)
    host, port = await listener.open("127.0.0.1", 0)
    async with aiohttp.ClientSession(f"http://{host}:{port}") as session:
        up = Stand(wall, way, session)
        yield up
    await way.close(0)
    await listener.close()


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[Stand]:
    async with stand(tmp_path) as found:
        yield found


def object_of(value: JsonValue) -> Json:
    return OBJECT.validate_python(value)


async def test_a_page_is_items_and_where_the_next_ones_are(it: Stand) -> None:
    answer = await it.get("/v1/gallery/wall?limit=3&sort=Most%20Reactions&page=2")
    assert answer.status == 200
    assert answer.json["items"] == [{"id": 1}]
    assert "stale" not in answer.json
    metadata = object_of(answer.json["metadata"])
    assert metadata["nextCursor"] == "next"
    link = str(metadata["nextPage"])
    assert link.startswith("http://127.0.0.1:")
    assert link.endswith("/v1/gallery/wall?limit=3&sort=Most+Reactions&page=2&cursor=next")
    following = await it.get(link[link.index("/v1") :])
    assert following.json["items"] == [{"id": 2}]
    assert it.wall.browsed[1] == {
        "limit": "3",
        "sort": "Most Reactions",
        "page": "2",
        "cursor": "next",
    }


async def test_the_query_reaches_the_vendor_as_it_is(it: Stand) -> None:
    await it.get("/v1/gallery/wall?kind=a&kind=b&limit=&sort=%2B1%25")
    assert it.wall.browsed == [{"kind": ["a", "b"], "limit": "", "sort": "+1%"}]


async def test_an_answer_is_kept_by_who_asks_and_confirmed_without_its_body(it: Stand) -> None:
    first = await it.get("/v1/gallery/wall?limit=3")
    tag = first.headers["ETag"]
    assert first.headers["Cache-Control"] == "private, no-cache"
    again = await it.get("/v1/gallery/wall?limit=3", if_none_match=tag)
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", tag)
    assert (await it.get("/v1/gallery/wall?limit=3", if_none_match='"other"')).status == 200


async def test_what_stands_in_says_how_old_it_is_and_why(it: Stand) -> None:
    await it.get("/v1/gallery/wall?limit=3")
    it.ahead, it.wall.mood = HOUR, broken()
    answer = await it.get("/v1/gallery/wall?limit=3")
    assert (answer.status, answer.json["items"]) == (200, [{"id": 1}])
    assert answer.json["stale"] == {
        "age_seconds": 3600,
        "reason": "unavailable: it answered 500",
    }
    assert "ETag" not in answer.headers


async def test_a_query_never_asked_before_gets_a_503_that_says_what_is_known(it: Stand) -> None:
    it.wall.mood, it.wall.known = broken(), [HALF_DOWN]
    answer = await it.get("/v1/gallery/wall?limit=3")
    assert answer.status == 503
    assert answer.error["imageway_code"] == "unavailable"
    assert "host up, parametrised queries failing" in str(answer.error["message"])
    assert answer.error["vendor_message"] == "Internal Server Error"
    details = object_of(answer.error["details"])
    assert details["services"] == [HALF_DOWN.model_dump()]


async def test_a_wrong_name_is_400_with_the_right_ones(it: Stand) -> None:
    answer = await it.get("/v1/gallery/wall?limt=3")
    assert (answer.status, answer.error["param"]) == (400, "limt")
    assert "there is cursor, kind, limit" in str(answer.error["message"])
    assert it.wall.browsed == []


async def test_an_unknown_provider_is_404_with_the_nearest_name(it: Stand) -> None:
    answer = await it.get("/v1/gallery/walls")
    assert (answer.status, answer.error["code"]) == (404, "provider_not_found")
    assert answer.error["hint"] == "did you mean 'wall'?"


async def test_a_provider_without_a_gallery_is_422(it: Stand) -> None:
    answer = await it.get("/v1/gallery/demo")
    assert (answer.status, answer.error["code"]) == (422, "unsupported")
    assert "demo has no gallery" in str(answer.error["message"])


async def test_nothing_but_get_is_known(it: Stand) -> None:
    async with it.session.post("/v1/gallery/wall") as answer:
        assert answer.status == 405


async def test_strangers_see_nothing(tmp_path: Path) -> None:
    keys: JsonValue = {"keys": {"family": {"token": {"env": "FAMILY"}}}}
    assert isinstance(keys, dict)
    async with stand(tmp_path, keys, FAMILY="sesame") as it:
        assert (await it.get("/v1/gallery/wall")).status == 401
        assert (await it.get("/v1/gallery/wall", authorization="Bearer sesame")).status == 200


async def test_the_public_url_stands_in_the_links(tmp_path: Path) -> None:
    gateway: JsonValue = {"gateway": {"public_url": "https://pictures.example.org/way/"}}
    assert isinstance(gateway, dict)
    async with stand(tmp_path, gateway) as it:
        answer = await it.get("/v1/gallery/wall")
        link = object_of(answer.json["metadata"])["nextPage"]
        assert link == "https://pictures.example.org/way/v1/gallery/wall?cursor=next"


async def test_a_gateway_that_begins_anew_knows_the_last_good_answers(tmp_path: Path) -> None:
    async with stand(tmp_path) as it:
        await it.get("/v1/gallery/wall?limit=3")
    async with stand(tmp_path) as it:
        assert (await it.get("/v1/gallery/wall?limit=3")).json["items"] == [{"id": 1}]
        assert it.wall.browsed == []
        it.ahead, it.wall.mood = HOUR, broken()
        answer = await it.get("/v1/gallery/wall?limit=3")
        assert object_of(answer.json["stale"])["age_seconds"] == 3600


async def test_a_half_written_answer_is_thrown_away_and_asked_for_anew(tmp_path: Path) -> None:
    async with stand(tmp_path) as it:
        await it.get("/v1/gallery/wall?limit=3")
    [file] = (tmp_path / "state" / "gallery" / "wall").iterdir()
    file.write_bytes(file.read_bytes()[:-2])
    async with stand(tmp_path) as it:
        it.wall.mood = broken()
        assert (await it.get("/v1/gallery/wall?limit=3")).status == 503
        assert not file.exists()
        it.wall.mood = None
        assert (await it.get("/v1/gallery/wall?limit=3")).status == 200
        assert file.exists()


async def test_a_folder_that_cannot_be_written_costs_nobody_an_answer(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the way")
    async with stand(tmp_path) as it:
        assert (await it.get("/v1/gallery/wall?limit=3")).status == 200
        it.ahead, it.wall.mood = HOUR, broken()
        assert (await it.get("/v1/gallery/wall?limit=3")).json["stale"]

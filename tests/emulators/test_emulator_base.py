"""What every emulator does: hears, lets in, plays its script, and writes its bill."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import aiohttp
import pytest

from imageway.emulators.answer import Charge
from imageway.emulators.faults import Fault, Spot
from imageway.emulators.serving import serve
from imageway.emulators.toy import Toy


async def make(client: aiohttp.ClientSession, path: str = "/make") -> tuple[int, bytes]:
    async with client.post(path, json={"a": 1}, allow_redirects=False) as response:
        return response.status, await response.read()


async def test_a_request_is_kept_as_it_came(toy: Toy, client: aiohttp.ClientSession) -> None:
    await client.post("/make?b=2", json={"a": [1, None]}, headers={"X-First": "1", "x-second": "2"})
    [heard] = toy.heard
    assert (heard.method, heard.path, heard.query) == ("POST", "/make", "b=2")
    assert heard.fields() == {"a": [1, None]}
    names = [name for name, _ in heard.headers]
    assert names.index("X-First") + 1 == names.index("x-second")
    assert heard.header("x-first") == "1"


async def test_the_parts_of_a_form_are_kept_in_order(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    form = aiohttp.FormData()
    form.add_field("prompt", "fox")
    form.add_field("image", b"\x89PNG", filename="a.png", content_type="image/png")
    await client.post("/make", data=form)
    text, file = toy.heard[0].parts
    assert (text.name, text.text, text.filename) == ("prompt", "fox", None)
    assert (file.filename, file.content_type, file.size) == ("a.png", "image/png", 4)
    assert file.sha256 == "0f4636c78f65d3639ece5a064b5ae753e3408614a14fb18ab4d7540d2c248543"


async def test_what_is_no_json_is_kept_raw(toy: Toy, client: aiohttp.ClientSession) -> None:
    await client.post("/make", data=b"{", headers={"Content-Type": "application/json"})
    assert (toy.heard[0].body, toy.heard[0].raw) == (None, b"{")


async def test_only_the_last_requests_are_kept(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.keeps = 2
    for thing in "abc":
        await client.get(f"/look/{thing}")
    assert [heard.path for heard in toy.heard] == ["/look/b", "/look/c"]


async def test_a_body_over_the_limit_is_a_413(client: aiohttp.ClientSession) -> None:
    async with client.post("/make", data=b"x" * 2000) as response:
        assert await response.json() == {"problem": 413}


async def test_a_form_over_the_limit_is_a_413(client: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData()
    form.add_field("image", b"x" * 2000, filename="a.png")
    async with client.post("/make", data=form) as response:
        assert response.status == 413


async def test_an_unknown_route_is_told_in_the_vendors_words(
    client: aiohttp.ClientSession,
) -> None:
    async with client.delete("/make") as response:
        assert (response.status, await response.json()) == (404, {"problem": 404})


async def test_a_wrong_key_is_refused_and_uses_up_no_fault() -> None:
    toy = Toy(key="sk-right")
    toy.script(Fault.RATE_LIMITED)
    async with serve(toy) as url, aiohttp.ClientSession(url) as client:
        async with client.post("/make", headers={"Authorization": "Bearer sk-wrong"}) as response:
            assert await response.json() == {"oh": "bad_key"}
        async with client.post("/make", headers={"Authorization": "Bearer sk-right"}) as response:
            assert await response.json() == {"oh": "rate_limited"}


async def test_a_handler_knows_its_path_and_origin(client: aiohttp.ClientSession) -> None:
    async with client.get("/look/cat") as response:
        answer = await response.json()
        origin = str(response.url.origin())
        assert answer == {"thing": "cat", "at": origin, "files": origin}


async def test_faults_come_in_the_order_scripted(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.script(Fault.RATE_LIMITED, times=2)
    toy.script(Fault.UNAVAILABLE, after=2)
    statuses = [(await make(client))[1] for _ in range(6)]
    limited, fine = b'{"oh": "rate_limited"}', b'{"made": 1}'
    assert statuses == [limited, limited, fine, fine, b'{"oh": "unavailable"}', fine]


async def test_a_fault_without_times_stays_until_reset(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    toy.script(Fault.QUOTA, times=None)
    assert [(await make(client))[0] for _ in range(3)] == [418, 418, 418]
    toy.reset()
    assert (await make(client))[0] == 200


async def test_a_fault_strikes_only_at_its_spot(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.script(Fault.UNAVAILABLE)
    toy.script(Fault.NOT_FOUND, spot=Spot.LOOK)
    async with client.get("/look/cat") as response:
        assert await response.json() == {"oh": "not_found"}
    assert (await make(client))[1] == b'{"oh": "unavailable"}'


def test_a_fault_goes_where_this_vendor_says_it(toy: Toy) -> None:
    toy.script(Fault.NOT_A_PICTURE)
    assert toy.playlist.take(Spot.WORK) is None
    assert toy.playlist.take(Spot.DOWNLOAD) is not None


def test_a_fault_that_the_vendor_cannot_say_is_refused(toy: Toy) -> None:
    with pytest.raises(ValueError, match="toy has no way of saying 'never_ends'"):
        toy.script(Fault.NEVER_ENDS)


async def test_nothing_said_is_charged(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.script(Fault.SERVER_ERROR)
    await make(client)
    assert toy.charges == []


async def test_work_is_charged_once(toy: Toy, client: aiohttp.ClientSession) -> None:
    await make(client)
    assert toy.charges == [Charge("make", 1, Decimal(1))]


@pytest.mark.parametrize("path", ["/make", "/stream"])
async def test_a_script_may_charge_for_an_error(
    toy: Toy, client: aiohttp.ClientSession, path: str
) -> None:
    toy.script(Fault.SERVER_ERROR, charged=True)
    assert await make(client, path) == (418, b'{"oh": "server_error"}')
    assert len(toy.charges) == 1


async def test_work_takes_its_time() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    toy = Toy(key=None, seconds_per_picture=3.0, sleep=sleep)
    async with serve(toy) as url, aiohttp.ClientSession(url) as client:
        await make(client)
    assert slept == [3.0]


async def test_a_stream_takes_its_time_between_events() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    toy = Toy(key=None, seconds_per_picture=6.0, sleep=sleep)
    async with serve(toy) as url, aiohttp.ClientSession(url) as client:
        await make(client, "/stream")
    assert slept == [2.0, 2.0, 2.0]


async def test_who_leaves_while_the_work_goes_on_is_charged() -> None:
    working = asyncio.Event()

    async def sleep(seconds: float) -> None:
        working.set()
        await asyncio.Event().wait()

    toy = Toy(key=None, sleep=sleep)
    async with serve(toy) as url, aiohttp.ClientSession(url) as client:
        asking = asyncio.ensure_future(make(client))
        await working.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert len(toy.charges) == 1


async def test_what_was_heard_is_known_by_its_step(toy: Toy, client: aiohttp.ClientSession) -> None:
    await make(client)
    await client.get("/look/cat")
    assert [heard.path for heard in toy.heard_at(Spot.WORK)] == ["/make"]
    assert [heard.path for heard in toy.heard_at(Spot.LOOK)] == ["/look/cat"]


async def test_files_may_lie_on_another_host(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.files_host = "localhost"
    async with client.get("/look/cat") as response:
        answer = await response.json()
    assert answer["files"] == f"http://localhost:{response.url.port}"


async def test_an_open_route_asks_for_no_key() -> None:
    toy = Toy(key="sk-right")
    async with serve(toy) as url, aiohttp.ClientSession(url) as client:
        async with client.get("/open") as response:
            assert response.status == 200
        async with client.get("/look/cat") as response:
            assert response.status == 418


async def test_who_is_still_being_served_is_known(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.script(Fault.STALL)
    counts: asyncio.Queue[int] = asyncio.Queue()
    toy.stirred = lambda: counts.put_nowait(toy.underway)
    asking = asyncio.ensure_future(client.post("/make"))
    assert await counts.get() == 1
    asking.cancel()
    assert await counts.get() == 0


def test_an_emulator_says_how_its_vendor_is_configured() -> None:
    settings = Toy(key="sk-1").settings("http://127.0.0.1:1")
    assert settings == {"base_url": "http://127.0.0.1:1", "api_key": "sk-1"}

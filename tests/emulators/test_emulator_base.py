"""What every emulator does: hears, lets in, goes wrong as scripted, and writes its bill."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from decimal import Decimal
from importlib.metadata import EntryPoint, EntryPoints
from typing import ClassVar

import aiohttp
import pytest

from imageway.emulators.answer import Answer, Charge, Visit
from imageway.emulators.base import Emulator, Route
from imageway.emulators.faults import Fault, Scripted, Spot
from imageway.emulators.heard import Heard
from imageway.emulators.serving import find, serve

EVENTS = (b"data: one\n\n", b"data: two\n\n", b"data: three\n\n")


class Toy(Emulator):
    """The smallest vendor: makes, streams, and looks."""

    name = "toy"
    usual_model = "toy-1"
    can_say: ClassVar[frozenset[Fault]] = frozenset(Fault) - {Fault.NEVER_ENDS}
    spots: ClassVar[Mapping[Fault, Spot]] = {Fault.NOT_A_PICTURE: Spot.DOWNLOAD}
    max_body = 1000

    def routes(self) -> Iterable[Route]:
        yield Route("POST", "/make", self._make, Spot.WORK)
        yield Route("POST", "/stream", self._stream, Spot.WORK)
        yield Route("GET", "/look/{thing}", self._look)

    async def _make(self, visit: Visit) -> Answer:
        seconds = self.seconds_per_picture
        return Answer.of_json({"made": 1}, seconds=seconds, charge=Charge("make", 1, Decimal(1)))

    async def _stream(self, visit: Visit) -> Answer:
        seconds = self.seconds_per_picture
        return Answer.of_events(EVENTS, seconds=seconds, charge=Charge("stream", 1, Decimal(2)))

    async def _look(self, visit: Visit) -> Answer:
        return Answer.of_json({"thing": visit.path["thing"], "at": visit.origin})

    def say(self, scripted: Scripted, heard: Heard) -> Answer:
        return Answer.of_json({"oh": scripted.fault.value}, scripted.status or 418)

    def problem(self, status: int, heard: Heard) -> Answer:
        return Answer.of_json({"problem": status}, status)


@pytest.fixture
def toy() -> Toy:
    return Toy(key=None)


@pytest.fixture
async def client(toy: Toy) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve(toy) as url, aiohttp.ClientSession(url) as session:
        yield session


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
        assert answer == {"thing": "cat", "at": str(response.url.origin())}


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


async def test_an_error_in_a_stream_comes_after_some_events(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    toy.script(Fault.REFUSED, after_events=1)
    status, body = await make(client, "/stream")
    assert (status, body) == (200, EVENTS[0] + b'data: {"oh": "refused"}\n\n')
    assert toy.charges == []


async def test_a_hang_up_gives_no_byte_and_is_charged(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    toy.script(Fault.HANG_UP)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await make(client)
    assert len(toy.charges) == 1


@pytest.mark.parametrize(
    ("path", "events", "half"),
    [
        ("/make", None, b'{"mad'),
        ("/stream", None, b"data: one\n\ndata: "),
        ("/stream", 1, EVENTS[0]),
    ],
)
async def test_a_cut_ends_in_the_middle(
    toy: Toy, client: aiohttp.ClientSession, path: str, events: int | None, half: bytes
) -> None:
    toy.script(Fault.CUT, after_events=events)
    async with client.post(path) as response:
        assert response.status == 200
        assert await response.content.readexactly(len(half)) == half
        with pytest.raises(aiohttp.ClientPayloadError):
            await response.content.read()


@pytest.mark.parametrize(("events", "body"), [(None, b"".join(EVENTS[:2])), (0, b"")])
async def test_a_stream_may_end_early_and_cleanly(
    toy: Toy, client: aiohttp.ClientSession, events: int | None, body: bytes
) -> None:
    toy.script(Fault.CUT_STREAM, after_events=events)
    assert await make(client, "/stream") == (200, body)


async def test_a_stall_gives_no_byte(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.script(Fault.STALL)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(make(client), 0.05)
    assert len(toy.charges) == 1


async def test_a_stall_may_come_after_some_events(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.script(Fault.STALL, after_events=2)
    async with client.post("/stream") as response:
        both = EVENTS[0] + EVENTS[1]
        assert await response.content.readexactly(len(both)) == both
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(response.content.read(1), 0.05)


async def test_a_stall_ends_when_the_emulator_does() -> None:
    working = asyncio.Event()

    async def sleep(seconds: float) -> None:
        working.set()

    toy = Toy(key=None, sleep=sleep)
    toy.script(Fault.STALL)
    async with aiohttp.ClientSession() as client:
        async with serve(toy) as url:
            asking = asyncio.ensure_future(client.post(f"{url}/make"))
            await working.wait()
            closing = time.monotonic()
        assert time.monotonic() - closing < 0.5
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await asking


async def test_a_drip_pauses_between_bytes() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    toy = Toy(key=None, sleep=sleep)
    toy.script(Fault.DRIP, step=4, pause=9.0)
    async with serve(toy) as url, aiohttp.ClientSession(url) as client:
        assert await make(client) == (200, b'{"made": 1}')
    assert slept == [0.0, 9.0, 9.0, 9.0]


async def test_an_oversized_answer_has_the_size_asked_for(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    toy.script(Fault.OVERSIZED, size=200_000)
    status, body = await make(client)
    assert (status, len(body), body.strip()) == (200, 200_011, b'{"made": 1}')


async def test_an_oversized_stream_begins_with_a_comment(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    toy.script(Fault.OVERSIZED, size=100)
    assert (await make(client, "/stream"))[1] == b":" + b" " * 100 + b"\n\n" + b"".join(EVENTS)


async def test_garbage_is_a_fine_answer_of_a_wrong_shape(
    toy: Toy, client: aiohttp.ClientSession
) -> None:
    toy.script(Fault.GARBAGE)
    assert await make(client) == (200, b'{"surprise": [1, 2, {"three": null}]}')
    assert len(toy.charges) == 1


@pytest.mark.parametrize("status", [502, 500])
async def test_a_proxy_answers_html(toy: Toy, client: aiohttp.ClientSession, status: int) -> None:
    toy.script(Fault.HTML, status=status)
    async with client.post("/make") as response:
        assert (response.status, response.content_type) == (status, "text/html")


async def test_a_page_is_never_inside_a_stream(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.script(Fault.HTML, after_events=1)
    assert (await make(client, "/stream"))[0] == 502


async def test_a_redirect_names_its_place(toy: Toy, client: aiohttp.ClientSession) -> None:
    toy.script(Fault.REDIRECT, location="http://127.0.0.1:9/x", headers={"x-more": "1"})
    async with client.post("/make", allow_redirects=False) as response:
        assert response.status == 307
        assert response.headers["Location"] == "http://127.0.0.1:9/x"
        assert response.headers["x-more"] == "1"


async def test_the_control_page_tells_the_state(toy: Toy, client: aiohttp.ClientSession) -> None:
    await make(client)
    async with client.get("/_emulator") as response:
        state = await response.json()
    bill = {"what": "make", "pictures": 1, "amount": "1", "unit": "USD"}
    assert (state["name"], state["heard"], state["charges"]) == ("toy", 1, [bill])


async def test_the_control_page_shows_what_was_heard(client: aiohttp.ClientSession) -> None:
    form = aiohttp.FormData()
    form.add_field("image", b"12", filename="a.png")
    await client.post("/make", data=form)
    async with client.get("/_emulator/heard") as response:
        [told] = await response.json()
    assert told["path"] == "/make"
    assert (told["parts"][0]["filename"], told["parts"][0]["size"]) == ("a.png", 2)


async def test_the_control_page_scripts_faults(toy: Toy, client: aiohttp.ClientSession) -> None:
    fault = {"fault": "server_error", "times": 2, "status": 599}
    async with client.post("/_emulator/faults", json=fault) as response:
        assert (await response.json())["faults"] == [{**fault, "spot": "work"}]
    assert (await make(client))[0] == 599


@pytest.mark.parametrize(
    "fault", [{"fault": "bored"}, {"fault": "never_ends"}, {"fault": "html", "colour": "red"}]
)
async def test_the_control_page_refuses_what_it_does_not_know(
    client: aiohttp.ClientSession, fault: dict[str, str]
) -> None:
    async with client.post("/_emulator/faults", json=fault) as response:
        assert response.status == 422
        assert (await response.json())["errors"]


async def test_the_control_page_starts_anew(toy: Toy, client: aiohttp.ClientSession) -> None:
    await make(client)
    toy.script(Fault.HTML)
    await client.post("/_emulator/reset")
    assert (toy.heard, toy.charges, toy.playlist.pending()) == ([], [], ())


def test_an_emulator_is_found_by_its_name() -> None:
    point = EntryPoint("house", "imageway.emulators.vllm:VllmEmulator", "imageway.emulators")
    assert find("house", EntryPoints([point])).name == "vllm"


def test_an_emulator_is_found_at_a_dotted_path() -> None:
    assert find("imageway.emulators.openai:OpenAIEmulator").name == "openai"


def test_an_unknown_emulator_is_refused_with_those_there_are() -> None:
    point = EntryPoint("house", "house:House", "imageway.emulators")
    with pytest.raises(LookupError, match="no emulator is called 'hause'; installed: house"):
        find("hause", EntryPoints([point]))


def test_what_is_no_emulator_is_refused() -> None:
    with pytest.raises(LookupError, match="is no emulator"):
        find("imageway.emulators.faults:Fault")


@pytest.mark.slow
async def test_an_emulator_runs_alone() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "imageway.emulators",
        "imageway.emulators.openai:OpenAIEmulator",
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        lines = [(await process.stdout.readline()).decode().split() for _ in range(3)]
        assert lines[1] == ["key", "sk-emulated"]
        url = f"{lines[0][-1]}/models"
        headers = {"Authorization": "Bearer sk-emulated"}
        async with aiohttp.request("GET", url, headers=headers) as response:
            assert response.status == 200
    finally:
        process.terminate()
        await process.wait()

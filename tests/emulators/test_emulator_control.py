"""An emulator from outside: its control page, its name, and running alone."""

from __future__ import annotations

import asyncio
import sys
from importlib.metadata import EntryPoint, EntryPoints

import aiohttp
import pytest

from imageway.emulators.faults import Fault
from imageway.emulators.serving import find
from imageway.emulators.toy import Toy


async def make(client: aiohttp.ClientSession, path: str = "/make") -> tuple[int, bytes]:
    async with client.post(path, json={"a": 1}, allow_redirects=False) as response:
        return response.status, await response.read()


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

"""A CivitAI whose clock stands still until it is moved, and a client that looks at raw answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from pydantic import JsonValue

from imageway.emulators.civitai import CivitaiEmulator
from imageway.emulators.civitai_facts import Facts
from imageway.emulators.serving import serve

KEY = "sk-emulated"
SDXL = "urn:air:sdxl:checkpoint:civitai:101055@128078"
GATED = "urn:air:sdxl:checkpoint:civitai:555001@777002"
TRIAL = "urn:air:sdxl:checkpoint:civitai:555002@777010"
WORKFLOWS = "/v2/consumer/workflows"
NOW = 1_795_302_099.0


def emulator(**facts: object) -> CivitaiEmulator:
    """An emulator at a fixed moment; its sleeps move its clock."""
    made = CivitaiEmulator(clock=lambda: NOW)
    made.facts = Facts(**facts)  # type: ignore[arg-type]  # names of Facts, unknown ones raise

    async def sleep(seconds: float) -> None:
        made.ahead += seconds

    made.sleep = sleep
    return made


@dataclass(frozen=True, slots=True)
class Said:
    """One answer."""

    status: int
    body: JsonValue
    headers: Mapping[str, str]

    @property
    def fields(self) -> dict[str, JsonValue]:
        """The members of an object."""
        assert isinstance(self.body, dict), self.body
        return self.body


@dataclass(slots=True)
class Client:
    """Asks without any help of an SDK."""

    session: aiohttp.ClientSession
    key: str | None = KEY

    async def ask(self, method: str, path: str, body: JsonValue = None) -> Said:
        """One call; a redirect is not followed."""
        headers = {} if self.key is None else {"Authorization": f"Bearer {self.key}"}
        asked = self.session.request(
            method, path, json=body, headers=headers, allow_redirects=False
        )
        async with asked as response:
            is_json = response.content_type.endswith("json") and response.status != 204
            read = (
                await response.json(content_type=None)
                if is_json
                else await response.text(errors="replace")
            )
            return Said(response.status, read, response.headers)

    async def get(self, path: str) -> Said:
        """Read."""
        return await self.ask("GET", path)

    async def order(self, query: str = "", key: str | None = None, **wishes: JsonValue) -> Said:
        """Order a workflow of one step."""
        return await self.ask("POST", f"{WORKFLOWS}{query}", order(key, **wishes))


@asynccontextmanager
async def client_of(emulator: CivitaiEmulator) -> AsyncGenerator[Client]:
    """A client of an emulator, as long as the block lasts."""
    async with serve(emulator) as url, aiohttp.ClientSession(url) as session:
        yield Client(session)


def order(key: str | None = None, **wishes: JsonValue) -> dict[str, JsonValue]:
    """The body of an order."""
    body = order_of(wishes)
    return body if key is None else {**body, "externalId": key}


def order_of(wishes: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The body of an order with these fields in its one input."""
    usual: dict[str, JsonValue] = {
        "engine": "sdcpp",
        "ecosystem": "sdxl",
        "operation": "createImage",
        "model": SDXL,
        "prompt": "a lighthouse",
    }
    return {"steps": [{"$type": "imageGen", "input": {**usual, **wishes}}]}


def images(said: Said) -> list[dict[str, JsonValue]]:
    """The pictures of a workflow, over all its steps."""
    steps = said.fields["steps"]
    assert isinstance(steps, list)
    found: list[dict[str, JsonValue]] = []
    for step in steps:
        assert isinstance(step, dict)
        output = step["output"]
        assert isinstance(output, dict)
        listed = output["images"]
        assert isinstance(listed, list)
        found += [each for each in listed if isinstance(each, dict)]
    return found


def path_of(url: JsonValue) -> str:
    """A link without its host."""
    assert isinstance(url, str)
    return "/" + url.split("/", 3)[3]

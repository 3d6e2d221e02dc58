"""The Qwen service on a loopback port, an engine that fails on demand, and a client."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import aiohttp
import orjson
from pydantic import JsonValue, TypeAdapter

from imageway.core.picture import Picture
from imageway.core.sse import EventParser
from imageway.qwen.api.app import make_app
from imageway.qwen.api.envelope import VOICE
from imageway.qwen.service import Service
from imageway.qwen.settings import Settings
from imageway.qwen.sizes import NATIVE
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener
from tests.qwen.scripted import LOADING, Scripted

Json = dict[str, JsonValue]
OBJECT: TypeAdapter[Json] = TypeAdapter(Json)
# A sixteenth of the model's own sizes, so that a picture takes a few milliseconds.
SMALL = {
    ratio: (width // 256 * 16, height // 256 * 16) for ratio, (width, height) in NATIVE.items()
}
GENERATE = "/api/generate"
PATIENCE = 20.0


def lab_settings(**changed: object) -> Settings:
    """The usual settings of a test, and what it changes."""
    usual: dict[str, object] = {
        "backend": "demo",
        "sizes": SMALL,
        "warmup_ratios": (),
        "preview_interval_seconds": 0,
        "demo_step_seconds": 0,
        "stop_grace_seconds": 5,
    }
    return Settings.model_validate({**usual, **changed})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        return OBJECT.validate_json(self.body)

    @property
    def code(self) -> JsonValue:
        """The service's code: of a picture from the header, else from the body."""
        if self.headers["Content-Type"].startswith("image/"):
            return int(self.headers["X-Code"])
        return self.json["code"]

    @property
    def picture(self) -> Picture:
        return Picture.from_bytes(self.body)


@dataclass(frozen=True, slots=True)
class Event:
    """One event of a stream."""

    name: str
    data: Json
    id: int


@dataclass(slots=True)
class Lab:
    """The service, its engine, and a client."""

    url: str
    service: Service
    engine: Scripted
    listener: Listener
    session: aiohttp.ClientSession
    opening: asyncio.Task[None]
    asking: set[asyncio.Task[Answer]] = field(default_factory=set[asyncio.Task[Answer]])

    async def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """Send one request; an underscore in a header's name is a hyphen."""
        data = orjson.dumps(body) if isinstance(body, dict) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(
            method, self.url + path, data=data, headers=named
        ) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, **headers)

    async def delete(self, job_id: str) -> Answer:
        return await self.ask("DELETE", f"/api/requests/{job_id}")

    async def generate(self, prompt: object = "a red fox", **fields: object) -> Answer:
        return await self.ask("POST", GENERATE, {"prompt": prompt, **fields})

    def begin(self, prompt: str = "a red fox", **fields: object) -> asyncio.Task[Answer]:
        """Ask without waiting."""
        task = asyncio.create_task(self.generate(prompt, **fields))
        self.asking.add(task)
        return task

    async def submit(self, prompt: str = "a red fox", **fields: object) -> str:
        """Ask in the background; returns the id."""
        answer = await self.generate(prompt, **{"async": True, **fields})
        assert answer.status == 202, answer.body
        return str(answer.json["request_id"])

    async def state(self, job_id: str) -> Json:
        return (await self.get(f"/api/requests/{job_id}")).json

    async def image(self, job_id: str, query: str = "") -> Answer:
        return await self.get(f"/api/requests/{job_id}/image{query}")

    async def events(self, job_id: str, **headers: str) -> list[Event]:
        """Everything until the stream ends."""
        return [event async for event in self.listen(job_id, **headers)]

    async def listen(self, job_id: str, **headers: str) -> AsyncIterator[Event]:
        """Events as they come."""
        path = f"{self.url}/api/requests/{job_id}/events"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.get(path, headers=named) as response:
            assert response.status == 200
            parser = EventParser()
            async for chunk in response.content.iter_any():
                for event in parser.feed(chunk):
                    data = OBJECT.validate_json(event.data)
                    yield Event(event.event, data, int(event.id or 0))

    async def until(self, job_id: str, name: str) -> Event:
        """The next event of a name."""
        listening = self.listen(job_id)
        try:
            async for event in listening:
                if event.name == name:
                    return event
        finally:
            await listening.aclose()  # type: ignore[attr-defined]  # it is a generator
        raise AssertionError(f"{job_id} ended without {name}")

    async def is_listened_to(self, job_id: str) -> None:
        """Wait until somebody hears the events of a request."""
        job = self.service.archive.find(job_id)
        async with asyncio.timeout(PATIENCE):
            # The listener is inside the service, which tells nobody of it.
            while not job.story.is_watched:  # noqa: ASYNC110
                await asyncio.sleep(0.001)

    async def service_is_idle(self) -> None:
        """Wait until nothing runs or waits."""
        async with asyncio.timeout(PATIENCE):
            while (await self.get("/api/queue/status")).json["status"] != "idle":
                pass

    async def waiting(self, count: int) -> None:
        """Wait until so many stand in the line."""
        async with asyncio.timeout(PATIENCE):
            while (await self.get("/api/queue/status")).json["queued"] != count:
                pass

    async def cancelled(self) -> str:
        """Make a request and cancel it while it runs."""
        hold = self.engine.hold()
        job_id = await self.submit()
        await hold.until_reached()
        await self.delete(job_id)
        hold.go.set()
        await self.ended(job_id)
        return job_id

    async def ended(self, job_id: str) -> Json:
        """Wait for a request's end; returns its state."""
        await self.events(job_id)
        return await self.state(job_id)


@asynccontextmanager
async def lab(*, opens: bool = True, **changed: object) -> AsyncGenerator[Lab]:
    """Serve while the block lasts; with `opens` false the model is held while it loads."""
    settings = lab_settings(**changed)
    engine = Scripted(settings)
    loading = None if opens else engine.hold(LOADING)
    service = Service(settings, engine)
    listener = Listener(make_app(service), Patience(), 100, VOICE)
    host, port = await listener.open("127.0.0.1", 0)
    opening = service.start()
    if loading is None:
        await opening
    else:
        await loading.until_reached()
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        here = Lab(f"http://{host}:{port}", service, engine, listener, session, opening)
        try:
            yield here
        finally:
            engine.release()
            hurry = asyncio.Event()
            hurry.set()
            await service.stop(hurry)
            for task in here.asking:
                task.cancel()
            await asyncio.gather(*here.asking, return_exceptions=True)
    await listener.close()


@contextmanager
def served(*, opens: bool = True, **changed: object) -> Generator[Lab]:
    """The service of the lab, in a thread, while the block lasts."""
    ready: list[Lab] = []
    begun, over = threading.Event(), threading.Event()

    async def serve() -> None:
        async with lab(opens=opens, **changed) as here:
            ready.append(here)
            begun.set()
            await asyncio.to_thread(over.wait)
            here.engine.release()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert begun.wait(PATIENCE)
    try:
        yield ready[0]
    finally:
        over.set()
        thread.join(PATIENCE)

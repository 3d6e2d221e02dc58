"""The service on a loopback port with the real engine behind it, and a client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import orjson

from imageway.core.sse import EventParser
from imageway.qwen.api.app import make_app
from imageway.qwen.api.envelope import VOICE
from imageway.qwen.diffusion.engine import DiffusionEngine
from imageway.qwen.diffusion.studio import Studio
from imageway.qwen.job import Job
from imageway.qwen.service import Service
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener
from tests.qwen.lab import GENERATE, OBJECT, Answer, Event, Json
from tests.qwen_engine.tiny import tiny_settings

PATIENCE = 60.0

Field = int | float | str | bool | None


@dataclass(frozen=True, slots=True)
class RealLab:
    """The service, its loaded engine, and a client."""

    url: str
    service: Service
    engine: DiffusionEngine
    session: aiohttp.ClientSession

    @property
    def studio(self) -> Studio:
        """The pipeline that faults are brought into."""
        return self.engine.studio

    async def ask(self, method: str, path: str, body: Json | None = None) -> Answer:
        data = None if body is None else orjson.dumps(body)
        async with self.session.request(method, self.url + path, data=data) as response:
            return Answer(response.status, response.headers, await response.read())

    async def get(self, path: str) -> Answer:
        return await self.ask("GET", path)

    async def told(self, path: str) -> Json:
        return (await self.get(path)).json

    async def generate(self, prompt: str = "a red fox", **fields: Field) -> Answer:
        body: Json = {"prompt": prompt, "num_steps": 20, **fields}
        return await self.ask("POST", GENERATE, body)

    async def submit(self, prompt: str = "a red fox", **fields: Field) -> str:
        answer = await self.generate(prompt, **{"async": True, **fields})
        assert answer.status == 202, answer.body
        return str(answer.json["request_id"])

    async def events(self, job_id: str) -> list[Event]:
        return [event async for event in self.listen(job_id)]

    async def listen(self, job_id: str) -> AsyncIterator[Event]:
        async with self.session.get(f"{self.url}/api/requests/{job_id}/events") as response:
            parser = EventParser()
            async for chunk in response.content.iter_any():
                for event in parser.feed(chunk):
                    data = OBJECT.validate_json(event.data)
                    yield Event(event.event, data, int(event.id or 0))

    async def running(self) -> Job:
        """Wait until a picture has had its first step."""
        async with asyncio.timeout(PATIENCE):
            # The worker thread tells nobody but the service.
            while self.service.turn is None or self.service.turn.job.step < 1:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        return self.service.turn.job


@asynccontextmanager
async def real_lab(model: Path, **changed: object) -> AsyncGenerator[RealLab]:
    """Load and serve while the block lasts."""
    settings = tiny_settings(model, **changed)
    engine = DiffusionEngine(settings)
    service = Service(settings, engine)
    listener = Listener(make_app(service), Patience(), 100, VOICE)
    host, port = await listener.open("127.0.0.1", 0)
    await service.start()
    timeout = aiohttp.ClientTimeout(total=PATIENCE)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session:
            yield RealLab(f"http://{host}:{port}", service, engine, session)
    finally:
        hurry = asyncio.Event()
        hurry.set()
        await service.stop(hurry)
        await listener.close()

"""Google's adapter on a stand: asked as the library asks it, by an emulator or scripted answers."""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

from PIL import Image
from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

from imageway.adapters.gemini import GeminiAdapter, GeminiConfig
from imageway.core.errors import ErrorInfo
from imageway.core.events import Event, Note
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.outgoing import Times
from imageway.core.picture import Picture
from imageway.core.request import ImageRequest
from imageway.core.result import ImageResult, fold
from imageway.core.run import Run
from imageway.core.streaming import play, stream
from imageway.emulators.faults import Fault, Scripted
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.heard import Heard
from imageway.emulators.serving import serve
from imageway.providers.cache import Answers
from imageway.providers.config import ProviderConfig
from imageway.providers.fallback import Candidate
from imageway.providers.stack import candidate_stack, request_stack
from imageway.providers.state import new_state
from imageway.providers.tables.policies import Policies
from tests.core.samples import listening
from tests.loopback import Loopback

KEY = "sk-emulated"
MODEL, PRO, NANO = "gemini-3.1-flash-image", "gemini-3-pro-image", "gemini-nano-banana-2.1"
IMAGEN = "imagen-4.0-generate-001"
TODAY = date(2026, 11, 20)
# One attempt, so that each test sees what the adapter itself makes of an answer.
ONCE = Policies.model_validate({"retry": {"attempts": 1}})
TWICE = Policies.model_validate({"retry": {"attempts": 2, "backoff": {"first": "1ms"}}})
CAPTURED = Path(__file__).parents[1] / "data" / "gemini"


@dataclass(slots=True)
class Lab:
    """One adapter, and what was heard of the last request."""

    adapter: GeminiAdapter
    name: str = "google"
    policies: Policies = ONCE
    heard: tuple[Event, ...] = ()

    async def draw(
        self, prompt: str = "A red mug", model: str = MODEL, **wishes: object
    ) -> ImageResult:
        """Ask through the policies of a provider, as everybody does."""
        request = ImageRequest.build({"prompt": prompt, "model": model, **wishes})
        state = new_state(self.name, self.policies)
        config = ProviderConfig(adapter="gemini")
        handler = candidate_stack(self.adapter, config, self.policies, state)
        candidate = Candidate(self.name, model, handler)
        answers = Answers(most=0, seconds=0)
        async with stream(request_stack([candidate], answers, 50), request) as events:
            self.heard = tuple([event async for event in events])
        return fold(list(self.heard))

    async def refusal(
        self, prompt: str = "A red mug", model: str = MODEL, **wishes: object
    ) -> ErrorInfo:
        """Ask for what fails altogether."""
        error = (await self.draw(prompt, model, **wishes)).error
        assert error is not None
        return error

    async def events(self, model: str = MODEL, previews: int = 1) -> list[Event]:
        """Every event, for nothing is dropped on the way to this reader."""
        request = ImageRequest.build({"prompt": "mug", "model": model, "previews": previews})
        run, heard = listening(1)

        async def named(request: ImageRequest, run: Run) -> None:
            await self.adapter.generate(request, run.part(run.indices, provider=self.name))

        await play(named, request, run)
        return heard

    @property
    def notes(self) -> list[str]:
        """The notes of the last request, but for those on the model's age."""
        notes = [event for event in self.heard if isinstance(event, Note)]
        return [note.detail for note in notes if note.kind != "deprecated"]


@asynccontextmanager
async def bench(
    url: str, today: Callable[[], date] = lambda: TODAY, **config: object
) -> AsyncGenerator[Lab]:
    """An adapter that asks this base URL."""
    keys = {"base_url": url, "api_key": KEY, **config}
    keys = {name: value for name, value in keys.items() if value is not None}
    async with Http(private=True, times=Times(idle=5, first_byte=5)) as http:
        memo = Memo()
        yield Lab(GeminiAdapter(GeminiConfig.model_validate(keys), http, memo, today))
        await memo.close()


@asynccontextmanager
async def lab(
    emulator: GeminiEmulator, today: Callable[[], date] = lambda: TODAY, **config: object
) -> AsyncGenerator[Lab]:
    """An adapter in front of an emulator."""
    async with serve(emulator) as root, bench(root, today, **config) as found:
        yield found


@asynccontextmanager
async def after(
    fault: Fault, facts: Facts | None = None, **details: object
) -> AsyncGenerator[tuple[Lab, GeminiEmulator]]:
    """An adapter whose vendor has a fault until the end."""
    emulator = GeminiEmulator()
    emulator.facts = facts or Facts()
    fields = {"fault": fault, "times": None, **details}
    emulator.add(Scripted.model_validate(fields))
    async with lab(emulator) as found:
        yield found, emulator


def bare(today: Callable[[], date] = lambda: TODAY, **config: object) -> GeminiAdapter:
    """An adapter that is never let out to the network."""
    keys = {"api_key": KEY, **config}
    return GeminiAdapter(GeminiConfig.model_validate(keys), Http(), Memo(), today)


def asked(emulator: GeminiEmulator) -> list[Heard]:
    """The calls that cost."""
    verbs = ("generateContent", "streamGenerateContent", "predict")
    return [heard for heard in emulator.heard if heard.path.rpartition(":")[2] in verbs]


def at(value: JsonValue, *path: str | int) -> JsonValue:
    """What stands at a place inside of JSON."""
    for step in path:
        match value, step:
            case dict(), str():
                value = value[step]
            case list(), int():
                value = value[step]
            case _:
                raise AssertionError(f"no {step!r} in {value!r}")
    return value


def kinds(heard: list[Event]) -> list[str]:
    """The events by name, without those that only inform."""
    names = [type(event).__name__ for event in heard]
    return [name for name in names if name not in {"Note", "Progress", "Charged"}]


def picture(
    mode: str = "RGB", size: tuple[int, int] = (16, 16), kind: str = "png", colour: int = 0
) -> Picture:
    """A small picture of one colour."""
    out = BytesIO()
    Image.new(mode, size, colour).save(out, kind)
    return Picture.from_bytes(out.getvalue())


def heavy(size: int) -> Picture:
    """A small PNG with so many bytes of comment that it is large."""
    content = picture().bytes
    head, end = content[:33], content[33:]
    filler = size - len(content) - 12
    comment = b"tEXt" + b"x" * filler
    crc = zlib.crc32(comment).to_bytes(4, "big")
    return Picture.from_bytes(head + filler.to_bytes(4, "big") + comment + crc + end)


def reference(found: Picture | None = None) -> dict[str, Picture]:
    """A picture as a request takes it."""
    return {"picture": found or picture()}


def fragment(
    *parts: dict[str, JsonValue], finish: str | None = None, **members: JsonValue
) -> dict[str, JsonValue]:
    """One answer of generateContent, or a piece of one."""
    candidate: dict[str, JsonValue] = {"content": {"role": "model", "parts": [*parts]}, "index": 0}
    if finish is not None:
        candidate["finishReason"] = finish
    return {"candidates": [candidate], **members}


def inline(found: Picture, **members: JsonValue) -> dict[str, JsonValue]:
    """A picture as a part."""
    return {"inlineData": {"mimeType": "image/png", "data": found.base64}, **members}


def streams(site: Loopback, *fragments: dict[str, JsonValue], times: int = 1) -> None:
    """Script a stream that ends cleanly."""
    body = b"".join(b"data: " + json.dumps(each).encode() + b"\r\n\r\n" for each in fragments)
    for _ in range(times):
        site.answers(body=body, kind="text/event-stream")


class Captured(BaseModel):
    """One answer that Google's own SDK was seen to read."""

    model_config = ConfigDict(frozen=True)

    name: str
    status: int
    content_type: str
    json_: JsonValue = None
    text: str | None = None

    @property
    def body(self) -> bytes:
        """What was on the wire."""
        return (json.dumps(self.json_) if self.text is None else self.text).encode()


def captured_answers() -> dict[str, Captured]:
    """The captured answers by name, each with a real picture in it."""
    text = (CAPTURED / "captured_answers.json").read_text().replace('"json"', '"json_"')
    found = TypeAdapter(list[Captured]).validate_json(text.replace("<PNG_B64>", picture().base64))
    return {each.name: each for each in found}


def replays(site: Loopback, name: str) -> None:
    """Script a captured answer."""
    answer = captured_answers()[name]
    site.answers(answer.status, answer.body, answer.content_type)

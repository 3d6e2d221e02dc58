"""An adapter on a stand: asked as the library asks it, against an emulator or scripted answers."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from pathlib import Path

from PIL import Image
from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

from imageway.adapters.openai import OpenAIAdapter, OpenAIConfig
from imageway.core.errors import ErrorInfo
from imageway.core.events import Event
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.outgoing import Times
from imageway.core.picture import Picture
from imageway.core.request import ImageRequest
from imageway.core.result import ImageResult, fold
from imageway.core.streaming import stream
from imageway.emulators.base import Emulator
from imageway.emulators.serving import serve
from imageway.providers.cache import Answers
from imageway.providers.config import ProviderConfig
from imageway.providers.fallback import Candidate
from imageway.providers.stack import candidate_stack, request_stack
from imageway.providers.state import new_state
from imageway.providers.tables.policies import Policies

KEY = "sk-emulated"
MODEL = "gpt-image-2"
TODAY = date(2026, 11, 20)
# One attempt, so that each test sees what the adapter itself makes of an answer.
ONCE = Policies.model_validate({"retry": {"attempts": 1}})
CAPTURED = Path(__file__).parents[1] / "data" / "openai"


@dataclass(slots=True)
class Lab:
    """One adapter, and what was heard of the last request."""

    adapter: OpenAIAdapter
    name: str = "openai"
    heard: tuple[Event, ...] = ()

    async def draw(
        self, prompt: str = "A red mug", model: str = MODEL, **wishes: object
    ) -> ImageResult:
        """Ask through the policies of a provider, as everybody does."""
        request = ImageRequest.build({"prompt": prompt, "model": model, **wishes})
        state, answers = new_state(self.name, ONCE), Answers(most=0, seconds=0)
        config = ProviderConfig(adapter="openai")
        handler = candidate_stack(self.adapter, config, ONCE, state)
        candidate = Candidate(self.name, model, handler)
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


@asynccontextmanager
async def bench(
    url: str, today: Callable[[], date] = lambda: TODAY, **config: object
) -> AsyncGenerator[Lab]:
    """An adapter that asks this base URL; as OpenAI's own unless another profile is named."""
    keys = {"base_url": url, "api_key": KEY, "profile": "openai", **config}
    async with Http(private=True, times=Times(idle=5, first_byte=5)) as http:
        memo = Memo()
        yield Lab(OpenAIAdapter(OpenAIConfig.model_validate(keys), http, memo, today))
        await memo.close()


@asynccontextmanager
async def lab(
    emulator: Emulator, today: Callable[[], date] = lambda: TODAY, **config: object
) -> AsyncGenerator[Lab]:
    """An adapter in front of an emulator."""
    async with (
        serve(emulator) as root,
        bench(f"{root}{emulator.base_path}", today, **config) as found,
    ):
        yield found


def bare(today: Callable[[], date] = lambda: TODAY, **config: object) -> OpenAIAdapter:
    """An adapter that is never let out to the network."""
    keys = {"api_key": KEY, **config}
    return OpenAIAdapter(OpenAIConfig.model_validate(keys), Http(), Memo(), today)


def picture(
    mode: str = "RGB",
    size: tuple[int, int] = (16, 16),
    kind: str = "png",
    transparency: object = None,
) -> Picture:
    """A small picture of one colour."""
    out = BytesIO()
    options = {} if transparency is None else {"transparency": transparency}
    Image.new(mode, size).save(out, kind, **options)
    return Picture.from_bytes(out.getvalue())


def reference(found: Picture | None = None) -> dict[str, Picture]:
    """A picture as a request takes it."""
    return {"picture": found or picture()}


class Captured(BaseModel):
    """One answer of the real vendor, or one that its own SDK was seen to read."""

    model_config = ConfigDict(frozen=True)

    name: str
    status: int
    content_type: str
    headers: dict[str, str] = {}
    json_: JsonValue = None
    text: str | None = None


def captured_answers() -> dict[str, Captured]:
    """The captured answers by name, each with a real picture in it."""
    text = (CAPTURED / "captured_answers.json").read_text().replace('"json"', '"json_"')
    found = TypeAdapter(list[Captured]).validate_json(text.replace("<PNG_B64>", picture().base64))
    return {each.name: each for each in found}

"""A gateway on a loopback port, with an adapter that does what a test tells it to."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp
import orjson
from PIL import Image
from pydantic import BaseModel, ConfigDict, JsonValue, SecretStr, TypeAdapter

from imageway.client import Imageway
from imageway.core.capability import Capabilities
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.options import Option
from imageway.core.picture import Picture
from imageway.core.powers import ModelInfo
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.providers.config import Config
from imageway.providers.loading import Source
from imageway.providers.snapshot import provision
from imageway.server.app import make_app
from imageway.server.state import GATEWAY, Gateway
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener

Json = dict[str, JsonValue]
Play = Callable[[ImageRequest, Run], Awaitable[None]]

GENERATIONS = "/v1/images/generations"
EDITS = "/v1/images/edits"
OBJECT: TypeAdapter[Json] = TypeAdapter(Json)
KNOWS = frozenset(Option) - {Option.STYLE}


def png(colour: str = "red", size: tuple[int, int] = (8, 8)) -> bytes:
    data = BytesIO()
    Image.new("RGBA", size, colour).save(data, "png")
    return data.getvalue()


def picture(colour: str = "red") -> Picture:
    return Picture.from_bytes(png(colour))


async def draw_all(request: ImageRequest, run: Run) -> None:
    for _ in range(request.count):
        run.image(picture())


class Settings(BaseModel):
    """A vendor's account; the lab's own needs no token."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: SecretStr | None = None


class Scripted:
    """Plays what it is told, and keeps what it was asked."""

    Config = Settings

    def __init__(self, config: Settings, http: Http, memo: Memo) -> None:
        self.play: Play = draw_all
        self.asked: list[ImageRequest] = []

    async def describe(self, model: str) -> Capabilities:
        return Capabilities(
            options=KNOWS,
            operations=frozenset({"generate", "edit"}),
            images_per_call=100,
            references=16,
        )

    async def models(self) -> Sequence[ModelInfo]:
        return (ModelInfo(name="one"), ModelInfo(name="two"))

    async def generate(self, request: ImageRequest, run: Run) -> None:
        self.asked.append(request)
        await self.play(request, run)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that was read to its end."""

    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    json: Json = field(default_factory=dict[str, JsonValue])

    @property
    def error(self) -> Json:
        return OBJECT.validate_python(self.json["error"])

    @property
    def beside(self) -> Json:
        return OBJECT.validate_python(self.json["imageway"])

    @property
    def data(self) -> list[Json]:
        return TypeAdapter(list[Json]).validate_python(self.json["data"])


@dataclass(slots=True)
class Lab:
    """The gateway, the adapter behind it, and a client."""

    url: str
    way: Imageway
    adapter: Scripted
    gateway: Gateway
    listener: Listener
    session: aiohttp.ClientSession

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def ask(
        self,
        path: str,
        body: Json | bytes | aiohttp.FormData | None = None,
        method: str | None = None,
        **headers: str,
    ) -> Answer:
        """POST a body, GET without one; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = orjson.dumps(body) if isinstance(body, dict) else body
        data = BytesIO(sent) if isinstance(sent, bytes) else sent
        verb = method or ("GET" if body is None else "POST")
        async with self.session.request(verb, self.url + path, headers=named, data=data) as got:
            raw = await got.read()
            is_json = got.content_type == "application/json"
            value = OBJECT.validate_json(raw) if is_json else {}
            return Answer(got.status, got.reason or "", got.headers, raw, value)

    async def draw(self, **fields: JsonValue) -> Answer:
        return await self.ask(GENERATIONS, {"prompt": "a red circle", **fields})


def source_of(
    gateway: Mapping[str, object] | None = None,
    keys: Mapping[str, object] | None = None,
    providers: Mapping[str, object] | None = None,
    folder: Path = Path(),
    storage: Mapping[str, object] | None = None,
    chat: Mapping[str, object] | None = None,
) -> Source:
    """A configuration with a provider that draws and one whose key is missing."""
    config = Config.model_validate(
        {
            "gateway": gateway or {},
            "storage": storage or {},
            "chat": chat or {},
            "providers": {
                "lab": {"adapter": "tests.server.lab:Scripted", "cost": "local"},
                "shop": {"adapter": "tests.server.lab:Scripted", "token": {"env": "SHOP_TOKEN"}},
                **(providers or {}),
            },
            "routes": {"default": {"try": ["lab/one"]}, "bought": {"try": ["shop/one"]}},
            "keys": keys or {},
        }
    )
    return Source(config, folder / "plugins.toml")


@asynccontextmanager
async def lab(
    gateway: Mapping[str, object] | None = None,
    keys: Mapping[str, object] | None = None,
    patience: Patience = Patience(),  # noqa: B008 - frozen
    environment: Mapping[str, str] | None = None,
    providers: Mapping[str, object] | None = None,
    folder: Path | None = None,
    storage: Mapping[str, object] | None = None,
    chat: Mapping[str, object] | None = None,
) -> AsyncGenerator[Lab]:
    with TemporaryDirectory() as fresh:
        source = source_of(gateway, keys, providers, folder or Path(fresh), storage, chat)
        async with _open(source, patience, environment or {}) as opened:
            yield opened


@asynccontextmanager
async def _open(
    source: Source, patience: Patience, environment: Mapping[str, str]
) -> AsyncGenerator[Lab]:
    way = Imageway(provision(source, environment))
    adapter = way.snapshot.providers["lab"].adapter
    assert isinstance(adapter, Scripted)
    app = make_app(way)
    listener = Listener(app, patience, source.config.gateway.limits.connections)
    host, port = await listener.open("127.0.0.1", 0)
    async with aiohttp.ClientSession() as session:
        yield Lab(f"http://{host}:{port}", way, adapter, app[GATEWAY], listener, session)
    await way.close(0)
    await listener.close()

"""plugins.toml as frozen models: what may stand there, and what each key means."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue, field_validator, model_validator

from imageway.providers.accounting.rates import Rate
from imageway.providers.secrets import SecretReference
from imageway.providers.tables.chaos import Chaos
from imageway.providers.tables.chat import Chat
from imageway.providers.tables.conditions import Conditions
from imageway.providers.tables.features import Features
from imageway.providers.tables.keeping import Keeping
from imageway.providers.tables.money import KeyBudget, MaxPrice
from imageway.providers.tables.policies import (
    Concurrency,
    Policies,
    Retry,
    Switch,
    Timeout,
    over,
)
from imageway.providers.tables.section import Section, describe
from imageway.providers.tables.storage import Storage
from imageway.providers.tables.units import ByteCount, Duration, Positive, PositiveDuration
from imageway.providers.vitals import HealthTable

Dialect = Literal["openai", "openai-chat"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=60)]


class Limits(Section):
    """What the gateway takes from one caller; bytes, seconds, pixels, characters."""

    body: ByteCount = describe(32 * 2**20, "a whole request")
    input_image: ByteCount = describe(20 * 2**20, "one picture that a caller sends")
    header_timeout: PositiveDuration = describe(10.0, "for the head of a request")
    connections: Positive = describe(512, "open at one time")
    images_per_request: Annotated[int, Field(ge=1, le=100)] = describe(10, "pictures asked at once")
    pixels: Positive = describe(50_000_000, "of any picture, told by its header")
    bytes_in_flight: ByteCount = describe(2**30, "on their way at once; more are sent away for now")
    prompt_chars: Annotated[int, Field(ge=1, le=32_000)] = describe(8000, "characters of a prompt")


class Gateway(Section):
    """Where the gateway listens and what it lets in."""

    listen: str = describe("127.0.0.1:8088", "anything but loopback demands a key")
    public_url: str | None = describe(None, "in picture links that are handed out")
    drain_timeout: Duration = describe(120.0, "at the end: for what still runs")
    state: Annotated[str, Field(min_length=1)] = describe(
        "state", "the folder for what must survive a restart, beside this file"
    )
    dialects: tuple[Dialect, ...] = describe(
        ("openai", "openai-chat"), "the outward APIs that are served; read once, at the start"
    )
    limits: Limits = Limits()

    @field_validator("dialects", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]: pydantic checks each item

    @field_validator("listen")
    @classmethod
    def _is_address(cls, listen: str) -> str:
        split_address(listen)
        return listen

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return split_address(self.listen)


class Cache(Section):
    """What is remembered of requests with a seed: so many bytes, for so long; "0s" turns it off."""

    size: ByteCount = describe(256 * 2**20, "memory for pictures")
    keep: Duration = describe(3600.0, 'how long they answer the same question; "0s" turns it off')


class JournalTable(Section):
    """Every call that may cost money is written down before it is sent; the truth after a crash."""

    path: str | None = describe(None, 'the file; without it "journal.db" in gateway.state')
    sync: Literal["full", "normal"] = describe(
        "full", "full survives a loss of power, normal the end of the process"
    )
    keep: PositiveDuration = describe(2_592_000.0, "how long what is settled stays there")


class ProviderConfig(Section):
    """One account: the adapter, the keys of every provider, and the adapter's own keys."""

    model_config = ConfigDict(frozen=True, extra="allow", strict=True)

    adapter: Annotated[str, Field(min_length=1, description="who speaks to the vendor")]
    enabled: bool = describe(True, "false: nobody asks it; what runs there finishes")
    cost: Literal["paid", "local"] = describe(
        "paid", "local work costs no money: a lost answer may simply be asked again"
    )
    network: Literal["public", "private"] = describe(
        "public", "private may be on loopback or the LAN; others are held to public addresses"
    )
    timeout: Timeout | None = None
    retry: Retry | None = None
    breaker: Switch | None = None
    concurrency: Concurrency | None = None
    gallery: Keeping | None = None
    max_price: MaxPrice | None = None

    @property
    def own(self) -> Mapping[str, object]:
        """The keys that belong to the adapter."""
        return self.model_extra or {}


class RouteEntry(Section):
    """One step of a route: a model, or another route, with wishes that fill gaps."""

    model: str
    defaults: Mapping[str, JsonValue] = {}


# A step as people write it: a name alone, or a table.
Written = Annotated[list[str | RouteEntry], Field(min_length=1)]


class Route(Section):
    """A public model name and the models behind it, tried from left to right."""

    entries: Annotated[
        tuple[RouteEntry, ...],
        Field(alias="try", min_length=1, description="models and other routes, from left to right"),
    ]
    title: str | None = describe(None, "how people call it")
    fall_back_on: Conditions | None = describe(
        None, "codes after which the next model is asked; without a word all that it may cure"
    )
    top_up: bool = describe(
        True, "when some pictures have come, the next model is asked for the others"
    )
    max_price: MaxPrice | None = None
    order: Literal["listed", "least_wait"] = describe(
        "listed", "least_wait asks first where the line is shortest, for equal engines"
    )

    @field_validator("entries", mode="before", json_schema_input_type=Written)
    @classmethod
    def _spelled_out(cls, value: object) -> object:
        if not isinstance(value, list):
            raise ValueError('must be a list of models, such as ["demo/demo"]')
        entries: list[object] = list(value)  # pyright: ignore[reportUnknownArgumentType]: pydantic checks each entry
        return tuple({"model": each} if isinstance(each, str) else each for each in entries)


class Key(Section):
    """A caller's key: the SHA-256 of a token, or the token itself by reference."""

    hash: SecretReference | None = describe(None, "where the SHA-256 of its token lies")
    token: SecretReference | None = describe(None, "where the token itself lies, instead")
    allow: tuple[str, ...] | None = describe(None, "the models it may use; without a word all")
    budget: KeyBudget | None = None
    rate: Rate | None = None

    @field_validator("allow", mode="before")
    @classmethod
    def _frozen(cls, value: object) -> object:
        return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]: pydantic checks each item

    @model_validator(mode="after")
    def _is_one(self) -> Key:
        if (self.hash is None) == (self.token is None):
            raise ValueError("a key has either a hash or a token")
        return self


class Config(Section):
    """The whole file."""

    schema_: Annotated[Literal[1], Field(alias="schema")] = 1
    gateway: Gateway = Gateway()
    journal: JournalTable = JournalTable()
    cache: Cache = Cache()
    chat: Chat = Chat()
    storage: Storage = Storage()
    features: Features = Features()
    health: HealthTable = HealthTable()
    chaos: Chaos = Chaos()
    defaults: Policies = Policies()
    providers: Mapping[Name, ProviderConfig] = {}
    routes: Mapping[str, Route] = {}
    keys: Mapping[Name, Key] = {}

    def policies(self, provider: ProviderConfig) -> Policies:
        """What is in force for one provider: its own tables over [defaults]."""
        return over(self.defaults, provider)


def split_address(listen: str) -> tuple[str, int]:
    """Read HOST:PORT, with an IPv6 host in brackets."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65_535 or not host:
        raise ValueError('must be written HOST:PORT, such as "127.0.0.1:8088"')
    return host.strip("[]"), int(port)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


BUILT_IN = Config.model_validate(
    {
        "providers": {"demo": {"adapter": "demo", "cost": "local"}},
        "routes": {"default": {"try": ["demo/demo"]}},
    }
)

"""What a machine has to draw with: keys in its environment, engines on their usual local ports."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from imageway.core.adapter import ChecksHealth
from imageway.providers.config import Config
from imageway.providers.loading import Source
from imageway.providers.powers import health, models
from imageway.providers.registry import installed
from imageway.providers.snapshot import provision

PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Account:
    """A vendor that is asked with a key; its model is one that the key surely opens."""

    name: str
    adapter: str
    title: str
    variables: Sequence[str]
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Engine:
    """A server that people run themselves; unless it is surely one that draws, it is a hint."""

    name: str
    adapter: str
    title: str
    url: str
    port: int
    profile: str | None = None
    surely_draws: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What was looked for, and what there is of it: the variable, or the models of an engine."""

    accounts: Sequence[tuple[Account, str | None]]
    engines: Sequence[tuple[Engine, Sequence[str] | None]]


ACCOUNTS = (
    Account(
        "google",
        "gemini",
        "Google's Gemini API (aistudio.google.com/apikey)",
        ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
        "gemini-3.1-flash-image",
    ),
    Account(
        "openai",
        "openai",
        "OpenAI (platform.openai.com/api-keys)",
        ("OPENAI_API_KEY",),
        "gpt-image-2",
    ),
    Account("civitai", "civitai", "CivitAI (civitai.com/user/account)", ("CIVITAI_API_TOKEN",)),
)
ENGINES = (
    Engine("qwen", "qwen", "the local Qwen-Image service", "http://127.0.0.1:7860", 7860),
    Engine(
        "vllm",
        "openai",
        "a server that speaks like OpenAI, such as vLLM-Omni",
        "http://127.0.0.1:8000/v1",
        8000,
        profile="vllm",
        surely_draws=False,
    ),
)


async def discover(
    environment: Mapping[str, str],
    accounts: Sequence[Account] = ACCOUNTS,
    engines: Sequence[Engine] = ENGINES,
) -> Found:
    """Look, on this machine only; no vendor is asked, and no key is looked at."""
    here = installed()
    return Found(
        [(each, _variable(each, environment)) for each in accounts if each.adapter in here],
        [(each, await _models(each)) for each in engines if each.adapter in here],
    )


def _variable(account: Account, environment: Mapping[str, str]) -> str | None:
    return next((name for name in account.variables if environment.get(name, "").strip()), None)


async def _models(engine: Engine) -> Sequence[str] | None:
    """The models that an engine lists; None where nobody answers, or somebody else does."""
    if not await _listens(engine.port):
        return None
    snapshot = provision(Source(config_of(engine)), {})
    provider = snapshot.providers[engine.name]
    try:
        async with asyncio.timeout(PATIENCE):
            is_one = isinstance(provider.adapter, ChecksHealth)
            if not is_one or (await health(provider)).status == "down":
                return None
            return [model.name for model in await models(provider)]
    except TimeoutError:
        return None
    finally:
        await snapshot.close()


async def _listens(port: int) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


def config_of(engine: Engine) -> Config:
    """A configuration of this engine alone."""
    table: dict[str, object] = {
        "adapter": engine.adapter,
        "base_url": engine.url,
        "cost": "local",
        "network": "private",
        "retry": {"attempts": 1},
    }
    if engine.profile is not None:
        table["profile"] = engine.profile
    return Config.model_validate({"providers": {engine.name: table}})

"""The stage: vendors in small, the gateway in front of them, and the real Open WebUI before it."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request

from pydantic import JsonValue, TypeAdapter

from tests.e2e.processes import NO_PROXY, emulator, gateway, open_webui, text_model

Json = dict[str, JsonValue]
ANY: TypeAdapter[JsonValue] = TypeAdapter(JsonValue)

JOBS = re.compile(r"^imageway_jobs_running (\S+)$", re.MULTILINE)

CONFIGURATION = """
[gateway]
drain_timeout = "1s"

[providers.demo]
adapter = "demo"
cost = "local"

[providers.shop]
adapter = "openai"
base_url = "{openai}/v1"
profile = "openai"
api_key = {{ env = "SHOP_KEY" }}
network = "private"
retry = {{ attempts = 1 }}

[providers.slow]
adapter = "openai"
base_url = "{slow}/v1"
profile = "openai"
api_key = {{ env = "SHOP_KEY" }}
network = "private"
concurrency = {{ at_once = 1 }}

[providers.dear]
adapter = "openai"
base_url = "{slow}/v1"
profile = "openai"
api_key = {{ env = "SHOP_KEY" }}
network = "private"

[providers.home]
adapter = "openai"
base_url = "{slow}/v1"
profile = "openai"
api_key = {{ env = "SHOP_KEY" }}
network = "private"
cost = "local"

[providers.civitai]
adapter = "civitai"
network = "private"
api_key = {{ env = "SHOP_KEY" }}
base_url = "{civitai}"
orchestrator_url = "{civitai}"

[routes.painter]
title = "Painter"
try = ["demo/demo"]

[routes.photo]
title = "Photo"
try = ["shop/gpt-image-2"]

[routes.patience]
title = "Slow, one at a time"
try = ["slow/gpt-image-2"]

[routes.dear]
title = "Slow and dear"
try = ["dear/gpt-image-2"]

[routes.home]
title = "Slow and at home"
try = ["home/gpt-image-2"]

[routes.harbour]
title = "Harbour Lights"
try = ["civitai/777002"]

[routes.closed]
title = "Tide Table"
try = ["civitai/777030"]
"""


@dataclass(frozen=True, slots=True)
class Vendor:
    """An emulator, asked through its control page."""

    url: str

    def ask(self, path: str, body: JsonValue = None) -> JsonValue:
        data = None if body is None else json.dumps(body).encode()
        with NO_PROXY.open(Request(f"{self.url}/_emulator{path}", data=data)) as answer:
            return ANY.validate_json(answer.read())

    def reset(self) -> None:
        self.ask("/reset", {})

    def paths(self) -> list[str]:
        """What was asked of it, in order."""
        heard = TypeAdapter(list[Json]).validate_python(self.ask("/heard"))
        return [f"{each['method']} {each['path']}" for each in heard]


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything is."""

    folder: Path
    gateway: str
    webui: str
    shop: Vendor
    slow: Vendor
    civitai: Vendor

    def running(self) -> int:
        """How many jobs the gateway has under way."""
        with NO_PROXY.open(f"{self.gateway}/metrics") as answer:
            found = JOBS.search(answer.read().decode())
        assert found is not None
        return int(float(found[1]))

    async def until_running(self, count: int, seconds: float) -> float:
        """Wait until so many jobs are under way, and return how long it took."""
        begun = time.monotonic()
        while await asyncio.to_thread(self.running) != count:
            took = time.monotonic() - begun
            assert took < seconds, f"after {took:.1f} s there are {self.running()} jobs"
            await asyncio.sleep(0.02)
        return time.monotonic() - begun


# So long a paid picture takes at the vendor that is slow.
SLOW_SECONDS = 20.0
KEY = "sk-emulated"


@contextmanager
def opened(folder: Path) -> Generator[Stage]:
    """Start everything, and end it with the block."""
    with (
        emulator("openai", folder / "shop") as shop,
        emulator("openai", folder / "slow", SLOW_SECONDS) as slow,
        emulator("civitai", folder / "civitai") as civitai,
    ):
        text = CONFIGURATION.format(openai=shop, slow=slow, civitai=civitai)
        with (
            gateway(folder / "gateway", text, SHOP_KEY=KEY) as way,
            text_model(folder / "writer") as writer,
            open_webui(folder / "open-webui", **connected(way, writer)) as webui,
        ):
            yield Stage(folder, way, webui, Vendor(shop), Vendor(slow), Vendor(civitai))


def connected(way: str, writer: str) -> dict[str, str]:
    """Open WebUI's settings, as an administrator makes them at the first start."""
    return {
        "OPENAI_API_BASE_URLS": f"{way}/openwebui/v1;{writer}/v1",
        "OPENAI_API_KEYS": "none-is-needed;none-is-needed",
        "ENABLE_IMAGE_GENERATION": "True",
        "IMAGE_GENERATION_ENGINE": "openai",
        "IMAGE_GENERATION_MODEL": "photo",
        "IMAGE_SIZE": "1024x1024",
        "IMAGES_OPENAI_API_BASE_URL": f"{way}/v1",
        "IMAGES_OPENAI_API_KEY": "none-is-needed",
        "ENABLE_IMAGE_EDIT": "True",
        "IMAGE_EDIT_ENGINE": "openai",
        "IMAGE_EDIT_MODEL": "photo",
        "IMAGES_EDIT_OPENAI_API_BASE_URL": f"{way}/v1",
        "IMAGES_EDIT_OPENAI_API_KEY": "none-is-needed",
    }

"""The service as a process: from settings and an engine to an exit code."""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Mapping
from importlib.metadata import version

from imageway.qwen.api.app import make_app
from imageway.qwen.api.envelope import VOICE
from imageway.qwen.engine import Engine
from imageway.qwen.record import prompts
from imageway.qwen.service import Service
from imageway.qwen.settings import Settings
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener
from imageway.serving.origin import is_loopback_name
from imageway.serving.process import complain, no_address, stop_signals, url_of

GOOD, FAILED, POISONED, MISCONFIGURED = 0, 1, 70, 78
EXIT_BY_REASON: Mapping[str, int] = {
    "config": MISCONFIGURED,
    "load": FAILED,
    "device": POISONED,
    "worker_dead": POISONED,
}
CONNECTIONS = 512

log = logging.getLogger("imageway.qwen")


def serve(settings: Settings, engine: Engine) -> int:
    """Serve until a signal comes or the engine breaks; returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    prompts.setLevel(logging.DEBUG if settings.log_prompts else logging.INFO)
    return asyncio.run(_serve(settings, engine))


async def _serve(settings: Settings, engine: Engine) -> int:
    service = Service(settings, engine)
    listener = Listener(make_app(service), Patience(), CONNECTIONS, VOICE)
    with stop_signals() as (stop, hurry):
        try:
            shown = await listener.open(settings.host, settings.port)
        except OSError as error:
            complain(*no_address(error, settings.host, settings.port))
            return FAILED
        _greet(settings, *shown)
        service.start()
        await _either(stop, service.has_broken)
        await service.stop(hurry)
        await listener.close()
    if service.broken is None:
        return GOOD
    complain(service.broken.message, service.broken.hint)
    return EXIT_BY_REASON[service.broken.reason]


def _greet(settings: Settings, host: str, port: int) -> None:
    """Say where it listens, on standard output, for people and for programs that wait for it."""
    demo = " (the demo backend: pictures by rules, not AI)" if settings.backend == "demo" else ""
    where = f"{url_of(host, port)}{demo}"
    sys.stdout.write(f"imageway qwen {version('imageway')} listens at {where}\n")
    sys.stdout.flush()
    if settings.api_key is None and not is_loopback_name(settings.host):
        log.warning("anybody who reaches %s can use this service: set an api_key", settings.host)


async def _either(*events: asyncio.Event) -> None:
    waiting = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)

"""The gateway as a process: from a configuration to an exit code."""

from __future__ import annotations

import asyncio
import logging
import sys

from imageway.client import Imageway
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.config import is_loopback
from imageway.providers.journal import journal_of
from imageway.providers.loading import Source
from imageway.providers.snapshot import provision
from imageway.server.app import make_app
from imageway.server.readiness import readiness
from imageway.server.record import record
from imageway.server.state import GATEWAY, Gateway
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener
from imageway.serving.process import complain, no_address, stop_signals

GOOD, BUSY, WRONG = 0, 1, 2


def serve(source: Source, host: str | None = None, port: int | None = None) -> int:
    """Serve until a signal comes; returns the exit code, having said what was wrong."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    usual_host, usual_port = source.config.gateway.address
    try:
        return asyncio.run(_serve(source, host or usual_host, usual_port if port is None else port))
    except ImagewayError as error:
        complain(error.info.message, error.info.hint)
        return WRONG


async def _serve(source: Source, host: str, port: int) -> int:
    _refuse_open_house(source, host)
    way = Imageway(provision(source, journal=journal_of(source)))
    app = make_app(way, host)
    limits = source.config.gateway.limits
    listener = Listener(app, Patience(header=limits.header_timeout), limits.connections)
    with stop_signals() as (stop, hurry):
        try:
            recovered = await way.recover()
            for job in recovered:
                app[GATEWAY].own(record(app[GATEWAY], job, "recovered"))
            shown = await listener.open(host, port)
            sys.stdout.write(readiness(way.snapshot, *shown))
            sys.stdout.flush()
            await stop.wait()
            await drain(app[GATEWAY], hurry)
        except OSError as error:
            complain(*no_address(error, host, port))
            return BUSY
        finally:
            await way.close(0)
            await listener.close()
    return GOOD


async def drain(gateway: Gateway, hurry: asyncio.Event) -> None:
    """Begin nothing new; let what runs finish until the time is up or somebody is in a hurry."""
    gateway.draining = True
    jobs = gateway.way.jobs
    finishing = asyncio.create_task(jobs.drain(gateway.settings.drain_timeout))
    hurrying = asyncio.create_task(hurry.wait())
    await asyncio.wait((finishing, hurrying), return_when=asyncio.FIRST_COMPLETED)
    for task in (finishing, hurrying):
        task.cancel()
    await asyncio.gather(finishing, hurrying, return_exceptions=True)
    await jobs.drain(0)


def _refuse_open_house(source: Source, host: str) -> None:
    """Without keys anybody who reaches the gateway spends its money."""
    if is_loopback(host) or source.config.keys:
        return
    raise ImagewayError(
        ErrorCode.MISCONFIGURED,
        f"listening on {host!r} without [keys] would let anybody in",
        hint="add a key to plugins.toml (`imageway key new NAME`), or listen on 127.0.0.1",
    )

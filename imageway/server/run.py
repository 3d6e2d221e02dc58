"""The gateway as a process: from a configuration to an exit code."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from imageway.client import Imageway
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.jobs import Job
from imageway.providers.journal.journal import journal_of
from imageway.providers.loading import Source
from imageway.providers.snapshot import provision
from imageway.server.admin import listening_to_its_owner
from imageway.server.app import make_app
from imageway.server.auth import refuse_open_house
from imageway.server.readiness import readiness
from imageway.server.record import record
from imageway.server.reloading import kept_current
from imageway.server.state import GATEWAY, Gateway
from imageway.serving.connection import Patience
from imageway.serving.listener import Listener
from imageway.serving.process import complain, no_address, stop_signals

log = logging.getLogger("imageway")

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
    refuse_open_house(source, host)
    way = Imageway(provision(source, journal=journal_of(source)))
    app = make_app(way, host)
    gateway = app[GATEWAY]
    limits = source.config.gateway.limits
    listener = Listener(app, Patience(header=limits.header_timeout), limits.connections)
    left: Sequence[Job] = ()
    with stop_signals() as (stop, hurry):
        try:
            async with kept_current(gateway.reloader), listening_to_its_owner(gateway):
                # Where nobody can listen, nothing of an earlier process is touched.
                shown = await listener.open(host, port)
                await _go_on(gateway)
                sys.stdout.write(readiness(way.snapshot, *shown))
                sys.stdout.flush()
                await stop.wait()
                # Within, so that no SIGHUP ends what is being finished.
                left = await drain(gateway, hurry)
        except OSError as error:
            complain(*no_address(error, host, port))
            return BUSY
        finally:
            # What is left to the next process goes on at its vendor, so its connections stay open.
            await (way.close_books() if left else way.close(0))
            await listener.close()
    if left:
        _vanish(left)
    return GOOD


async def _go_on(gateway: Gateway) -> None:
    """Pick up what an earlier process had sent, before anything new begins."""
    gateway.draining = True
    try:
        for job in await gateway.way.recover():
            gateway.own(record(gateway, job, "recovered"))
    except ImagewayError as error:
        if error.info.code is ErrorCode.MISCONFIGURED:
            raise
        log.error("nothing can be picked up: %s", error.info.message)
    gateway.draining = False


def _vanish(left: Sequence[Job]) -> NoReturn:
    """End without ending what was left to the next process: a cancel would reach the vendor."""
    log.info("%d jobs are left to the next process", len(left))
    logging.shutdown()
    sys.stdout.flush()
    os._exit(GOOD)


async def drain(gateway: Gateway, hurry: asyncio.Event) -> Sequence[Job]:
    """Begin nothing new; let what runs finish until the time is up or somebody is in a hurry.

    Returns the jobs that were paid for and that the next process goes on with.
    """
    gateway.draining = True
    jobs = gateway.way.jobs
    finishing = asyncio.create_task(jobs.finish(gateway.settings.drain_timeout))
    hurrying = asyncio.create_task(hurry.wait())
    await asyncio.wait((finishing, hurrying), return_when=asyncio.FIRST_COMPLETED)
    for task in (finishing, hurrying):
        task.cancel()
    await asyncio.gather(finishing, hurrying, return_exceptions=True)
    left = await gateway.way.leave_to_successor()
    await jobs.drain(0)
    return left

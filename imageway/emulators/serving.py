"""Serves an emulator: on a free loopback port inside a test, or finds one by name to run alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from importlib.metadata import EntryPoints, entry_points
from pkgutil import resolve_name

from aiohttp import web

from imageway.emulators.base import Emulator

GROUP = "imageway.emulators"


@asynccontextmanager
async def serve(emulator: Emulator, port: int = 0) -> AsyncGenerator[str]:
    """Serve while the block runs; the value is the root URL, without the vendor's base path."""
    runner = web.AppRunner(
        emulator.app(), access_log=None, handler_cancellation=True, shutdown_timeout=1
    )
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        host, bound = runner.addresses[0][:2]
        yield f"http://{host}:{bound}"
    finally:
        await runner.cleanup()


def find(name: str, installed: EntryPoints | None = None) -> type[Emulator]:
    """The emulator of an entry point's name, or at a dotted path such as house.emulator:House."""
    known = entry_points(group=GROUP) if installed is None else installed
    found = _load(name, known)
    if not (isinstance(found, type) and issubclass(found, Emulator)):
        raise LookupError(f"{name!r} is no emulator, but {found!r}")
    return found


def _load(name: str, known: EntryPoints) -> object:
    if name in known.names:
        return known[name].load()
    if ":" in name:
        return resolve_name(name)
    listed = ", ".join(sorted(known.names)) or "nothing"
    raise LookupError(f"no emulator is called {name!r}; installed: {listed}")

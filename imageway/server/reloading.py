"""A gateway takes its file into use whenever it is saved, and on SIGHUP."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager, suppress

from imageway.core.errors import ImagewayError
from imageway.core.limits import stop
from imageway.providers.probing import probe_now_and_then
from imageway.providers.reloading.reload import Reloader
from imageway.providers.reloading.watching import watch


@asynccontextmanager
async def kept_current(reloader: Reloader) -> AsyncGenerator[None]:
    """Watch the file, listen for the signal and ask providers how they are, while it lasts."""
    called = asyncio.Event()
    tasks = [
        asyncio.create_task(_on_call(reloader, called), name="reloading on a signal"),
        asyncio.create_task(probe_now_and_then(reloader.in_force), name="asking how they are"),
    ]
    if reloader.path is not None and reloader.path.is_file():
        saved = watch(reloader.path, lambda: _reload(reloader, if_changed=True))
        tasks.append(asyncio.create_task(saved, name="watching the configuration"))
    try:
        with hangup(called.set):
            yield
    finally:
        for task in tasks:
            await stop(task)


async def _on_call(reloader: Reloader, called: asyncio.Event) -> None:
    """Many signals while one reload runs ask for one more."""
    while True:
        await called.wait()
        called.clear()
        await _reload(reloader)


async def _reload(reloader: Reloader, *, if_changed: bool = False) -> None:
    # What is wrong has been logged, and nobody waits for an answer.
    with suppress(ImagewayError):
        await reloader.reload(if_changed=if_changed)


@contextmanager
def hangup(heard: Callable[[], None]) -> Generator[None]:
    """Hear SIGHUP while the block lasts; Windows has none."""
    number = getattr(signal, "SIGHUP", None)
    if number is None:
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(number, heard)
    try:
        yield
    finally:
        loop.remove_signal_handler(number)

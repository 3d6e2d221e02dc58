"""The one thread that the engine lives in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

Done = TypeVar("Done")


class WorkerGone(Exception):
    """Something that ends programs was raised in the thread; it takes no more work."""


class Worker:
    """Does one thing after the other, away from the event loop; nobody waits for its end."""

    def __init__(self) -> None:
        self._inbox: SimpleQueue[Callable[[], bool] | None] = SimpleQueue()
        self._thread = Thread(target=self._live, name="qwen-engine", daemon=True)
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether it still takes work; something that ends a program, raised inside, ends it."""
        return self._thread.is_alive()

    async def do(self, work: Callable[[], Done]) -> Done:
        """Have something done; raises what it raises."""
        future: Future[Done] = Future()

        def play() -> bool:
            return not future.set_running_or_notify_cancel() or _settle(future, work)

        self._inbox.put(play)
        if not self.is_alive:
            raise WorkerGone("the worker thread has ended")
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """End when what was begun is done."""
        self._inbox.put(None)

    def _live(self) -> None:
        while (play := self._inbox.get()) is not None:
            if not play():
                return


def _settle(future: Future[Done], work: Callable[[], Done]) -> bool:
    """Do it; false when what was raised would have ended the program."""
    try:
        future.set_result(work())
    except BaseException as error:  # noqa: BLE001 - handed on to whoever awaits it
        ends_programs = not isinstance(error, Exception)
        future.set_exception(WorkerGone(repr(error)) if ends_programs else error)
        return not ends_programs
    return True

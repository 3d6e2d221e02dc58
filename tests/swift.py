"""A loop whose clock runs ahead whenever nothing happens, so that no test waits for its time."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import ParamSpec, TypeVar, TypeVarTuple

Given = ParamSpec("Given")
Arguments = TypeVarTuple("Arguments")
Answer = TypeVar("Answer")

# Real seconds in which what was written to a socket of this machine has surely arrived.
GRACE = 0.003


def swiftly(test: Callable[Given, Coroutine[None, None, None]]) -> Callable[Given, None]:
    """Play an async test on such a loop; its fixtures must not be async."""

    @functools.wraps(test)
    def played(*args: Given.args, **options: Given.kwargs) -> None:
        with asyncio.Runner(loop_factory=SwiftLoop) as runner:
            runner.run(test(*args, **options))

    return played


class SwiftLoop(asyncio.SelectorEventLoop):
    """Never sleeps: when only timers are left, it sets its clock to the next one."""

    def __init__(self) -> None:
        self.ahead = 0.0
        self.threads = 0
        super().__init__(_Selector(self))

    def time(self) -> float:
        """The time as everything on this loop sees it."""
        return super().time() + self.ahead

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[*Arguments], Answer],
        *args: *Arguments,
    ) -> asyncio.Future[Answer]:
        """Work in a thread takes its real time, so the clock waits for it."""
        work = super().run_in_executor(executor, func, *args)
        self.threads += 1
        work.add_done_callback(self._thread_ended)
        return work

    def _thread_ended(self, _: object) -> None:
        self.threads -= 1


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: SwiftLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= GRACE or self._loop.threads:
            return super().select(timeout)
        ready = super().select(GRACE)
        if not ready:
            self._loop.ahead += timeout - GRACE
        return ready

"""An event loop whose clock jumps to the next thing due, so that no test waits."""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, ParamSpec, TypeVar, TypeVarTuple

Outcome = TypeVar("Outcome")
Given = ParamSpec("Given")
Arguments = TypeVarTuple("Arguments")

# Real seconds in which what was written to a socket of this machine has surely arrived.
GRACE = 0.003
LAST_GRACE = 2.0


class JumpingSelector(selectors.DefaultSelector):
    """Never waits: what would have been waited for is added to the clock."""

    def __init__(self, grace: float) -> None:
        super().__init__()
        self.grace = grace
        self.jumped = 0.0
        self.threads = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self.threads:
            return super().select()
        if self.grace:
            ready = super().select(LAST_GRACE if timeout is None else self.grace)
        if not ready and timeout is None:
            raise RuntimeError("everything waits for something that will never come")
        if not ready and timeout is not None:
            self.jumped += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop whose time begins at nought; work with sockets needs a grace, in real seconds."""

    def __init__(self, grace: float = 0.0) -> None:
        self._jumping = JumpingSelector(grace)
        super().__init__(self._jumping)

    def time(self) -> float:
        """Seconds that were jumped over."""
        return self._jumping.jumped

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[*Arguments], Outcome],
        *args: *Arguments,
    ) -> asyncio.Future[Outcome]:
        """Work in a thread takes its real time, so the clock stands still for it."""
        work = super().run_in_executor(executor, func, *args)
        self._jumping.threads += 1
        work.add_done_callback(self._thread_ended)
        return work

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncio's own
        """The end of the threads is told by a thread."""
        self._jumping.threads += 1
        await super().shutdown_default_executor()
        self._jumping.threads -= 1

    def _thread_ended(self, _: object) -> None:
        self._jumping.threads -= 1


def run_virtually(main: Coroutine[Any, Any, Outcome], grace: float = 0.0) -> Outcome:
    """Run to the end in no time at all."""
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(grace)) as runner:
        return runner.run(main)


def swiftly(test: Callable[Given, Coroutine[Any, Any, None]]) -> Callable[Given, None]:
    """Play an async test with sockets on such a loop; its fixtures must not be async."""

    @functools.wraps(test)
    def played(*args: Given.args, **options: Given.kwargs) -> None:
        run_virtually(test(*args, **options), GRACE)

    return played

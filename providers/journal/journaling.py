"""Money safety: a paid call is written down before it is sent, and its end once that is known."""

from __future__ import annotations

from dataclasses import dataclass, replace

from imageway.core.errors import ErrorInfo, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Hooks, Run
from imageway.core.streaming import Handler
from imageway.providers.journal.journal import Journal


def journaled(inner: Handler, journal: Journal | None) -> Handler:
    """Write down what a call may cost before it is sent, its ticket, and how it ended."""
    if journal is None:
        return inner

    async def handler(request: ImageRequest, run: Run) -> None:
        await Writing(journal, request, run.hooks).around(inner, run)

    return handler


@dataclass(slots=True, eq=False)
class Writing:
    """One attempt's line in the journal, beside whatever else listens."""

    journal: Journal
    request: ImageRequest
    others: Hooks
    begun: bool = False

    async def around(self, inner: Handler, run: Run) -> None:
        """Play the attempt; its line is closed however that ends."""
        error: ErrorInfo | None = None
        hooks = replace(self.others, on_paying=self._paying, on_accepted=self._accepted)
        try:
            await inner(self.request, run.recording(hooks))
        except ImagewayError as failure:
            error = failure.info
            raise
        finally:
            if self.begun:
                await self.journal.ended(run, error)

    async def _paying(self, run: Run) -> None:
        if self.others.on_paying is not None:
            await self.others.on_paying(run)
        if not self.begun:
            # Also who is cancelled before it is written may have begun it, and has to close it.
            self.begun = True
            try:
                await self.journal.intend(self.request, run)
            except ImagewayError:
                self.begun = False
                raise

    async def _accepted(self, run: Run, ticket: str) -> None:
        if self.begun:
            await self.journal.accepted(run.call_id, ticket)
        if self.others.on_accepted is not None:
            await self.others.on_accepted(run, ticket)

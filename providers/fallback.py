"""The next model for the pictures that are still missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imageway.core.errors import ImagewayError
from imageway.core.limits import LEFT
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import SILENT, Handler


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model that may be asked, under the vendor's own name for it."""

    provider: str
    model: str
    handler: Handler


def fallback(candidates: Sequence[Candidate]) -> Handler:
    """Ask each in turn for what is missing; it never raises for pictures."""

    async def handler(request: ImageRequest, run: Run) -> None:
        for candidate in candidates:
            last = candidate is candidates[-1]
            if not run.missing:
                break
            if run.ledger.leaving.is_set():
                run.fail_rest(LEFT)
                break
            part = run.part(
                run.ask_again(), provider=candidate.provider, model=candidate.model, last=last
            )
            await _ask(candidate, request, part)
            if part.missing and not last:
                _say_who_is_next(candidate, part)
        for index in run.missing:
            run.give_up(index)

    return handler


async def _ask(candidate: Candidate, request: ImageRequest, part: Run) -> None:
    wanted = request.having(count=len(part.indices), model=candidate.model)
    try:
        await candidate.handler(wanted, part)
    except ImagewayError as error:
        part.fail_rest(error.info)
    part.fail_rest(LEFT if part.ledger.leaving.is_set() else SILENT)


def _say_who_is_next(candidate: Candidate, part: Run) -> None:
    failure = part.ledger.failures[part.missing[0]]
    part.note(
        "fallback",
        f"{candidate.provider}/{candidate.model} left {len(part.missing)} of "
        f"{len(part.indices)} open ({failure.code}: {failure.message}); asking the next",
    )

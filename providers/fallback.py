"""The next model for the pictures that are still missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.limits import LEFT
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import SILENT, Handler
from imageway.providers.onward import Path, Rules, between, goes_on
from imageway.providers.tables.features import Features

ALL_ON = Features()
NOTHING: frozenset[ErrorCode] = frozenset()


@dataclass(frozen=True, slots=True)
class Candidate:
    """One model that may be asked, under the vendor's own name for it; or why it is passed by."""

    provider: str
    model: str
    handler: Handler
    path: Path = ()
    passed_by: str | None = None

    @property
    def name(self) -> str:
        """Written provider/model."""
        return f"{self.provider}/{self.model}"


def fallback(candidates: Sequence[Candidate], features: Features = ALL_ON) -> Handler:
    """Ask each in turn for what is missing; it never raises for pictures."""

    async def handler(request: ImageRequest, run: Run) -> None:
        await _Round(candidates, features, request, run).play()

    return handler


@dataclass(slots=True, eq=False)
class _Round:
    """One request on its way through the candidates, and who was last asked for each picture."""

    candidates: Sequence[Candidate]
    features: Features
    request: ImageRequest
    run: Run
    asked: dict[int, Candidate] = field(default_factory=dict[int, Candidate])
    shares: dict[Candidate, int] = field(default_factory=dict[Candidate, int])

    async def play(self) -> None:
        for place, candidate in enumerate(self.candidates):
            if not self.run.missing:
                break
            if self.run.ledger.leaving.is_set():
                self.run.fail_rest(LEFT)
                break
            await self._come_to(candidate, self.candidates[place + 1 :])
        for index in self.run.missing:
            self.run.give_up(index)

    async def _come_to(self, candidate: Candidate, rest: Sequence[Candidate]) -> None:
        wanted = tuple(index for index in self.run.missing if self._may_ask(candidate, index))
        if wanted and candidate.passed_by:
            self.run.note("fallback", f"{candidate.name} is passed by: {candidate.passed_by}")
        elif wanted:
            self._say_who_is_next(wanted)
            await self._ask(candidate, wanted, rest)
            self._give_up_what_nobody_else_is_asked(wanted, rest)

    def _may_ask(self, candidate: Candidate, index: int) -> bool:
        """Whether a missing picture may be asked of this one, whoever has failed at it before."""
        before = self.asked.get(index)
        if before is None:
            return True
        failure = self.run.ledger.failures[index]
        some_came = any(each in self.run.ledger.pictures for each in self.run.indices)
        return goes_on(self._rules(before, candidate), failure, some_came=some_came)

    def _rules(self, before: Candidate, after: Candidate) -> Rules:
        """The route's, where the flags let it have its way for this caller at this provider."""
        rules = between(before.path, after.path)
        codes = rules.codes if self._is_on("fallback", before) else NOTHING
        return replace(rules, codes=codes, tops_up=rules.tops_up and self._is_on("top_up", before))

    def _is_on(self, flag: str, candidate: Candidate) -> bool:
        return self.features.is_on(flag, self.run.caller, candidate.provider)

    def _say_who_is_next(self, wanted: tuple[int, ...]) -> None:
        """One note for each that has left some of these open."""
        by_candidate: dict[Candidate, list[int]] = {}
        for index in wanted:
            if index in self.asked:
                by_candidate.setdefault(self.asked[index], []).append(index)
        for candidate, indices in by_candidate.items():
            self.run.note("fallback", self._why_not(candidate, indices))

    def _why_not(self, candidate: Candidate, indices: list[int]) -> str:
        failure = self.run.ledger.failures[indices[0]]
        why = f"({failure.code}: {failure.message})"
        if failure.passed_over:
            return f"{candidate.name} was not asked {why}; asking the next"
        asked = self.shares[candidate]
        return f"{candidate.name} left {len(indices)} of {asked} open {why}; asking the next"

    async def _ask(
        self, candidate: Candidate, wanted: tuple[int, ...], rest: Sequence[Candidate]
    ) -> None:
        after = [each for each in rest if not each.passed_by]
        part = self.run.part(
            wanted,
            provider=candidate.provider,
            model=candidate.model,
            last=not after,
            onward=NOTHING.union(*(self._rules(candidate, each).codes for each in after)),
        )
        part.ask_again()
        request = self.request.having(count=len(wanted), model=candidate.model)
        try:
            await candidate.handler(request, part)
        except ImagewayError as error:
            part.fail_rest(error.info)
            self._mention(candidate, error.info, part)
        part.fail_rest(LEFT if part.ledger.leaving.is_set() else SILENT)
        self.asked.update(dict.fromkeys(wanted, candidate))
        self.shares[candidate] = len(wanted)

    def _mention(self, candidate: Candidate, error: ErrorInfo, part: Run) -> None:
        """Say what would be lost, for an earlier failure tells more and is the one shown."""
        shown = [part.ledger.failures.get(index) for index in part.indices]
        if any(each is not None and each.code is not error.code for each in shown):
            detail = f"({error.code}: {error.message})"
            self.run.note("fallback", f"{candidate.name} could not take over {detail}")

    def _give_up_what_nobody_else_is_asked(
        self, wanted: tuple[int, ...], rest: Sequence[Candidate]
    ) -> None:
        after = [each for each in rest if not each.passed_by]
        for index in self.run.part(wanted).missing:
            if not any(self._may_ask(each, index) for each in after):
                self.run.give_up(index)

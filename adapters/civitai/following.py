"""From a workflow's beginning to its end: progress, each picture as it comes, what it cost."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field

from imageway.adapters.civitai.orchestrator import Orchestrator
from imageway.adapters.civitai.verdicts import verdict_on
from imageway.adapters.civitai.wire import Begun, Blob, Place
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.picture import Picture
from imageway.core.run import Run

# Seconds that the orchestrator may hold an answer back; progress is heard as often.
WAIT = 10
# Seconds between polls: short behind an answer that was waited for, else as the documents ask.
WAITED, UNWAITED = (0.5, 3.0), (2.0, 15.0)
UNREAD_IN_A_ROW = 5
# So long the vendor is told of a cancel; the caller waits for it.
LAST_WORDS = 0.8
WORTH_ANOTHER_LINK = frozenset(
    {ErrorCode.BAD_ANSWER, ErrorCode.NETWORK, ErrorCode.TIMEOUT, ErrorCode.UNAVAILABLE}
)


@dataclass(slots=True, eq=False)
class Following:
    """One workflow under way."""

    run: Run
    http: Http
    orchestrator: Orchestrator
    count: int
    seed: int
    workflow: Begun
    done: set[int] = field(default_factory=set[int])
    shown: set[int] = field(default_factory=set[int])
    best: float = 0.0
    wait: int = WAIT
    unread: int = 0

    async def to_the_end(self) -> None:
        """Follow it, its ticket written down first, and tell what it cost however that ends."""
        try:
            await self.run.accepted(self.workflow.id)
            await self._follow()
        except asyncio.CancelledError:
            await self._cancel()
            raise
        finally:
            self._charge()
        self._mention_substitutes()
        self._judge()

    def _mention_substitutes(self) -> None:
        """Say so when the vendor drew with another model than the one that was ordered."""
        found = (self.workflow.metadata or {}).get("modelSubstitutions")
        for each in found if isinstance(found, list) else []:
            if isinstance(each, dict):
                detail = f"CivitAI drew with {each.get('applied')!r} for {each.get('requested')!r}"
                self.run.note("adjusted", f"{detail} ({each.get('reason')})")

    def _charge(self) -> None:
        """Tell what it cost, once that will not change: a bad end may still be paid back."""
        net = self.workflow.net
        if self.workflow.is_final and net is not None:
            self.run.charge(net, "buzz")

    async def _follow(self) -> None:
        self._tell()
        await self._deliver()
        while not self.workflow.is_final:
            self.workflow = await self._news()
            await self._deliver()

    async def _news(self) -> Begun:
        """The workflow as soon as it has ended, or a picture more is made."""
        first, most = WAITED if self.wait else UNWAITED
        return await self.http.poll(self._ask, every=first, most=most)

    async def _ask(self) -> Begun | None:
        try:
            found = await self.orchestrator.look(self.workflow.id, self.wait)
        except ImagewayError as error:
            self._without_an_answer(error)
            return None
        self.unread = 0
        self.workflow = found
        self._tell()
        has_news = found.is_final or self._made() or self._previews()
        return found if has_news else None

    def _without_an_answer(self, error: ImagewayError) -> None:
        """Live with a deployment that does not wait, and with a few answers that say nothing."""
        info = error.info
        if self.wait and info.code is ErrorCode.INVALID_REQUEST:
            self.wait = 0
            return
        self.unread += 1
        if info.code is not ErrorCode.BAD_ANSWER or self.unread > UNREAD_IN_A_ROW:
            ticket = self.workflow.id
            hint = f"the workflow {ticket} was paid and may still end well; look at it on the site"
            known = {"ticket": ticket, "buzz": self.workflow.net}
            update = {"hint": hint, "details": {**info.details, **known}}
            raise ImagewayError.carrying(info.model_copy(update=update)) from error

    def _tell(self) -> None:
        """Say how far it is, never less than was said before."""
        step = next(iter(self.workflow.steps or ()), None)
        if step is None or self.workflow.is_final:
            return
        status = self.workflow.status or ""
        queue = _queue_of(step.queue, *(job.queue for job in step.jobs or ()))
        if status != "processing" and queue is not None and queue.ahead:
            self.run.queued(queue.ahead)
            return
        self.best = max(self.best, min(step.progress or 0.0, 1.0))
        self.run.progress(self.best if step.progress is not None else None, status)

    def _made(self) -> list[tuple[int, Blob]]:
        """The pictures that lie ready and were not fetched yet."""
        blobs = enumerate(self.workflow.blobs[: self.count])
        return [
            (place, blob)
            for place, blob in blobs
            if blob.available and place not in self.done and not blob.is_blocked
        ]

    async def _deliver(self) -> None:
        """Fetch what is ready, side by side; one that fails takes no other with it."""
        async with asyncio.TaskGroup() as group:
            for place, blob in self._made():
                self.done.add(place)
                group.create_task(self._hand_over(place, blob))
            for place, url in self._previews():
                self.shown.add(place)
                group.create_task(self._show(place, url))

    def _previews(self) -> list[tuple[int, str]]:
        """The unfinished pictures that may be shown, once each; nobody can ask for them."""
        blobs = enumerate(self.workflow.blobs[: self.count])
        return [
            (place, blob.preview)
            for place, blob in blobs
            if blob.preview and not blob.available and place not in self.shown
        ]

    async def _hand_over(self, place: int, blob: Blob) -> None:
        try:
            picture = await self._fetched(blob)
        except ImagewayError as error:
            details = {**error.info.details, "blob": blob.id, "ticket": self.workflow.id}
            hint = error.info.hint or "it was paid; its workflow keeps it for 30 days"
            self.run.failed(error.info.model_copy(update={"details": details, "hint": hint}), place)
        else:
            self.run.image(picture.with_words(self.seed + place), place)

    async def _fetched(self, blob: Blob) -> Picture:
        """The picture by its link, else by a fresh one: links end, and may be gone."""
        try:
            if blob.url:
                return _picture(await self.orchestrator.picture(blob.url))
        except ImagewayError as error:
            if error.info.code not in WORTH_ANOTHER_LINK or blob.id is None:
                raise
        return _picture(await self.orchestrator.picture_again(blob.id or ""))

    async def _show(self, place: int, url: str) -> None:
        """Show an unfinished picture, if it is one."""
        try:
            self.run.preview(_picture(await self.orchestrator.picture(url)), place)
        except ImagewayError:
            return

    def _judge(self) -> None:
        """The vendor's verdict on every picture that did not come."""
        blobs = self.workflow.blobs
        for place in range(self.count):
            if place not in self.done:
                blob = blobs[place] if place < len(blobs) else None
                self.run.failed(verdict_on(self.workflow, blob), place)

    async def _cancel(self) -> None:
        """Tell the vendor, which saves what has not been done, and look what that left to pay."""
        if self.workflow.is_final:
            return
        try:
            async with asyncio.timeout(LAST_WORDS):
                # It may have ended meanwhile; what it cost is looked up in either case.
                with suppress(ImagewayError):
                    await self.orchestrator.cancel(self.workflow.id)
                self.workflow = await self.orchestrator.look(self.workflow.id, 0)
        except (ImagewayError, TimeoutError):
            return
        net = self.workflow.net
        if self.workflow.is_final and net is not None:
            detail = f"the workflow was ended at CivitAI; {net:g} Buzz were billed for it"
            self.run.note("degraded", detail)


def _queue_of(*places: Place | None) -> Place | None:
    """The first place in a queue that is known."""
    known = (place for place in places if place is not None and place.support == "available")
    return next(known, None)


def _picture(data: bytes) -> Picture:
    try:
        return Picture.from_bytes(data)
    except ImagewayError as error:
        # The hint there is for somebody who sends a picture.
        raise ImagewayError(
            ErrorCode.BAD_ANSWER,
            f"CivitAI sent something unusable: {error.info.message}",
            origin="vendor",
        ) from None


def lost(call_id: str) -> ErrorInfo:
    """A call that cannot be found: it may have begun all the same."""
    return ErrorInfo(
        code=ErrorCode.OUTCOME_UNKNOWN,
        message="CivitAI lists no workflow of this call, which does not prove that there is none",
        hint=f"look on the site for one with the tag iw-{call_id}",
        origin="vendor",
        charged="maybe",
    )

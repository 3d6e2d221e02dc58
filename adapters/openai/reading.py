"""What a server answers → the run: pictures, previews, charges and failures."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

from imageway.adapters.openai.errors import Explainer
from imageway.adapters.openai.models import Prices
from imageway.adapters.openai.prices import dollars
from imageway.adapters.openai.wire import Entry, ImagesAnswer, StreamEvent, Usage, VendorError
from imageway.core import document
from imageway.core.document import Unreadable
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.picture import Picture
from imageway.core.run import Run
from imageway.core.sse import ServerSentEvent

KINDS = ("image_generation", "image_edit")
PARTIAL = frozenset(f"{kind}.partial_image" for kind in KINDS)
COMPLETED = frozenset(f"{kind}.completed" for kind in KINDS)
# Some gateways tell of one failed picture so, and go on with the others.
FAILED = frozenset(f"{kind}.failed" for kind in KINDS)
# Said before any work, so that nothing is charged, as if a status had said it.
REFUSALS = frozenset(
    {
        ErrorCode.INVALID_REQUEST,
        ErrorCode.TOO_LARGE,
        ErrorCode.NOT_FOUND,
        ErrorCode.UNAUTHENTICATED,
        ErrorCode.FORBIDDEN,
        ErrorCode.QUOTA_EXHAUSTED,
        ErrorCode.RATE_LIMITED,
    }
)


@dataclass(slots=True)
class Reader:
    """Reads the answer to one call; without prices only tokens are told."""

    run: Run
    http: Http
    explainer: Explainer
    count: int
    seed: int | None
    prices: Prices | None
    shown: bool = False

    async def whole(self, answer: ImagesAnswer) -> None:
        """Read a plain answer; raises when it has no picture at all."""
        if answer.error is not None:
            raise self._stamped(self.explainer.inside(answer.error).info)
        if "data" not in answer.model_fields_set:
            raise self._problem(ErrorCode.BAD_ANSWER, "answered without pictures or an error")
        self._charge(answer.usage)
        entries, reasons = (answer.data or [])[: self.count], answer.errors or []
        if not entries and not reasons:
            raise self._problem(ErrorCode.FAILED, "made no picture")
        for index, entry in enumerate(entries):
            await self._deliver(entry, index)
        self._fail_others(len(entries), reasons)

    async def plain(self, body: bytes) -> None:
        """Read a plain answer that came where a stream was asked for."""
        try:
            answer = document.read(ImagesAnswer, body)
        except Unreadable:
            words = "answered with neither a stream nor JSON"
            raise self._problem(ErrorCode.BAD_ANSWER, words) from None
        await self.whole(answer)

    async def stream(self, events: AsyncIterator[ServerSentEvent]) -> None:
        """Read events until every picture is here; raises when the stream ends before."""
        done = 0
        async for event in events:
            said = _parsed(event)
            kind = said.type or event.event
            if (error := _error_of(said, kind)) is not None:
                raise self._ended_by(error)
            if kind in PARTIAL:
                self._preview(said)
            elif kind in COMPLETED | FAILED:
                await self._finish(said, kind)
                done += 1
            if done == self.count:
                return
        raise self._problem(
            ErrorCode.BAD_ANSWER,
            f"ended its stream after {done} of {self.count} pictures",
            "without previews a picture comes whole or not at all",
        )

    async def _finish(self, said: StreamEvent, kind: str) -> None:
        self.shown = True
        # Settled here, for behind the last picture nothing is waited for.
        self.run.settled("yes")
        self._charge(said.usage)
        if kind in FAILED:
            flat = VendorError(message=said.message, code=said.code, param=said.param)
            self.run.failed(self.explainer.inside(flat).info)
            return
        await self._deliver(said, None)

    async def _deliver(self, entry: Entry, index: int | None) -> None:
        try:
            picture = await self._picture(entry)
        except ImagewayError as error:
            self.run.failed(error.info, index)
            return
        seed = self.seed if self.count == 1 else None
        self.run.image(picture.with_words(seed, entry.revised_prompt), index)

    async def _picture(self, entry: Entry) -> Picture:
        """The picture itself; a link is fetched, a data URL is not."""
        if not entry.b64_json and entry.url and not entry.url.startswith("data:"):
            data = await self.http.download(entry.url)
            return self._recognised(lambda: Picture.from_bytes(data))
        text = entry.b64_json or entry.url or ""
        return self._recognised(lambda: Picture.from_base64(text))

    def _recognised(self, recognise: Callable[[], Picture]) -> Picture:
        try:
            return recognise()
        except ImagewayError as error:
            # The hint there is for somebody who sends a picture.
            words = f"sent something unusable: {error.info.message}"
            raise self._problem(error.info.code, words) from None

    def _preview(self, said: StreamEvent) -> None:
        """Show it, if it is one: nobody asked for previews at the price of the picture."""
        self.shown = True
        try:
            self.run.preview(Picture.from_base64(said.b64_json or ""))
        except ImagewayError:
            return

    def _fail_others(self, made: int, reasons: Sequence[VendorError]) -> None:
        """The vendor's reasons are for the pictures that did not come, in their order."""
        words = f"made {made} of {self.count} pictures"
        explained = (self.explainer.inside(reason) for reason in reasons)
        for index in range(made, self.count):
            error = next(explained, None) or self._problem(ErrorCode.FAILED, words)
            self.run.failed(error.info, index)

    def _charge(self, usage: Usage | None) -> None:
        if usage is None:
            return
        self.run.charge(usage.total_tokens, "tokens")
        amount = dollars(usage, self.prices) if self.prices else None
        if amount is not None:
            self.run.charge(amount, "USD")

    def _ended_by(self, said: VendorError) -> ImagewayError:
        """The vendor's error; whether it cost something shows in what came before it."""
        info = self.explainer.inside(said).info
        before_work = info.details.get("moderation_stage") == "input" or info.code in REFUSALS
        self.run.settled("no" if before_work and not self.shown else "yes")
        return self._stamped(info)

    def _problem(self, code: ErrorCode, words: str, hint: str | None = None) -> ImagewayError:
        message = f"{self.explainer.who} {words}"
        return self._stamped(ErrorInfo(code=code, message=message, hint=hint, origin="vendor"))

    def _stamped(self, info: ErrorInfo) -> ImagewayError:
        return ImagewayError.carrying(info.at_least(self.run.call.charged))


def _parsed(event: ServerSentEvent) -> StreamEvent:
    """What an event says; an end mark, or anything else that is no JSON, says nothing."""
    try:
        return document.read(StreamEvent, event.data)
    except Unreadable:
        return StreamEvent()


def _error_of(said: StreamEvent, kind: str) -> VendorError | None:
    """An error in any of its three forms: nested in an event, bare, or flat."""
    if said.error is not None or kind != "error":
        return said.error
    return VendorError(message=said.message, code=said.code, param=said.param)

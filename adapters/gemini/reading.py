"""What generateContent answers → the run: pictures, previews, charges, and why there are none."""

from __future__ import annotations

from dataclasses import dataclass, field

from imageway.adapters.gemini.errors import Explainer
from imageway.adapters.gemini.prices import dollars
from imageway.adapters.gemini.verdicts import BLOCKED, FREE, row_of_finish
from imageway.adapters.gemini.wire import Candidate, Said, SaidPart, Usage
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.picture import Picture
from imageway.core.reply import REFUSALS
from imageway.core.run import Run
from imageway.core.size import Size


@dataclass(slots=True)
class Reader:
    """Reads one answer, whole or in fragments; of a drafting model only the last picture counts.

    `previews` is how many unfinished pictures are still wanted, `asked` the size that was.
    """

    run: Run
    explainer: Explainer
    last_is_final: bool
    previews: int = 0
    asked: Size | None = None
    usage: Usage | None = None
    ended: str | None = None
    told: str | None = None
    blocked: str | None = None
    words: list[str] = field(default_factory=list[str])
    held: Picture | None = None
    delivered: bool = False
    broken: ErrorInfo | None = None
    seen: bool = False

    def take(self, said: Said) -> None:
        """Read a fragment, the only one of a plain answer; raises the error that it holds."""
        if said.error is not None:
            raise self._ended_by(self.explainer.inside(said.error).info, said.error.code)
        self.usage = said.usage_metadata or self.usage
        if said.prompt_feedback is not None and said.prompt_feedback.block_reason:
            self.blocked = said.prompt_feedback.block_reason
            self.told = said.prompt_feedback.block_reason_message or self.told
        for candidate in filter(None, said.candidates):
            self._take_candidate(candidate)

    def _take_candidate(self, candidate: Candidate) -> None:
        self.seen = True
        self.ended = candidate.finish_reason or self.ended
        self.told = candidate.finish_message or self.told
        for part in candidate.parts:
            self._take_part(part)

    def _take_part(self, part: SaidPart) -> None:
        if part.inline_data is not None:
            self._take_picture(part.inline_data.data, is_thought=part.thought is True)
        elif part.thought is True:
            self.run.progress(None, "thinking")
        elif part.text:
            self.words.append(part.text)

    def _take_picture(self, text: str, *, is_thought: bool) -> None:
        try:
            picture = Picture.from_base64(text)
        except ImagewayError as error:
            if not is_thought:
                self.broken = self._problem(
                    error.info.code, f"sent something unusable: {error.info.message}"
                )
            return
        if is_thought:
            self._preview(picture)
        elif self.last_is_final:
            if self.held is not None:
                self._preview(self.held)
            self.held = picture
        else:
            self._deliver(picture)

    def _preview(self, picture: Picture) -> None:
        if self.previews > 0 and not self.delivered:
            self.previews -= 1
            self.run.preview(picture)

    def _deliver(self, picture: Picture) -> None:
        if self.delivered:
            self.run.note("ignored", f"{self.explainer.who} sent more pictures than were asked")
            return
        self.delivered = True
        came = Size(picture.width, picture.height)
        if self.asked is not None and came != self.asked:
            detail = f"size {self.asked} was asked, and the picture is {came}"
            self.run.note("adjusted", detail)
        self.run.image(picture)

    def keep(self) -> bool:
        """Hand over what would else be lost; whether the caller has a picture."""
        if self.held is not None:
            self._deliver(self.held)
            self.held = None
        return self.delivered

    def end(self) -> None:
        """Say what it cost; raises why there is no picture."""
        is_here = self.keep()
        verdict = None if is_here else self._verdict()
        if verdict is not None and FREE.search(verdict.vendor_message or ""):
            # "You will not be charged for blocked images."
            self.run.settled("no")
        else:
            self._charge()
        if verdict is not None:
            raise self._stamped(verdict)
        if self.ended is None:
            self._note_that_it_ended_early("ended without saying so")

    def broke_off(self, error: ErrorInfo) -> bool:
        """Whether there is a picture all the same; then the break is only noted."""
        if not self.keep():
            return False
        self._charge()
        self._note_that_it_ended_early(f"ended with {error.code}: {error.message}")
        return True

    def _note_that_it_ended_early(self, how: str) -> None:
        what = "it may be a draft" if self.last_is_final else "it is whole"
        who = self.explainer.who
        self.run.note("degraded", f"behind the picture the answer of {who} {how}; {what}")

    def _verdict(self) -> ErrorInfo:
        if self.broken is not None:
            return self.broken
        if self.blocked is not None:
            return self.explainer.of(BLOCKED, self.told, self.blocked)
        if self.ended is None:
            words = "ended its answer without a finishReason" if self.seen else "said nothing"
            return self._problem(ErrorCode.BAD_ANSWER, f"{words}; it is cut short or no answer")
        words = "".join(self.words).strip()
        row = row_of_finish(self.ended, has_words=bool(words))
        return self.explainer.of(row, self.told or words, self.ended)

    def _charge(self) -> None:
        if self.usage is None or self.run.call.charged == "no":
            return
        if self.usage.total_token_count:
            self.run.charge(self.usage.total_token_count, "tokens")
        amount = dollars(self.usage, self.explainer.model)
        if amount is not None:
            self.run.charge(amount, "USD")

    def _ended_by(self, info: ErrorInfo, status: int | None) -> ImagewayError:
        """An error inside an answer; before anything was said it is a refusal like any other."""
        if not self.seen and status in REFUSALS:
            self.run.settled("no")
        return self._stamped(info)

    def _problem(self, code: ErrorCode, words: str) -> ErrorInfo:
        message = f"{self.explainer.who} {words}"
        return ErrorInfo(code=code, message=message, origin="vendor")

    def _stamped(self, info: ErrorInfo) -> ImagewayError:
        return ImagewayError.carrying(info.at_least(self.run.call.charged))

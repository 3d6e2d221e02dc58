"""What Imagen's predict answers → the run: pictures, and why there are fewer than asked."""

from __future__ import annotations

from dataclasses import dataclass

from imageway.adapters.gemini.errors import Explainer
from imageway.adapters.gemini.imagen_wire import Predicted, Prediction
from imageway.adapters.gemini.prices import IMAGEN_BY_NAME
from imageway.adapters.gemini.rows import Row
from imageway.adapters.gemini.verdicts import FREE
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.picture import Picture
from imageway.core.run import Run
from imageway.core.size import Size

FILTERED = Row(
    ErrorCode.REJECTED,
    "{who} held this picture back",
    "say it otherwise; the same words may pass another time",
)
# Without a reason nobody knows, but Google drops pictures for one cause alone.
MISSING = Row(
    ErrorCode.REJECTED,
    "{who} sent fewer pictures than were asked, as it does when it holds some back",
    "say it otherwise",
)
ELSEWHERE = Row(
    ErrorCode.BAD_ANSWER,
    "{who} put the picture into a bucket, from where imageway does not fetch it",
    "leave out storage_uri",
)


@dataclass(frozen=True, slots=True)
class PredictionReader:
    """Reads the answer to one call for so many pictures."""

    run: Run
    explainer: Explainer
    count: int
    seed: int | None = None
    asked: Size | None = None

    def read(self, answer: Predicted) -> None:
        """Hand over each picture; raises why there is none at all."""
        if answer.error is not None:
            raise self._stamped(self.explainer.inside(answer.error).info)
        if not answer.is_readable:
            raise self._stamped(self._problem("answered in a way that cannot be read"))
        said = answer.entries
        reason = next((each.rai_filtered_reason for each in said if each.rai_filtered_reason), None)
        pictures = [each for each in said if each.is_picture][: self.count]
        self._settle(reason, made=len(pictures))
        if not pictures:
            raise self._stamped(self._missing(reason))
        for index, each in enumerate(pictures):
            self._deliver(each, index)
        for index in range(len(pictures), self.count):
            # One entry stands for all that were filtered.
            self.run.failed(self._missing(reason), index)

    def _settle(self, reason: str | None, *, made: int) -> None:
        price = IMAGEN_BY_NAME.get(self.explainer.model)
        if made == 0 and FREE.search(reason or ""):
            self.run.settled("no")
        elif made and price is not None:
            self.run.charge(float(price * made), "USD")

    def _deliver(self, said: Prediction, index: int) -> None:
        if said.bytes_base64_encoded is None:
            self.run.failed(self.explainer.of(ELSEWHERE), index)
            return
        try:
            picture = Picture.from_base64(said.bytes_base64_encoded)
        except ImagewayError as error:
            words = f"sent something unusable: {error.info.message}"
            self.run.failed(self._problem(words), index)
            return
        came = Size(picture.width, picture.height)
        if self.asked is not None and came != self.asked:
            self.run.note("adjusted", f"size {self.asked} was asked, and the picture is {came}")
        seed = self.seed if self.count == 1 else None
        self.run.image(picture.with_words(seed, said.prompt), index)

    def _missing(self, reason: str | None) -> ErrorInfo:
        if reason is None:
            return self.explainer.of(MISSING)
        return self.explainer.of(FILTERED, reason, "RAI_FILTERED")

    def _problem(self, words: str) -> ErrorInfo:
        message = f"{self.explainer.who} {words}"
        return ErrorInfo(code=ErrorCode.BAD_ANSWER, message=message, origin="vendor")

    def _stamped(self, info: ErrorInfo) -> ImagewayError:
        return ImagewayError.carrying(info.at_least(self.run.call.charged))

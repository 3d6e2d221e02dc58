"""These do not ask for what they were asked for."""

from __future__ import annotations

from unicodedata import normalize
from uuid import uuid4

from imageway.core.capability import Capabilities
from imageway.core.options import Option, Range
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.size import Size
from tests.testing.broken.catalogue import broken
from tests.testing.house import wire
from tests.testing.house.adapter import HouseAdapter


@broken("plain", "seed_arrives", "four_pictures_have_four_seeds")
class DropsTheSeed(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request.without(Option.SEED), run)


@broken("plain", "four_pictures_have_four_seeds")
class CountsSeedsItself(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        seed = None if request.seed is None else request.seed + run.indices[0] + 1
        return super().order(request.having(seed=seed), run)


@broken("plain", "size_arrives")
class DropsTheSize(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request.without(Option.SIZE), run)


@broken("poll", "size_arrives")
class RoundsTheSize(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        size = request.size
        if size is not None:
            size = Size(max(32, size.width // 64 * 64), max(32, size.height // 64 * 64))
        return super().order(request.having(size=size), run)


@broken("plain", "aspect_arrives")
class TurnsTheAspect(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        shape = {"16:9": "2:3", "2:3": "16:9"}
        sent = super().order(request, run)
        return sent.model_copy(update={"shape": shape.get(sent.shape or "", sent.shape)})


@broken("stream", "format_arrives")
class AlwaysAsksForPng(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request, run).model_copy(update={"format": "png"})


@broken("plain", "quality_arrives")
class KnowsOneQuality(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request, run).model_copy(update={"quality": "fine"})


@broken("poll", "negative_prompt_arrives")
class DropsTheNegativePrompt(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request.without(Option.NEGATIVE_PROMPT), run)


@broken("plain", "steps_arrives")
class AllowsMoreStepsThanItsVendor(HouseAdapter):
    async def describe(self, model: str) -> Capabilities:
        can = await super().describe(model)
        return can.model_copy(update={"allowed": {**can.allowed, Option.STEPS: Range(1, 51)}})


@broken("plain", "guidance_arrives")
class RoundsTheGuidance(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        guidance = None if request.guidance is None else 20.0
        return super().order(request.having(guidance=guidance), run)


@broken("plain", "references_keep_their_order")
class TurnsReferencesAround(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request.having(references=request.references[::-1]), run)


@broken("poll", "references_keep_their_order")
class TakesFewerReferences(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request.having(references=request.references[:2]), run)


@broken("stream", "mask_arrives")
class SendsTheReferenceAsMask(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        mask = request.references[0] if request.mask else None
        return super().order(request.having(mask=mask), run)


@broken("plain", "unclaimed_stays_here")
class ClaimsTooLittle(HouseAdapter):
    async def describe(self, model: str) -> Capabilities:
        can = await super().describe(model)
        return can.model_copy(update={"options": can.options - {Option.STYLE}})


@broken("plain", "claims_agree")
class AllowsWhatItDoesNotClaim(HouseAdapter):
    async def describe(self, model: str) -> Capabilities:
        can = await super().describe(model)
        return can.model_copy(update={"allowed": {**can.allowed, Option.PREVIEWS: Range(0, 3)}})


@broken("poll", "extras_of_others_stay_here")
class SendsAllExtras(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        every = {name: value for each in request.extras.values() for name, value in each.items()}
        return super().order(request, run).model_copy(update=every)


@broken("plain", "own_extras_are_sent")
class SendsNoExtras(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request.having(extras={}), run)


@broken("plain", "the_prompt_is_unchanged")
class TidiesThePrompt(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request.having(prompt=normalize("NFC", request.prompt)), run)


@broken("stream", "the_model_is_asked_for")
class AlwaysAsksItsBest(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request.having(model="house-xl"), run)


@broken("plain", "the_same_asks_the_same")
class ThrowsDice(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request, run).model_copy(update={"external": uuid4().hex})


@broken("plain", "nothing_is_remembered")
class RemembersTheLastQuality(HouseAdapter):
    last: str | None = None

    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        self.last = request.quality or self.last
        return super().order(request.having(quality=self.last), run)


@broken("stream", "side_by_side")
class KeepsTheRequestOnItself(HouseAdapter):
    request: ImageRequest | None = None

    async def generate(self, request: ImageRequest, run: Run) -> None:
        self.request = request
        await self.http.json("GET", self.at("/health"), wire.Wellness, **self.free())
        await super().generate(self.request, run)


@broken("plain", "several_in_one_call", "fewer_pictures_are_a_part")
class MakesThemOneByOne(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        for index in range(request.count):
            seed = None if request.seed is None else request.seed + index
            one = request.having(count=1, seed=seed)
            made = await self.http.json(
                "POST", self.at("/pictures"), wire.Made, **self.paid(one, run)
            )
            for item in made.pictures:
                self.hand_over(item, run, index)
            self.warn(made, run)
            run.charge(made.cost, "USD")


@broken("stream", "background_arrives")
class AlwaysPaintsAGround(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request.without(Option.BACKGROUND), run)


@broken("poll", "style_arrives")
class HasNoStyle(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request.without(Option.STYLE), run)


@broken("plain", "references_arrives", "references_keep_their_order", "mask_arrives")
class SendsNoReferences(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        return super().order(request.without(Option.REFERENCES), run)


@broken("stream", "previews_arrives")
class AsksForOnePreview(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        previews = request.previews and 1
        return super().order(request.having(previews=previews), run)


@broken("stream", "no_preview_unasked")
class AlwaysAsksForPreviews(HouseAdapter):
    def order(self, request: ImageRequest, run: Run) -> wire.Sent:
        previews = 1 if request.previews is None else request.previews
        return super().order(request.having(previews=previews), run)

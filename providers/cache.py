"""Pictures of requests with a seed, kept for whoever asks exactly the same again."""

from __future__ import annotations

import asyncio
import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic

from imageway.core.picture import Picture
from imageway.core.request import ImageRequest
from imageway.core.run import Maker, Run
from imageway.core.streaming import Handler

# Previews show the way to a picture, and there is none when it is remembered.
NOT_COMPARED = frozenset({"prompt", "references", "mask", "previews"})


@dataclass(frozen=True, slots=True)
class Kept:
    """All pictures of one request, who made each, when, and which model was asked for."""

    pictures: tuple[tuple[Picture, Maker], ...]
    at: float
    model: str

    @property
    def size(self) -> int:
        """Bytes, as they lie in memory."""
        return sum(picture.weight for picture, _ in self.pictures)


@dataclass(slots=True, eq=False)
class Answers:
    """What is remembered: bounded in bytes and in seconds, the oldest goes first."""

    most: int
    seconds: float
    clock: Callable[[], float] = monotonic
    size: int = 0
    _kept: OrderedDict[str, Kept] = field(default_factory=OrderedDict[str, Kept])

    def find(self, key: str) -> Kept | None:
        """What was kept, if it is not too old."""
        kept = self._kept.get(key)
        if kept is not None and self.clock() - kept.at >= self.seconds:
            self._drop(key)
            return None
        return kept

    def keep(self, key: str, pictures: tuple[tuple[Picture, Maker], ...], model: str) -> None:
        """Remember, and forget what there is no room for."""
        self._put(key, Kept(pictures, self.clock(), model))

    def inherit(self, before: Answers, still_holds: Callable[[Kept], bool]) -> None:
        """Take over what another memory has and what is still the answer."""
        for key, kept in tuple(before._kept.items()):
            if still_holds(kept):
                self._put(key, kept)

    def _put(self, key: str, kept: Kept) -> None:
        if kept.size > self.most or self.seconds <= 0:
            return
        self._drop(key)
        self._kept[key] = kept
        self.size += kept.size
        while self.size > self.most:
            self._drop(next(iter(self._kept)))

    def age(self, kept: Kept) -> float:
        """Seconds since it was made."""
        return self.clock() - kept.at

    def _drop(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self.size -= kept.size


def cached(inner: Handler, answers: Answers) -> Handler:
    """Answer from memory what was drawn before for the same caller; a note says so."""

    async def handler(request: ImageRequest, run: Run) -> None:
        if request.seed is None or answers.seconds <= 0:
            await inner(request, run)
            return
        key = await _key(request, run.caller)
        kept = answers.find(key)
        if kept is not None:
            _hand_over(kept, answers.age(kept), run)
            return
        await inner(request, run)
        _remember(key, answers, run, request.model)

    return handler


async def _key(request: ImageRequest, caller: str | None) -> str:
    """The fingerprint, taken off the event loop where pictures must be read for it."""
    if request.references:
        return await asyncio.to_thread(fingerprint, request, caller)
    return fingerprint(request, caller)


def fingerprint(request: ImageRequest, caller: str | None) -> str:
    """One digest for all that decides what is drawn, and for whom; pictures are read whole."""
    compared = {
        name: getattr(request, name)
        for name in ImageRequest.model_fields
        if name not in NOT_COMPARED
    }
    words = json.dumps([caller, request.prompt, compared], sort_keys=True, default=str)
    digest = sha256(words.encode())
    masks = () if request.mask is None else (request.mask,)
    for image in (*request.references, *masks):
        digest.update(sha256(image.picture.bytes).digest())
    return digest.hexdigest()


def _hand_over(kept: Kept, age: float, run: Run) -> None:
    run.note("stale", f"the same request was drawn {age:.0f} s ago; these are its pictures")
    for index, (picture, maker) in zip(run.indices, kept.pictures, strict=True):
        run.part((index,), provider=maker.provider, model=maker.model).image(picture)


def _remember(key: str, answers: Answers, run: Run, model: str) -> None:
    """Keep what is whole, and what its maker says the seed of: others do not heed it."""
    ledger = run.ledger
    found = [(ledger.pictures.get(index), ledger.makers.get(index)) for index in run.indices]
    pictures = tuple(
        (picture, maker)
        for picture, maker in found
        if picture is not None and maker is not None and picture.seed is not None
    )
    if len(pictures) == len(run.indices):
        answers.keep(key, pictures, model)

"""The library: open a configuration, ask for pictures, read them whole or as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TypedDict, Unpack

from pydantic import JsonValue

from imageway.core.adapter import Resumes
from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.core.events import Event
from imageway.core.picture import Picture
from imageway.core.powers import Entitlement
from imageway.core.request import ImageRequest, InputImage
from imageway.core.result import ImageResult
from imageway.core.size import Aspect, Size
from imageway.providers.galleries.browsing import Shown, browse, named
from imageway.providers.galleries.recipes import Recalled, recalled
from imageway.providers.jobs import ANEW, SHUTTING_DOWN, Asked, Done, Job, Jobs
from imageway.providers.journal.journal import journal_of
from imageway.providers.journal.recovering import Recovery
from imageway.providers.journal.repeats import Asking, Repeats, asked
from imageway.providers.keys import ANYBODY
from imageway.providers.loading import load
from imageway.providers.powers import models
from imageway.providers.reloading.holding import InForce
from imageway.providers.rights import right_of
from imageway.providers.snapshot import Snapshot, provision

InputSource = InputImage | Picture | bytes | str | PathLike[str]
DRAIN_SECONDS = 5.0


class Wishes(TypedDict, total=False):
    """What may be asked besides the prompt; the names and ranges are ImageRequest's."""

    model: str
    count: int
    size: str | Size | None
    aspect: str | Aspect | None
    seed: int | None
    negative_prompt: str | None
    quality: str | None
    background: str | None
    format: str | None
    references: Sequence[InputSource]
    mask: InputSource | None
    previews: int | None
    guidance: float | None
    steps: int | None
    style: str | None
    extras: Mapping[str, Mapping[str, JsonValue]]
    strict: bool
    recheck: bool


class Imageway:
    """Providers that are open, and the jobs that run at them."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.in_force = InForce(snapshot)
        self.jobs = Jobs()
        self._is_closed = False
        self.repeats = Repeats(self.jobs, snapshot.journal)

    @property
    def snapshot(self) -> Snapshot:
        """The configuration to go by: the one that this task holds, else the newest."""
        return self.in_force.snapshot

    async def generate(self, prompt: str, **wishes: Unpack[Wishes]) -> ImageResult:
        """Ask and wait for everything; raises only for a request that cannot be asked."""
        return await self.start(await build_request(prompt, **wishes)).result()

    @asynccontextmanager
    async def stream(
        self, prompt: str, **wishes: Unpack[Wishes]
    ) -> AsyncGenerator[AsyncIterator[Event]]:
        """Ask and read the events while the block lasts; leaving it early leaves the job."""
        job = self.start(await build_request(prompt, **wishes))
        async with job.subscribe() as events:
            yield events

    def start(
        self, request: ImageRequest, caller: str = ANYBODY.name, seconds: float | None = None
    ) -> Job:
        """Begin a job; raises where its model names nobody, or its caller asks too fast."""
        return self._started(request, caller, seconds, ANEW)

    def _started(
        self, request: ImageRequest, caller: str, seconds: float | None, asked: Asked
    ) -> Job:
        if self._is_closed:
            raise ImagewayError.carrying(SHUTTING_DOWN)
        snapshot = self.snapshot
        handler = snapshot.handler(request)
        under_way = sum(job.caller == caller for job in self.jobs.running)
        snapshot.rates.admit(caller, under_way)
        return self.jobs.start(
            handler, request, caller, seconds=seconds, done=self._held(snapshot), asked=asked
        )

    def _held(self, snapshot: Snapshot) -> Done:
        """Keep a snapshot open until a job has ended."""
        self.in_force.hold(snapshot)
        return lambda job: self.in_force.release(snapshot)

    async def begin(
        self,
        request: ImageRequest,
        caller: str = ANYBODY.name,
        seconds: float | None = None,
        asking: Asking = Asking(),  # noqa: B008 - frozen, and the same for everybody
    ) -> tuple[Job, bool]:
        """Begin a job, or find the one that the same question began before; says whether it did.

        Raises conflict for a key that was used for another request, or whose answer is gone.
        """
        digest = await self.repeats.print_of(request, caller)
        joins = self.snapshot.source.config.features.is_on("retry_coalescing", caller)
        job = await self.repeats.earlier(digest, caller, asking, joins=joins)
        if job is not None:
            return job, True
        # Nothing is waited for from here on, so that nobody begins the same meanwhile.
        job = self._started(request, caller, seconds, asked(digest, asking))
        self.repeats.begun(job)
        return job, False

    async def recover(self) -> Sequence[Job]:
        """Pick up what a process that has died had sent, each job under its old id."""
        snapshot = self.snapshot
        if snapshot.journal is None:
            return ()
        recovery = Recovery(snapshot.journal, snapshot, self.jobs, lambda: self._held(snapshot))
        jobs = await recovery.begin()
        for job in jobs:
            self.repeats.begun(job)
        return jobs

    async def leave_to_successor(self) -> Sequence[Job]:
        """Let go of what vendors draw that can be asked for it by the next process."""
        snapshot = self.snapshot
        if snapshot.journal is None:
            return ()
        resuming = [
            name for name, each in snapshot.providers.items() if isinstance(each.adapter, Resumes)
        ]
        return self.jobs.leave_to_successor(await snapshot.journal.leave_open(resuming))

    async def models(self) -> tuple[str, ...]:
        """Every name that can be asked now: routes first, then provider/model as vendors list."""
        with self.in_force.holding() as snapshot:
            providers = snapshot.providers
            listed = await asyncio.gather(*map(models, providers.values()))
            routes = [name for name in snapshot.router.routes if self._is_usable(name)]
        named = zip(providers, listed, strict=True)
        return (*routes, *(f"{name}/{model.name}" for name, found in named for model in found))

    async def entitlement(self, model: str, *, recheck: bool = False) -> Entitlement:
        """Whether an account may use a model now, and if not, why, until when, and where to buy.

        The model is a route, provider/model, or a vendor's own name for one. Recheck right after
        a purchase. Raises unsupported where nobody behind it knows rights.
        """
        with self.in_force.holding() as snapshot:
            return (await right_of(snapshot, model, recheck=recheck)).verdict

    async def gallery(
        self, provider: str | None = None, query: Mapping[str, JsonValue] | None = None
    ) -> Shown:
        """One page of a vendor's gallery, from the vendor or the last good answer to the query.

        What stands in for a vendor that fails is `stale`. Raises invalid_request for a query that
        the vendor does not know, unavailable where nothing stands in.
        """
        with self.in_force.holding() as snapshot:
            return await browse(named(snapshot.providers, provider), query or {})

    async def recipe(self, item: str, model: str | None = None) -> Recalled:
        """How a gallery's picture was made, by PROVIDER:ID, or an ID at whoever draws the model.

        Raises not_found for no such picture, unsupported where it is not told.
        """
        with self.in_force.holding() as snapshot:
            return await recalled(snapshot, item, model)

    def _is_usable(self, route: str) -> bool:
        try:
            return bool(self.snapshot.router.targets(route))
        except ImagewayError:
            return False

    async def close(self, seconds: float = DRAIN_SECONDS) -> None:
        """Let paid work finish for so long, end the rest, close every connection."""
        self._is_closed = True
        await self.jobs.drain(seconds)
        await self.in_force.close()
        await self.close_books()

    async def close_books(self) -> None:
        """Finish what is written of money; connections stay as they are, and nothing new begins."""
        self._is_closed = True
        await self.in_force.newest.accounts.spending.close()
        if self.snapshot.journal is not None:
            await self.snapshot.journal.close()


@asynccontextmanager
async def open(config: str | PathLike[str] | None = None) -> AsyncGenerator[Imageway]:  # noqa: A001 - read as imageway.open
    """Open a configuration file, else plugins.toml here, else the built-in demo."""
    source = await asyncio.to_thread(load, None if config is None else Path(config))
    journal = journal_of(source)
    way = Imageway(await asyncio.to_thread(partial(provision, source, journal=journal)))
    try:
        yield way
    finally:
        for job in way.jobs.running:
            job.leave()
        await way.close()


async def build_request(prompt: str, **wishes: Unpack[Wishes]) -> ImageRequest:
    """Check a prompt and its wishes; pictures may be bytes, files or data URLs."""
    fields: dict[str, object] = {"prompt": prompt, **wishes}
    if wishes.get("references"):
        fields["references"] = [
            await load_input(each, "references") for each in wishes.get("references", ())
        ]
    if (mask := wishes.get("mask")) is not None:
        fields["mask"] = await load_input(mask, "mask")
    return ImageRequest.build(fields)


async def load_input(source: InputSource, param: str) -> InputImage:
    """Bring a picture in; raises invalid_request whose param names the field."""
    if isinstance(source, InputImage):
        return source
    if isinstance(source, Picture):
        return InputImage(picture=source)
    try:
        if isinstance(source, bytes):
            return InputImage(picture=Picture.from_bytes(source))
        if isinstance(source, str) and source.startswith("data:"):
            return InputImage(picture=Picture.from_data_url(source))
        path = Path(source)
        return InputImage(
            picture=Picture.from_bytes(await asyncio.to_thread(path.read_bytes)), name=path.name
        )
    except OSError as error:
        raise invalid(param, f"{param}: cannot read {str(source)!r}: {error.strerror}") from error
    except ImagewayError as error:
        raise blame(error, param) from error


def blame(error: ImagewayError, param: str) -> ImagewayError:
    """The same complaint about a picture, as the caller's own mistake in one field."""
    info = error.info
    code = info.code if info.code is ErrorCode.TOO_LARGE else ErrorCode.INVALID_REQUEST
    return ImagewayError(code, f"{param}: {info.message}", hint=info.hint, details={"param": param})

"""Handlers that do anything at all: each picture ends once, then the run does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.events import (
    Event,
    Finished,
    ImageFailed,
    ImageReady,
    Preview,
    Progress,
)
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import stream
from tests.core.samples import dot, failure


def ends(heard: list[Event]) -> list[int]:
    return sorted(event.index for event in heard if isinstance(event, ImageReady | ImageFailed))


def finished(heard: list[Event]) -> ErrorInfo | None:
    assert isinstance(heard[-1], Finished)
    assert sum(isinstance(event, Finished) for event in heard) == 1
    return heard[-1].error


@dataclass(frozen=True)
class Script:
    """A handler's whole behaviour: what it tells the run, then how it ends."""

    count: int
    steps: list[tuple[str, int | None, ErrorCode]]
    end: ErrorCode | str

    async def __call__(self, request: ImageRequest, run: Run) -> None:
        part = run.part(run.indices, provider="scripted", last=False)
        for step in self.steps:
            self._take(step, part)
            await asyncio.sleep(0)
        match self.end:
            case ErrorCode():
                raise ImagewayError(self.end, "the end")
            case "bug":
                raise ZeroDivisionError
            case _:
                return

    def _take(self, step: tuple[str, int | None, ErrorCode], part: Run) -> None:
        kind, place, code = step
        index = None if place is None else place % self.count
        match kind:
            case "image":
                part.image(dot(), index)
            case "failed":
                part.failed(failure(code), index)
            case "preview":
                part.preview(dot(), index)
            case "progress":
                part.progress(0.5, "drawing", index)
            case "close":
                part.call.closed = True
            case _:
                part.note("degraded", "a note")


CODES = st.sampled_from(ErrorCode)
KINDS = st.sampled_from(["image", "failed", "preview", "progress", "note", "close"])
SCRIPTS = st.builds(
    Script,
    count=st.integers(1, 4),
    steps=st.lists(st.tuples(KINDS, st.one_of(st.none(), st.integers(0, 3)), CODES), max_size=12),
    end=st.one_of(st.sampled_from(["return", "bug"]), CODES),
)


@given(script=SCRIPTS, reads_at_once=st.booleans())
def test_whatever_a_handler_does_the_grammar_holds(script: Script, reads_at_once: bool) -> None:
    heard = asyncio.run(read(script, reads_at_once))
    assert ends(heard) == list(range(script.count))
    error = finished(heard)
    pictures = [event for event in heard if isinstance(event, ImageReady)]
    failures = sorted(
        (event for event in heard if isinstance(event, ImageFailed)), key=lambda each: each.index
    )
    unknown = [each for each in failures if each.error.code == "outcome_unknown"]
    assert error == (None if pictures else (unknown or failures)[0].error)
    assert nothing_is_said_of_a_picture_that_is_done(heard)


async def read(script: Script, reads_at_once: bool) -> list[Event]:
    request = ImageRequest(prompt="a fox", count=script.count)
    async with stream(script, request) as events:
        if not reads_at_once:
            await asyncio.gather(*(task for task in asyncio.all_tasks() if is_playing(task)))
        return [event async for event in events]


def is_playing(task: asyncio.Task[object]) -> bool:
    return task.get_name().startswith("imageway ")


def nothing_is_said_of_a_picture_that_is_done(heard: list[Event]) -> bool:
    done: set[int | None] = set()
    for event in heard:
        match event:
            case ImageReady(index=index) | ImageFailed(index=index):
                done.add(index)
            case Preview(index=index) | Progress(index=index) if index in done:
                return False
            case _:
                continue
    return True

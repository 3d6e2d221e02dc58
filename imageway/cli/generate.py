"""imageway generate: ask for pictures, and write each one the moment it is here."""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from dataclasses import dataclass, field
from pathlib import Path

from imageway import client
from imageway.cli.command import Command
from imageway.cli.like import fill_like
from imageway.cli.options import STDIN, add_how, read_stdin, wishes_of
from imageway.cli.output import clean, say, say_bytes, say_json, tell
from imageway.cli.report import INTERRUPTED, Report
from imageway.cli.saving import STDOUT, Destination, destination, format_of, stem_of
from imageway.cli.screen import Screen, is_live, screen_for
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError, invalid
from imageway.core.events import Event, ImageFailed, ImageReady, Note
from imageway.core.request import ImageRequest
from imageway.providers.jobs import Job


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "prompt",
        metavar="PROMPT",
        nargs="?",
        help="what to draw; - reads it from standard input; with --like the picture's own",
    )
    parser.add_argument(
        "-m", "--model", help="a route, or provider/model (default: default, or that of --like)"
    )
    parser.add_argument(
        "--like",
        metavar="ID",
        help="as this picture of a gallery was made, but for what is said here; PROVIDER:ID too",
    )
    parser.set_defaults(extras=None)
    add_how(parser)
    group = parser.add_argument_group("results")
    group.add_argument(
        "-o",
        dest="output",
        metavar="DIR|FILE",
        default=".",
        help="a folder, a file, or - for standard output (default: the current folder)",
    )
    group.add_argument("--force", action="store_true", help="overwrite the file named with -o")
    group.add_argument("--json", action="store_true", help="print one JSON object instead of paths")
    group.add_argument("--quiet", action="store_true", help="no progress and no notes")


def _run(chosen: Namespace) -> int:
    report = Report()
    try:
        # Not in a thread: one that waits for a keyboard cannot be ended.
        chosen.prompt = read_stdin() if chosen.prompt == STDIN else chosen.prompt
        asyncio.run(_draw(chosen, report))
    except KeyboardInterrupt:
        report.error = INTERRUPTED
    except ImagewayError as error:
        report.error = error.info
    report.complain()
    if chosen.json:
        say_json(report.json())
    return report.exit


async def _draw(chosen: Namespace, report: Report) -> None:
    if chosen.format is None:
        chosen.format = format_of(chosen.output)
    if chosen.previews and not is_live(quiet=chosen.quiet):
        # Nobody would see them, and some vendors charge for each.
        chosen.previews = None
        tell("note: previews are shown on a terminal alone; none are asked for")
    if chosen.prompt is None and chosen.like is None:
        raise invalid("prompt", "missing: PROMPT", "say what to draw, or name a picture: --like ID")
    async with client.open(chosen.config) as way:
        prompt: str = chosen.prompt or ""
        if chosen.like is not None:
            prompt = await fill_like(way, chosen, report)
        request = await client.build_request(prompt, **wishes_of(chosen))
        report.count = request.count
        place = _place(chosen, request)
        job = way.start(request)
        with screen_for(request.count, quiet=chosen.quiet) as screen:
            stem = stem_of(request.prompt, job.id)
            await Drawing(chosen, place, stem, screen, report).follow(job)


def _place(chosen: Namespace, request: ImageRequest) -> Destination | None:
    """Where pictures go; nowhere on disk when standard output takes the one there is."""
    if chosen.output != STDOUT:
        return destination(chosen.output, request.count, force=chosen.force)
    if request.count > 1:
        raise invalid("output", f"standard output takes one picture, not {request.count}", "-n 1")
    if chosen.json:
        raise invalid("output", "standard output takes the picture or the JSON, not both")
    if sys.stdout.isatty():
        raise invalid("output", "a picture's bytes do not belong on a terminal", "redirect with >")
    return None


@dataclass(slots=True)
class Drawing:
    """One job, followed from its first event to its last."""

    chosen: Namespace
    place: Destination | None
    stem: str
    screen: Screen
    report: Report
    prints_paths: bool = field(init=False)

    def __post_init__(self) -> None:
        # On one and the same terminal the finished line shows the path already.
        shown = is_live(quiet=self.chosen.quiet) and sys.stdout.isatty()
        self.prints_paths = not self.chosen.json and not shown

    async def follow(self, job: Job) -> None:
        """Hear everything; interrupted, end the job and keep what is known of its charges."""
        try:
            async with job.subscribe() as events:
                async for event in events:
                    await self._hear(event)
        except asyncio.CancelledError:
            job.cancel()
            await job.ended()
            charged = {i: e for i, e in job.ledger.failures.items() if e.charged != "no"}
            self.report.failures |= charged
            raise

    async def _hear(self, event: Event) -> None:
        self.report.events.append(event)
        self.screen.hear(event)
        match event:
            case ImageReady():
                await self._keep(event)
            case ImageFailed(index, error):
                self.report.failures[index] = error
            case _:
                pass

    async def _keep(self, ready: ImageReady) -> None:
        try:
            data = await ready.picture.read()
            shown = await asyncio.to_thread(self._write, ready, data)
        except ImagewayError as error:
            self._fail(ready, error.info)
        except OSError as error:
            self._fail(ready, _unwritten(error))
        else:
            self.screen.saved(ready, shown)
            self._say_if_misnamed(ready)

    def _write(self, ready: ImageReady, data: bytes) -> str:
        """Write and say so in one go, so that an interruption never forgets a file."""
        if self.place is None:
            say_bytes(data)
            self.report.saved[ready.index] = None
            return "standard output"
        path = self.place.save(data, ready.picture.format, ready.index, self.stem)
        self.report.saved[ready.index] = path
        if self.prints_paths:
            say(str(path))
        return clean(str(path))

    def _say_if_misnamed(self, ready: ImageReady) -> None:
        path, kind = self.report.saved[ready.index], ready.picture.format
        if path is not None and format_of(path.name) != kind:
            note = Note("adjusted", f"{path.name} holds a {kind}, for that is what came")
            self.report.events.append(note)
            self.screen.hear(note)

    def _fail(self, ready: ImageReady, error: ErrorInfo) -> None:
        info = error.of(ready.provider, ready.model)
        self.report.failures[ready.index] = info
        self.screen.unsaved(ready.index, info)


def _unwritten(error: OSError) -> ErrorInfo:
    name = f" {Path(error.filename).parent}" if isinstance(error.filename, str) else ""
    return ErrorInfo(
        code=ErrorCode.FAILED,
        message=f"the picture came but cannot be written to{name}: {error.strerror}",
        hint="make room or choose another place with -o, then ask again",
    )


COMMAND = Command("generate", "ask for pictures and save them", _arguments, _run)

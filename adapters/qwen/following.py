"""One request at one server, followed to its end: by its events, and when they break by asking."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from imageway.adapters.qwen.config import Common
from imageway.adapters.qwen.errors import is_forgotten, told
from imageway.adapters.qwen.wire import Degraded, Done, ErrorBody, Place, Shown, State, Step
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.picture import Picture
from imageway.core.run import Run
from imageway.core.sse import ServerSentEvent

Model = TypeVar("Model", bound=BaseModel)

SECONDS_BETWEEN_LOOKS = 1.0
MOST_LISTENS = 3
# What shows that there are no events to be had here, in contrast to a cut.
NO_EVENTS = frozenset({ErrorCode.NOT_FOUND, ErrorCode.BAD_ANSWER})
CODE_BY_STATE: Mapping[str, int] = {"failed": 4001, "cancelled": 3901, "expired": 3903}


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: with a picture to fetch, or with the server's own word of why not."""

    seed: int | None = None
    degraded: Degraded | None = None
    failure: ErrorInfo | None = None


class Following:
    """Tells a run what happens to one request; `common` makes what every call has."""

    def __init__(self, http: Http, address: str, common: Common, run: Run, previews: int) -> None:
        self._http = http
        self._address = address
        self._common = common
        self._run = run
        self._wanted = previews
        self._shown = 0
        self._fraction = 0.0
        self._listens = 0

    async def end(self) -> Ended:
        """Wait for its end; a stream that is cut is opened again, at last the state is polled."""
        pause = SECONDS_BETWEEN_LOOKS
        return await self._http.poll(self._ask, every=pause, most=pause)

    async def _ask(self) -> Ended | None:
        try:
            if self._listens == MOST_LISTENS:
                return await self._look()
            self._listens += 1
            return await self._listen()
        except ImagewayError as error:
            if not is_forgotten(error):
                raise
            return Ended(failure=error.info)

    async def _listen(self) -> Ended | None:
        """Hear the events; None when they stop before the end."""
        address = f"{self._address}/events"
        try:
            async with aclosing(self._http.events("GET", address, **self._common())) as events:
                async for event in events:
                    if ended := self._hear(event):
                        return ended
        except ImagewayError as error:
            if error.info.code not in NO_EVENTS:
                raise
            self._listens = MOST_LISTENS
        return None

    def _hear(self, event: ServerSentEvent) -> Ended | None:
        match event.event:
            case "queued":
                place = _read(Place, event)
                tell_place(self._run, place.position, place.eta_seconds)
            case "started":
                self._run.progress(0.0, "drawing")
            case "progress":
                step = _read(Step, event)
                self._draw(step.step, step.total)
            case "preview":
                self._show(_read(Shown, event))
            case "done":
                done = _read(Done, event)
                return Ended(done.seed, done.degraded)
            case "error" | "cancelled":
                return Ended(failure=_verdict(_read(ErrorBody, event)))
            case _:
                pass
        return None

    async def _look(self) -> Ended | None:
        """Ask for the state once; None while nothing is decided."""
        state = await self._http.json("GET", self._address, State, **self._common())
        if state.state == "done":
            return Ended(state.seed, state.degraded)
        if state.error is not None or state.state in CODE_BY_STATE:
            usual = ErrorBody(code=CODE_BY_STATE.get(state.state, 4001))
            return Ended(failure=_verdict(state.error or usual))
        if state.state == "queued" and state.position is not None:
            tell_place(self._run, state.position, state.eta_seconds)
        if state.state == "running" and state.step is not None and state.total_steps:
            self._draw(state.step, state.total_steps)
        return None

    def _draw(self, step: int, total: int) -> None:
        self._fraction = step / total
        self._run.progress(self._fraction, f"step {step} of {total}")

    def _show(self, shown: Shown) -> None:
        """Pass a preview on when one is due, for the server sends as many as it likes."""
        due = (self._shown + 0.5) / (self._wanted + 0.5)
        if self._shown == self._wanted or self._fraction < due:
            return
        try:
            picture = Picture.from_base64(shown.data)
        except ImagewayError:
            return  # what only informs is not worth a failure
        self._shown += 1
        self._run.preview(picture)


def tell_place(run: Run, position: int, seconds: float | None) -> None:
    """Say how many are ahead; the next one, 1 here, has only the running one before it, if any."""
    run.queued(position - 1 if seconds == 0 else position, seconds)


def _read(model: type[Model], event: ServerSentEvent) -> Model:
    try:
        return model.model_validate_json(event.data)
    except ValidationError:
        raise ImagewayError(
            ErrorCode.BAD_ANSWER,
            f"the Qwen server's event {event.event!r} cannot be read",
            origin="vendor",
        ) from None


def _verdict(said: ErrorBody) -> ErrorInfo:
    info = told(said)
    if info is not None:
        return info
    return ErrorInfo(
        code=ErrorCode.FAILED,
        message=f"the Qwen server ended with the unknown code {said.code!r}",
        origin="vendor",
        vendor_code=str(said.code),
        vendor_message=said.message or None,
    )

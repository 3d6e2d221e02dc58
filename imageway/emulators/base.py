"""What every emulator shares: hearing, key check, faults, charges and the application."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from aiohttp import web
from pydantic import JsonValue
from yarl import URL

from imageway.emulators.answer import Answer, Charge, Refusal, Visit
from imageway.emulators.control import add_control
from imageway.emulators.faults import SAID, Fault, Playlist, Scripted, Spot
from imageway.emulators.heard import Heard, hear_body, hear_head
from imageway.emulators.sending import VARIANTS_BY_FAULT, Sending, Sleep, send

Handler = Callable[[Visit], Awaitable[Answer]]
Door = Callable[[web.Request], Awaitable[web.StreamResponse]]

# Said by what stands before the vendor, and so never inside a stream.
PAGES = frozenset({Fault.HTML, Fault.REDIRECT})


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path of a vendor's API, and the spot at which its faults strike.

    One that is open asks for no key, as a signed link does not.
    """

    method: str
    path: str
    handler: Handler
    spot: Spot = Spot.LOOK
    is_open: bool = False


class Emulator(ABC):
    """A vendor in small; a subclass adds the vendor's routes and the vendor's words.

    One that knows its keys takes the same call once more for a look-up of what it began; a fault
    that is unproven here may have been charged, whatever it is elsewhere.
    """

    name: ClassVar[str]
    usual_model: ClassVar[str]
    base_path: ClassVar[str] = ""
    can_say: ClassVar[frozenset[Fault]]
    spots: ClassVar[Mapping[Fault, Spot]] = {}
    extras: ClassVar[Mapping[str, JsonValue]] = {}
    tells_cost: ClassVar[bool] = False
    knows_its_keys: ClassVar[bool] = False
    unproven: ClassVar[frozenset[Fault]] = frozenset()
    files_host: str | None = None
    max_body: int = 64 << 20
    keeps: int = 1000

    def __init__(
        self,
        *,
        key: str | None = "sk-emulated",
        seconds_per_picture: float = 0.0,
        polls_until_done: int = 1,
        clock: Callable[[], float] = time.time,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.key = key
        self.seconds_per_picture = seconds_per_picture
        self.polls_until_done = polls_until_done
        self.clock = clock
        self.sleep = sleep
        self.heard: list[Heard] = []
        self.charges: list[Charge] = []
        self.playlist = Playlist()
        self.underway = 0
        self.stirred: Callable[[], None] = _nobody_listens
        self._numbers = 0

    @abstractmethod
    def routes(self) -> Iterable[Route]:
        """The vendor's API."""

    @abstractmethod
    def say(self, scripted: Scripted, heard: Heard) -> Answer:
        """A fault of SAID in the vendor's words; HTML and REDIRECT are said here already."""

    @abstractmethod
    def problem(self, status: int, heard: Heard) -> Answer:
        """What HTTP itself found wrong (400, 404, 413), in the vendor's words."""

    def as_event(self, answer: Answer) -> bytes:
        """An error answer as the event that a stream of this vendor ends with."""
        return b"data: " + b"".join(answer.pieces) + b"\n\n"

    def settings(self, url: str) -> Mapping[str, object]:
        """What plugins.toml would say of this vendor, served at a root URL."""
        return {"base_url": f"{url}{self.base_path}", "api_key": self.key}

    def variants(self, fault: Fault) -> tuple[str | None, ...]:
        """The ways in which the vendor says a fault, the usual one first."""
        return tuple(VARIANTS_BY_FAULT.get(fault, (None,)))

    def key_of(self, heard: Heard) -> str | None:
        """The key that a request carries."""
        scheme, _, key = (heard.header("Authorization") or "").partition(" ")
        return key if scheme.lower() == "bearer" else None

    def spot(self, route: Route, request: web.Request) -> Spot:
        """The step that a request is, where its path alone does not tell."""
        return route.spot

    def headers(self, heard: Heard) -> Mapping[str, str]:
        """What the vendor adds to the headers of every answer."""
        return {}

    def script(
        self, fault: Fault, times: int | None = 1, after: int = 0, **details: object
    ) -> None:
        """Let a request go wrong; details are the other fields of Scripted."""
        self.add(
            Scripted.model_validate({"fault": fault, "times": times, "after": after, **details})
        )

    def add(self, scripted: Scripted) -> None:
        """Put a fault on the playlist; raises ValueError where the vendor cannot say it."""
        if scripted.fault not in self.can_say:
            raise ValueError(
                f"{self.name} has no way of saying {str(scripted.fault)!r}; it says "
                + ", ".join(sorted(self.can_say))
            )
        if scripted.variant not in {None, *self.variants(scripted.fault)}:
            told = ", ".join(filter(None, self.variants(scripted.fault))) or "none"
            raise ValueError(
                f"no variant {scripted.variant!r} of {scripted.fault}; there are {told}"
            )
        spot = scripted.spot or self.spots.get(scripted.fault, Spot.WORK)
        self.playlist.add(scripted.model_copy(update={"spot": spot}))

    def heard_at(self, spot: Spot) -> list[Heard]:
        """What was heard at one step of the API."""
        return [heard for heard in self.heard if heard.spot is spot]

    def reset(self) -> None:
        """Forget what was heard, charged and scripted."""
        self.heard.clear()
        self.charges.clear()
        self.playlist.clear()

    def app(self) -> web.Application:
        """The emulator as an application; /_emulator is its control page."""
        app = web.Application(client_max_size=self.max_body)
        closing = asyncio.Event()
        add_control(app, self)
        for route in (*self.routes(), Route("*", "/{tail:.*}", self._nowhere)):
            app.router.add_route(route.method, route.path, self._door(route, closing))

        async def close(app: web.Application) -> None:
            closing.set()

        app.on_shutdown.append(close)
        return app

    async def _nowhere(self, visit: Visit) -> Answer:
        return self.problem(404, visit.heard)

    def _door(self, route: Route, closing: asyncio.Event) -> Door:
        async def door(request: web.Request) -> web.StreamResponse:
            self.underway += 1
            try:
                return await visited(request)
            finally:
                self.underway -= 1
                self.stirred()

        async def visited(request: web.Request) -> web.StreamResponse:
            heard, answer = await self._hear(request, route)
            scripted = None
            if answer is None:
                scripted = self.playlist.take(heard.spot)
                origin = f"{request.scheme}://{request.host}"
                files = origin if self.files_host is None else self._elsewhere(origin)
                visit = Visit(heard, dict(request.match_info), origin, scripted, files)
                answer = await self._handle(visit, route.handler)
            if answer.charge and (scripted is None or scripted.costs):
                self.charges.append(answer.charge)
            answer = answer.with_headers(self.headers(heard))
            return await send(Sending(request, answer, self.sleep, closing), scripted)

        return door

    def _elsewhere(self, origin: str) -> str:
        return str(URL(origin).with_host(self.files_host or "").origin())

    async def _hear(self, request: web.Request, route: Route) -> tuple[Heard, Answer | None]:
        """What was heard, and an answer if it goes no further."""
        self._numbers += 1
        heard = hear_head(request, self._numbers, self.spot(route, request))
        try:
            heard = self._remember(await hear_body(heard, request))
        except web.HTTPException as error:
            return self._remember(heard), self.problem(error.status, heard)
        if not (self.key is None or route.is_open or self.key_of(heard) == self.key):
            return heard, self.say(Scripted(fault=Fault.BAD_KEY), heard)
        return heard, None

    def _remember(self, heard: Heard) -> Heard:
        self.heard.append(heard)
        del self.heard[: -self.keeps]
        self.stirred()
        return heard

    async def _handle(self, visit: Visit, handler: Handler) -> Answer:
        scripted = visit.scripted
        if scripted is None or scripted.fault not in SAID:
            return await _handled(visit, handler)
        said = self._say(scripted, visit.heard)
        in_stream = scripted.after_events is not None and scripted.fault not in PAGES
        if not in_stream and not scripted.charged:
            return said
        answer = await _handled(visit, handler)
        if not in_stream or not answer.streamed:
            return replace(said, charge=answer.charge)
        return answer.breaking_off(scripted.after_events or 0, self.as_event(said))

    def _say(self, scripted: Scripted, heard: Heard) -> Answer:
        match scripted.fault:
            case Fault.HTML:
                answer = Answer.of_html(scripted.status or 502)
            case Fault.REDIRECT:
                headers = {"Location": scripted.location}
                answer = Answer((b"",), scripted.status or 307, "text/plain", headers)
            case _:
                answer = self.say(scripted, heard)
        later = {} if scripted.retry_after is None else {"Retry-After": scripted.retry_after}
        if any(name.lower().startswith("retry-after") for name in answer.headers):
            later = {}
        return replace(answer, headers={**later, **answer.headers, **scripted.headers})


def _nobody_listens() -> None:
    """Whoever wants to know that something was heard or ended sets `stirred`."""


async def _handled(visit: Visit, handler: Handler) -> Answer:
    try:
        return await handler(visit)
    except Refusal as refusal:
        return refusal.answer

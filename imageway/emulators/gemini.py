"""Google's image models: the Gemini API, Vertex AI, and the layer that speaks like OpenAI."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import ClassVar
from urllib.parse import parse_qsl

from pydantic import JsonValue

from imageway.emulators import gemini_compat as compat
from imageway.emulators.answer import Answer, Visit
from imageway.emulators.base import Emulator, Handler, Route
from imageway.emulators.faults import Fault, Scripted, Spot
from imageway.emulators.gemini_catalogue import Api, check, look, names, page
from imageway.emulators.gemini_endings import ENDINGS_BY_FAULT, Ending
from imageway.emulators.gemini_errors import bad_request, in_array, told
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.gemini_files import Files, Start, upload_of
from imageway.emulators.gemini_imagen import Predict
from imageway.emulators.gemini_making import make, plain
from imageway.emulators.gemini_models import METHODS_BY_OTHER, MODEL_BY_NAME
from imageway.emulators.gemini_order import Order
from imageway.emulators.gemini_predict import predicted, read_work
from imageway.emulators.gemini_reading import read
from imageway.emulators.gemini_rows import TOO_LARGE, UNREADABLE
from imageway.emulators.gemini_rules import ending_of, read_order
from imageway.emulators.gemini_schema import Generate, GenerationConfig
from imageway.emulators.gemini_streams import error_event, streamed
from imageway.emulators.gemini_words import speak, variants
from imageway.emulators.heard import Heard

DEVELOPER = "/{version:v1|v1beta|v1alpha}"
EXPRESS = "/{version:v1|v1beta1}/publishers/google"
PROJECT = "/{version:v1|v1beta1}/projects/{project}/locations/{location}/publishers/google"
WORKING = "/models/{model:[^:/]+}:{verb:generateContent|streamGenerateContent|predict}"
COUNTING = "/models/{model:[^:/]+}:{verb:countTokens}"
ONE_MODEL = "/models/{model:[^:/]+}"
FILES = "/{version:v1|v1beta}/files/{file}"
UPLOAD = "/upload/{version:v1|v1beta}/files"
TOKENS = "/token"
WITH_TOKEN = re.compile(rf"/v1(?:beta1)?/projects/|{compat.ROOT}/")
NOT_FOUND = (
    b"<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title>"
    b"<p>The requested URL was not found on this server.</html>"
)


class GeminiEmulator(Emulator):
    """A witness of Google's APIs; `facts` switches what their documents leave open."""

    name = "gemini"
    usual_model = "gemini-nano-banana-2.1"
    base_path = "/v1beta"
    can_say: ClassVar[frozenset[Fault]] = frozenset(
        set(Fault) - {Fault.OUT_OF_ORDER, Fault.NEVER_ENDS, Fault.DEGRADED}
    )
    extras: ClassVar[Mapping[str, JsonValue]] = {"temperature": 0.5}
    tells_cost: ClassVar[bool] = True
    max_body = 128 << 20
    trigger = "forbidden"
    facts = Facts()

    def routes(self) -> Iterable[Route]:
        """Both APIs, the files of one of them, the compatible layer, and tokens for the other."""
        for root in (DEVELOPER, EXPRESS, PROJECT):
            yield Route("POST", f"{root}{WORKING}", self._work, Spot.WORK)
            yield Route("POST", f"{root}{COUNTING}", self._count)
            yield Route("GET", f"{root}/models", self._list)
            yield Route("GET", f"{root}{ONE_MODEL}", self._look)
        yield Route("POST", UPLOAD, self._upload)
        yield Route("GET", FILES, self._look_at_file)
        yield Route("DELETE", FILES, self._delete_file)
        yield Route("POST", TOKENS, self._issue, is_open=True)
        yield Route("POST", f"{compat.ROOT}/chat/completions", self._chat, Spot.WORK)
        yield Route("POST", f"{compat.ROOT}/images/generations", self._compatible, Spot.WORK)
        yield Route("GET", f"{compat.ROOT}/models", self._list_compatible)
        yield Route("GET", f"{compat.ROOT}/models/{{model:.+}}", self._look_compatible)

    @cached_property
    def files(self) -> Files:
        """The files that were uploaded."""
        return Files(self.clock)

    @cached_property
    def tokens(self) -> list[str]:
        """The access tokens that were issued, in their order; each is good until reset."""
        return []

    async def _work(self, visit: Visit) -> Answer:
        api, model, verb = Api.of(visit), visit.path["model"], visit.path["verb"]
        check(api, model, verb, self.facts)
        if verb == "predict":
            return await self._predict(visit, api)
        body = read(visit.heard, Generate)
        if model in METHODS_BY_OTHER:
            return _talk(model, body)
        order = read_order(
            model,
            MODEL_BY_NAME[model],
            body,
            self.files,
            self.facts,
            is_vertex=api.is_vertex,
        )
        if self.trigger in order.prompt.lower():
            return self.say(Scripted(fault=Fault.REFUSED), visit.heard)
        return await self._draw(visit, order)

    async def _draw(self, visit: Visit, order: Order) -> Answer:
        ending = _scripted_ending(visit.scripted) or ending_of(order, self.facts)
        made = await asyncio.to_thread(make, order, visit.scripted, ending, self.facts)
        created = datetime.fromtimestamp(self.clock(), UTC).isoformat()
        if not _is_stream(visit.heard):
            return plain(made, self.seconds_per_picture, created, self.facts)
        as_events = _query(visit.heard).get("alt") == "sse"
        seconds = self.seconds_per_picture
        return streamed(made, seconds, created, self.facts, as_events=as_events)

    async def _predict(self, visit: Visit, api: Api) -> Answer:
        body = read(visit.heard, Predict)
        work = read_work(visit.path["model"], body, is_vertex=api.is_vertex)
        if self.trigger in (work.instance.prompt or "").lower():
            refused = Scripted(fault=Fault.REFUSED, variant="imagen_prompt")
            return self.say(refused, visit.heard)
        seconds = self.seconds_per_picture
        return await asyncio.to_thread(predicted, work, visit.scripted, seconds, self.facts)

    async def _count(self, visit: Visit) -> Answer:
        check(Api.of(visit), visit.path["model"], "countTokens", self.facts)
        return told({"totalTokens": 12})

    async def _list(self, visit: Visit) -> Answer:
        return page(Api.of(visit), _query(visit.heard), self.facts)

    async def _look(self, visit: Visit) -> Answer:
        return look(Api.of(visit), visit.path["model"], self.facts)

    async def _upload(self, visit: Visit) -> Answer:
        if upload_of(visit.heard):
            return self.files.finish(visit, slowly=self.facts.files_are_slow)
        return self.files.start(visit, read(visit.heard, Start))

    async def _look_at_file(self, visit: Visit) -> Answer:
        return self.files.look(visit)

    async def _delete_file(self, visit: Visit) -> Answer:
        return self.files.delete(visit)

    async def _issue(self, visit: Visit) -> Answer:
        """What oauth2.googleapis.com does: an access token for a signed assertion."""
        self.tokens.append(f"ya29.emulated-{len(self.tokens) + 1}")
        return Answer.of_json(
            {"access_token": self.tokens[-1], "expires_in": 3599, "token_type": "Bearer"}
        )

    async def _chat(self, visit: Visit) -> Answer:
        return compat.chat(visit.heard, self._live(), self.facts, int(self.clock()))

    async def _compatible(self, visit: Visit) -> Answer:
        return compat.generate(visit.heard, self._live(), self.facts, int(self.clock()))

    async def _list_compatible(self, visit: Visit) -> Answer:
        return compat.listed(self._live())

    async def _look_compatible(self, visit: Visit) -> Answer:
        return compat.looked_up(visit.path["model"], self._live())

    def _live(self) -> frozenset[str]:
        return frozenset(names(Api("v1beta"), self.facts))

    def variants(self, fault: Fault) -> tuple[str | None, ...]:
        """The rows of the tables, the usual one first."""
        return variants(fault) or super().variants(fault)

    def reset(self) -> None:
        """Forget files and tokens too."""
        super().reset()
        self.files.clear()
        self.tokens.clear()

    def say(self, scripted: Scripted, heard: Heard) -> Answer:
        """An error of the tables, or a success without a picture."""
        if scripted.fault is Fault.BAD_KEY and scripted.variant is None:
            scripted = scripted.model_copy(update={"variant": self._what_is_wrong_with_key(heard)})
        return self._wrapped(heard, speak(scripted, heard, self.facts))

    def _what_is_wrong_with_key(self, heard: Heard) -> str:
        if heard.path.startswith(("/v1/projects/", "/v1beta1/projects/")):
            return "token"
        return "missing" if self.key_of(heard) is None else "invalid"

    def problem(self, status: int, heard: Heard) -> Answer:
        """A page of the front end where no route is, the envelope for the rest."""
        match status:
            case 404:
                return Answer((NOT_FOUND,), 404, "text/html; charset=UTF-8")
            case 413:
                return TOO_LARGE.answer()
            case _:
                return UNREADABLE.answer()

    def as_event(self, answer: Answer) -> bytes:
        """The last thing that a stream says, in one of the four forms that were seen."""
        body = b"".join(answer.pieces)
        return error_event(body, self.facts.stream_errors, self.facts.line_end)

    def key_of(self, heard: Heard) -> str | None:
        """A key in the header or in the query; a token where there is a project."""
        if upload_of(heard):
            return self.key
        if WITH_TOKEN.match(heard.path):
            return self._key_of_token(heard)
        key = heard.header("x-goog-api-key") or _query(heard).get("key")
        return key or (self._key_of_token(heard) if "/publishers/google/" in heard.path else None)

    def _key_of_token(self, heard: Heard) -> str | None:
        token = super().key_of(heard)
        return self.key if token in self.tokens else token

    def headers(self, heard: Heard) -> Mapping[str, str]:
        """What Google's front end adds."""
        return {
            "Vary": "Origin, X-Origin, Referer",
            "Server-Timing": f"gfet4t7; dur={15 + round(self.seconds_per_picture * 1000)}",
            "X-Gemini-Service-Tier": "standard",
        }

    async def _handle(self, visit: Visit, handler: Handler) -> Answer:
        """In a stream a success without a picture is an event, like everything."""
        heard = visit.heard
        answer = self._wrapped(heard, await super()._handle(visit, handler))
        if answer.status >= 400 or answer.streamed or not _is_stream(heard):
            return answer
        event = self.as_event(answer)
        return replace(Answer.of_events([event]), charge=answer.charge, seconds=answer.seconds)

    def _wrapped(self, heard: Heard, answer: Answer) -> Answer:
        """Errors stand in an array where the answer itself would be one."""
        is_array = _is_stream(heard) and _query(heard).get("alt") != "sse"
        wraps = is_array or self.facts.wraps_errors or heard.path.startswith(compat.ROOT)
        return in_array(answer) if wraps else answer


def _is_stream(heard: Heard) -> bool:
    return heard.path.endswith(":streamGenerateContent")


def _query(heard: Heard) -> dict[str, str]:
    return dict(parse_qsl(heard.query))


def _scripted_ending(scripted: Scripted | None) -> Ending | None:
    if scripted is None or scripted.fault is not Fault.NO_IMAGE:
        return None
    endings = ENDINGS_BY_FAULT[Fault.NO_IMAGE]
    return endings[scripted.variant or next(iter(endings))]


def _talk(model: str, body: Generate) -> Answer:
    """A model that only writes."""
    modalities = (body.generation_config or GenerationConfig()).response_modalities or []
    if "IMAGE" in modalities:
        asked = ", ".join(modalities)
        raise bad_request(
            f"The requested combination of response modalities ({asked}) is not supported by the"
            f" model. models/{model} accepts the following combination of response modalities:\n"
            "* TEXT\n"
        )
    content: JsonValue = {"role": "model", "parts": [{"text": "A red mug."}]}
    candidate: JsonValue = {"content": content, "finishReason": "STOP", "index": 0}
    return told({"candidates": [candidate], "modelVersion": model, "responseId": "t3Xt"})

"""The outermost middleware: every request has an id, and whatever goes wrong is an answer."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from imageway.core.errors import ImagewayError
from imageway.core.run import fresh_id
from imageway.core.streaming import our_bug
from imageway.serving.answers import REQUEST_ID, problem_answer
from imageway.serving.problems import Problem, Refused, problem_of

ID = web.RequestKey("id", str)

log = logging.getLogger("imageway")

CODE_BY_STATUS: Mapping[int, str] = {
    404: "unknown_url",
    405: "method_not_allowed",
    413: "too_large",
    417: "expectation_failed",
}


def request_id(request: web.BaseRequest) -> str:
    """The id of this request; a client's own is never taken over."""
    known = request.get(ID)
    if known is None:
        known = request[ID] = fresh_id("req")
    return known


Envelope = Callable[[web.BaseRequest, Refused], web.Response]


@dataclass(frozen=True, slots=True)
class Voice:
    """How a service says what went wrong; `busy` is said where nothing was read at all."""

    envelope: Envelope
    busy: bytes


def in_openais_words(request: web.BaseRequest, refused: Refused) -> web.Response:
    """The envelope that OpenAI's clients read."""
    return problem_answer(refused.problem, request_id(request))


OPENAI = Voice(
    in_openais_words,
    b'{"error":{"message":"too many connections; try again in a second",'
    b'"type":"server_error","param":null,"code":"overloaded"}}',
)


def walled(envelope: Envelope) -> Middleware:
    """Make the wall of a service that has its own envelope."""

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        request_id(request)
        try:
            return await handler(request)
        except Refused as refused:
            return envelope(request, refused)
        except ImagewayError as error:
            return envelope(request, Refused(problem_of(error.info)))
        except web.HTTPException as error:
            return envelope(request, http_refusal(request, error))
        except ConnectionError:
            raise
        except Exception as error:  # noqa: BLE001 - an outer wall: a bug must be an answer too
            return envelope(request, _bug(request, error))

    return guarded


wall = walled(in_openais_words)


async def name_answer(request: web.Request, response: web.StreamResponse) -> None:
    """Put the id on every answer, just before its headers go out."""
    response.headers.setdefault(REQUEST_ID, request_id(request))
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers["Server"] = "imageway"


def http_refusal(request: web.BaseRequest, error: web.HTTPException) -> Refused:
    """What aiohttp itself refuses, such as an unknown path, as a problem of ours."""
    code = CODE_BY_STATUS.get(error.status, HTTPStatus(error.status).name.lower())
    allowed = error.headers.get("Allow")
    problem = Problem(
        error.status,
        code,
        f"{error.reason.lower()}: {request.method} {request.path[:100]!r}",
        hint=f"use {allowed}" if allowed else _near_path(request, error.status),
        headers={"Allow": allowed} if allowed else {},
    )
    return Refused(problem)


def _near_path(request: web.BaseRequest, status: int) -> str | None:
    if status != 404 or not isinstance(request, web.Request):
        return None
    known = [resource.canonical for resource in request.app.router.resources()]
    near = get_close_matches(request.path[:100], known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else None


def _bug(request: web.Request, error: Exception) -> Refused:
    """Log a bug; where the answer has begun already, the connection can only be cut."""
    info = our_bug(error, request_id(request))
    if request.writer.output_size > 0:
        raise ConnectionResetError("the answer had begun") from error
    return Refused(problem_of(info))

"""The outermost middleware: every request has an id, and whatever goes wrong is an answer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from difflib import get_close_matches
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

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


@web.middleware
async def wall(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer, and turn every exception into the error envelope."""
    number = request_id(request)
    try:
        return await handler(request)
    except Refused as refused:
        return problem_answer(refused.problem, number)
    except ImagewayError as error:
        return problem_answer(problem_of(error.info), number)
    except web.HTTPException as error:
        return http_answer(request, error)
    except ConnectionError:
        raise
    except Exception as error:  # noqa: BLE001 - an outer wall: a bug must be an answer too
        return _bug(request, error)


async def name_answer(request: web.Request, response: web.StreamResponse) -> None:
    """Put the id on every answer, just before its headers go out."""
    response.headers.setdefault(REQUEST_ID, request_id(request))
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers["Server"] = "imageway"


def http_answer(request: web.BaseRequest, error: web.HTTPException) -> web.Response:
    """Say aiohttp's own refusals, such as an unknown path, in our envelope."""
    code = CODE_BY_STATUS.get(error.status, HTTPStatus(error.status).name.lower())
    allowed = error.headers.get("Allow")
    problem = Problem(
        error.status,
        code,
        f"{error.reason.lower()}: {request.method} {request.path[:100]!r}",
        hint=f"use {allowed}" if allowed else _near_path(request, error.status),
        headers={"Allow": allowed} if allowed else {},
    )
    return problem_answer(problem, request_id(request))


def _near_path(request: web.BaseRequest, status: int) -> str | None:
    if status != 404 or not isinstance(request, web.Request):
        return None
    known = [resource.canonical for resource in request.app.router.resources()]
    near = get_close_matches(request.path[:100], known, n=1, cutoff=0.5)
    return f"did you mean {near[0]!r}?" if near else None


def _bug(request: web.Request, error: Exception) -> web.StreamResponse:
    """Log a bug; where the answer has begun already, the connection can only be cut."""
    info = our_bug(error, request_id(request))
    if request.writer.output_size > 0:
        raise ConnectionResetError("the answer had begun") from error
    return problem_answer(problem_of(info), request_id(request))

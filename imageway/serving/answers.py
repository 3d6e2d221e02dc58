"""Answers as JSON: what was asked for, or the one shape that every error has."""

from __future__ import annotations

from collections.abc import Mapping

import orjson
from aiohttp import web
from pydantic import JsonValue

from imageway.serving.problems import Problem

REQUEST_ID = "X-Request-Id"
# The error code of an answer, for whoever counts answers.
CODE = web.ResponseKey("code", str)


def json_answer(
    value: Mapping[str, JsonValue], status: int = 200, headers: Mapping[str, str] | None = None
) -> web.Response:
    """Write a small value; it is not to be kept by caches."""
    return web.Response(
        body=orjson.dumps(value),
        status=status,
        content_type="application/json",
        headers={"Cache-Control": "no-store", **(headers or {})},
    )


def problem_answer(problem: Problem, request_id: str) -> web.Response:
    """Write an error; its reason phrase is all that some clients show."""
    answer = web.Response(
        body=orjson.dumps(problem.body(request_id)),
        status=problem.status,
        reason=problem.reason,
        content_type="application/json",
        headers={**problem.all_headers, REQUEST_ID: request_id, "Cache-Control": "no-store"},
    )
    answer[CODE] = problem.code
    return answer

"""Errors as the service says them: its own shape, and OpenAI's under /v1."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import orjson
from aiohttp import web

from imageway.qwen.api.fields import MOST_BYTES
from imageway.qwen.api.language import language_of
from imageway.qwen.api.state import call_id
from imageway.qwen.codes import ROW_BY_CODE, Code, Words
from imageway.qwen.trouble import Refusal, Trouble
from imageway.serving.answers import CODE, REQUEST_ID
from imageway.serving.problems import Problem, Refused
from imageway.serving.wall import Voice

OPENAIS = "/v1/"
CODE_BY_PROBLEM: Mapping[str, Code] = {
    "unknown_url": Code.ADDRESS,
    "method_not_allowed": Code.ADDRESS,
    "internal_error": Code.BUG,
}
TOO_LARGE = Trouble(
    Code.BODY,
    Words(f"The body is larger than {MOST_BYTES} bytes", f"请求体超过 {MOST_BYTES} 字节"),
    http_status=413,
    limit=MOST_BYTES,
)


def in_our_words(request: web.BaseRequest, refused: Refused) -> web.Response:
    """Any refusal as an answer, in the caller's language."""
    trouble = refused.trouble if isinstance(refused, Refusal) else trouble_of(refused.problem)
    answer = error_answer(request, trouble)
    answer.headers.update(refused.problem.headers)
    return answer


def trouble_of(problem: Problem) -> Trouble:
    """What went wrong before the service itself was asked."""
    if problem.code == "too_large":
        return TOO_LARGE
    code = CODE_BY_PROBLEM.get(problem.code, Code.BUG if problem.status >= 500 else Code.BODY)
    words = ROW_BY_CODE[code].words
    if code is not Code.BUG:
        words = replace(words, en=problem.sentence[:1].upper() + problem.sentence[1:])
    return Trouble(code, words, http_status=problem.status)


def error_answer(request: web.BaseRequest, trouble: Trouble) -> web.Response:
    """A trouble as an answer; clients that read no body read its headers."""
    number, language = call_id(request), language_of(request)
    if request.path.startswith(OPENAIS):
        body = trouble.problem(language).body(number)
    else:
        body = trouble.body(number, language)
    headers = {**trouble.problem("en").all_headers, "X-Code": str(int(trouble.code))}
    answer = web.Response(
        body=orjson.dumps(body),
        status=trouble.status,
        content_type="application/json",
        headers={**headers, REQUEST_ID: number, "Cache-Control": "no-store"},
    )
    answer[CODE] = str(int(trouble.code))
    return answer


BUSY = orjson.dumps(
    Trouble(
        Code.BUSY,
        Words("Too many connections, try again in a second", "连接过多，请稍后重试"),
        retry_after=1,
    ).body("req_00000000", "en")
)
VOICE = Voice(in_our_words, BUSY)

"""A text model in small, in a process of its own: python -m tests.e2e.writer PORT.

It calls the tool that its last message names, as `call NAME {"argument": …}`, and then repeats what
the tool said.
"""

from __future__ import annotations

import json
import re
import sys

from aiohttp import web
from pydantic import JsonValue, TypeAdapter

Json = dict[str, JsonValue]
BODY: TypeAdapter[Json] = TypeAdapter(Json)
MESSAGES: TypeAdapter[list[Json]] = TypeAdapter(list[Json])
CALL = re.compile(r"call (\w+) (\{.*\})")


async def models(request: web.Request) -> web.Response:
    return web.json_response({"object": "list", "data": [{"id": "writer", "object": "model"}]})


async def complete(request: web.Request) -> web.StreamResponse:
    body = BODY.validate_json(await request.read())
    last = MESSAGES.validate_python(body["messages"])[-1]
    found = CALL.search(str(last.get("content")))
    if last.get("role") == "tool" or found is None or body.get("stream") is not True:
        return await streamed(request, {"content": str(last.get("content"))}, "stop")
    function: Json = {"name": found[1], "arguments": found[2]}
    call: Json = {"index": 0, "id": "call_1", "type": "function", "function": function}
    return await streamed(request, {"tool_calls": [call]}, "tool_calls")


async def streamed(request: web.Request, delta: Json, reason: str) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    parts: tuple[tuple[Json, str | None], ...] = ((delta, None), ({}, reason))
    for part, end in parts:
        chunk = {"choices": [{"index": 0, "delta": part, "finish_reason": end}]}
        await response.write(f"data: {json.dumps(chunk)}\n\n".encode())
    await response.write(b"data: [DONE]\n\n")
    return response


if __name__ == "__main__":
    app = web.Application(client_max_size=1 << 26)
    app.add_routes([web.get("/v1/models", models), web.post("/v1/chat/completions", complete)])
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), print=None)

"""Which models a caller can ask for, as OpenAI lists them."""

from __future__ import annotations

from aiohttp import web
from pydantic import JsonValue

from imageway.providers.loading import nearest
from imageway.server.auth import caller_of
from imageway.server.state import Gateway, gateway_of
from imageway.serving.answers import json_answer
from imageway.serving.problems import Problem, Refused


async def list_models(request: web.Request) -> web.Response:
    """Routes first, then provider/model; what the key may not use is left out."""
    gateway = gateway_of(request)
    names = await _usable(request)
    return json_answer({"object": "list", "data": [_model(gateway, name) for name in names]})


async def get_model(request: web.Request) -> web.Response:
    """One model by its id, which may hold a slash."""
    wanted = request.match_info["id"]
    names = await _usable(request)
    if wanted in names:
        return json_answer(_model(gateway_of(request), wanted))
    raise Refused(
        Problem(
            404,
            "model_not_found",
            f"there is no model {wanted[:100]!r}",
            hint=nearest(wanted, names),
            param="model",
        )
    )


async def _usable(request: web.Request) -> list[str]:
    caller = caller_of(request)
    return [name for name in await gateway_of(request).way.models() if caller.may_use(name)]


def _model(gateway: Gateway, name: str) -> dict[str, JsonValue]:
    is_route = name in gateway.way.snapshot.router.routes
    owner = "imageway" if is_route else name.partition("/")[0]
    return {"id": name, "object": "model", "created": gateway.started, "owned_by": owner}

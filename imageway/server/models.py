"""Which models a caller can ask for, as OpenAI lists them."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web
from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.powers import Entitlement
from imageway.providers.loading import nearest
from imageway.providers.rights import is_checked, right
from imageway.providers.snapshot import Snapshot
from imageway.server.auth import caller_of
from imageway.server.state import Gateway, gateway_of
from imageway.serving.answers import json_answer
from imageway.serving.problems import Problem, Refused

TRUE = frozenset({"true", "1"})
# Open WebUI reads these: without them it sends 20 KB of tools along with each message.
ABLE: dict[str, JsonValue] = {
    "builtin_tools": False,
    "image_generation": False,
    "web_search": False,
    "code_interpreter": False,
    "vision": True,
    "usage": True,
}
ABOUT_THE_NAME = frozenset({ErrorCode.NOT_FOUND, ErrorCode.INVALID_REQUEST})


async def list_models(request: web.Request) -> web.Response:
    """Routes first, then provider/model; what the key may not use is left out."""
    gateway = gateway_of(request)
    names = await _usable(request)
    return json_answer({"object": "list", "data": [_model(gateway, name) for name in names]})


async def get_model(request: web.Request) -> web.Response:
    """One model by its id, which may hold a slash, and the verdict on it where one is to be had.

    `recheck=true` believes no earlier no. What a vendor has in any number stands in no list.
    """
    wanted, gateway = request.match_info["id"], gateway_of(request)
    names = await _usable(request)
    verdict = await _verdict(request, wanted)
    if wanted not in names and verdict is None:
        raise Refused(_unknown(wanted, names))
    told = {} if verdict is None else {"entitlement": verdict}
    return json_answer({**_model(gateway, wanted), **told})


def _unknown(wanted: str, names: Sequence[str]) -> Problem:
    return Problem(
        404,
        "model_not_found",
        f"there is no model {wanted[:100]!r}",
        hint=nearest(wanted, names),
        param="model",
    )


async def _verdict(request: web.Request, wanted: str) -> dict[str, JsonValue] | None:
    """The verdict on a model that the key may use; a vendor that is down has none."""
    snapshot = gateway_of(request).way.snapshot
    if not caller_of(request).may_use(wanted) or not is_checked(snapshot, wanted):
        return None
    recheck = request.query.get("recheck", "").lower() in TRUE
    try:
        found = await right(snapshot, wanted, recheck=recheck)
    except ImagewayError as error:
        if error.info.code in ABOUT_THE_NAME:
            raise
        return Entitlement(allowed=None, reason=error.info.message).told()
    return None if found is None else found.verdict.told()


async def _usable(request: web.Request) -> list[str]:
    caller = caller_of(request)
    return [name for name in await gateway_of(request).way.models() if caller.may_use(name)]


def _model(gateway: Gateway, name: str) -> dict[str, JsonValue]:
    snapshot = gateway.way.snapshot
    route = snapshot.source.config.routes.get(name)
    title = route.title if route is not None else None
    owner = "imageway" if route is not None else name.partition("/")[0]
    return {
        "id": name,
        "object": "model",
        "created": gateway.started,
        "owned_by": owner,
        "name": title or name,
        "info": {"meta": {"description": _description(snapshot, name), "capabilities": ABLE}},
    }


def _description(snapshot: Snapshot, name: str) -> str:
    """Who draws, in the order of being asked."""
    targets = snapshot.router.routes.get(name, ())
    makers = list(dict.fromkeys(target.name for target in targets)) or [name]
    return f"Draws with {', else with '.join(makers)}."

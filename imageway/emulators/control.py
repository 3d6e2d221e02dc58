"""The control page of an emulator: look at what it heard, script faults, start anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aiohttp import web
from pydantic import JsonValue, ValidationError

from imageway.emulators.answer import Charge
from imageway.emulators.faults import Scripted
from imageway.emulators.heard import Heard

if TYPE_CHECKING:
    from imageway.emulators.base import Emulator

ROOT = "/_emulator"


def add_control(app: web.Application, emulator: Emulator) -> None:
    """Put the control page into an application; its requests are not heard."""

    async def look(request: web.Request) -> web.Response:
        return web.json_response(_state(emulator))

    async def listen(request: web.Request) -> web.Response:
        return web.json_response([_told(heard) for heard in emulator.heard])

    async def script(request: web.Request) -> web.Response:
        try:
            emulator.add(Scripted.model_validate_json(await request.read()))
        except ValidationError as error:
            problems = error.errors(include_url=False, include_context=False, include_input=False)
            return web.json_response({"errors": problems}, status=422)
        except ValueError as error:
            return web.json_response({"errors": [{"msg": str(error)}]}, status=422)
        return web.json_response(_state(emulator))

    async def reset(request: web.Request) -> web.Response:
        emulator.reset()
        return web.json_response(_state(emulator))

    app.router.add_get(ROOT, look)
    app.router.add_get(f"{ROOT}/heard", listen)
    app.router.add_post(f"{ROOT}/faults", script)
    app.router.add_post(f"{ROOT}/reset", reset)


def _state(emulator: Emulator) -> dict[str, JsonValue]:
    return {
        "name": emulator.name,
        "heard": len(emulator.heard),
        "charges": [_billed(charge) for charge in emulator.charges],
        "faults": [
            scripted.model_dump(mode="json", exclude_defaults=True)
            for scripted in emulator.playlist.pending()
        ],
        "can_say": [*sorted(emulator.can_say)],
    }


def _billed(charge: Charge) -> dict[str, JsonValue]:
    return {
        "what": charge.what,
        "pictures": charge.pictures,
        "amount": str(charge.amount),
        "unit": charge.unit,
    }


def _told(heard: Heard) -> dict[str, JsonValue]:
    return {
        "method": heard.method,
        "path": heard.path,
        "query": heard.query,
        "headers": [[name, value] for name, value in heard.headers],
        "body": heard.body,
        "parts": [
            {
                "name": part.name,
                "filename": part.filename,
                "content_type": part.content_type,
                "size": part.size,
                "sha256": part.sha256,
                "text": part.text if part.filename is None else None,
            }
            for part in heard.parts
        ],
    }

"""The pipe as an administrator installs it."""

from __future__ import annotations

from pydantic import TypeAdapter

from tests.checkout import ROOT, text
from tests.e2e.stage import Stage
from tests.e2e.webui import Json, WebUI

FILE = ROOT / "imageway" / "openwebui" / "imageway_pipe.py"
LIST: TypeAdapter[list[Json]] = TypeAdapter(list[Json])
NAME = "imageway"


async def through_pipe(stage: Stage, webui: WebUI, model: str) -> str:
    """Install the pipe, if that is not done yet, and return its name for a model of ours."""
    installed = LIST.validate_python(await webui.ask("GET", "/api/v1/functions/"))
    if not any(each["id"] == NAME for each in installed):
        await install(stage, webui)
    return f"{NAME}.{model}"


async def install(stage: Stage, webui: WebUI) -> None:
    """Paste the file, switch it on, and say where the gateway is."""
    about: Json = {"description": "draws through imageway"}
    form: Json = {"id": NAME, "name": NAME, "content": text(FILE), "meta": about}
    await webui.ask("POST", "/api/v1/functions/create", form)
    valves: Json = {"BASE_URL": f"{stage.gateway}/openwebui/v1"}
    await webui.ask("POST", f"/api/v1/functions/id/{NAME}/valves/update", valves)
    await webui.ask("POST", f"/api/v1/functions/id/{NAME}/toggle")
    await webui.models()

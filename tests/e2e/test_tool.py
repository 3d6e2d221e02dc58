"""A text model that draws through the tool: the person sees pictures, the model hears words."""

from __future__ import annotations

import json
import re

from pydantic import TypeAdapter

from tests.checkout import ROOT, text
from tests.e2e.kept import files_of, picture_of
from tests.e2e.stage import Stage
from tests.e2e.webui import Json, WebUI

FILE = ROOT / "imageway" / "openwebui" / "imageway_tool.py"
LIST: TypeAdapter[list[Json]] = TypeAdapter(list[Json])
NAME = "imageway_pictures"


async def installed(stage: Stage, webui: WebUI) -> str:
    """Install the tool, if that is not done yet."""
    known = LIST.validate_python(await webui.ask("GET", "/api/v1/tools/"))
    if not any(each["id"] == NAME for each in known):
        form: Json = {"id": NAME, "name": NAME, "content": text(FILE), "meta": {"description": ""}}
        await webui.ask("POST", "/api/v1/tools/create", form)
        valves: Json = {"BASE_URL": f"{stage.gateway}/v1", "MODEL": "photo"}
        await webui.ask("POST", f"/api/v1/tools/id/{NAME}/valves/update", valves)
    return NAME


def call(name: str, **arguments: str | int) -> str:
    return f"call {name} {json.dumps(arguments)}"


async def test_a_text_model_draws_and_changes_a_picture(stage: Stage, webui: WebUI) -> None:
    tool = await installed(stage, webui)
    wish = call("draw_pictures", prompt="a red fox", count=2)
    first = await webui.say("writer", wish, tools=[tool])
    kept = await webui.answered(first)
    found = re.search(r"file-[0-9a-f]{48}", str(kept["content"]))
    assert found is not None, kept
    assert len(files_of(kept)) == 2
    await picture_of(webui, files_of(kept)[0])
    change = call("change_picture", picture=found[0], change="make it blue")
    kept = await webui.answered(await webui.say("writer", change, after=first, tools=[tool]))
    assert len(files_of(kept)) == 1
    assert stage.shop.paths()[-1] == "POST /v1/images/edits"


async def test_what_was_not_drawn_is_told_to_the_text_model(stage: Stage, webui: WebUI) -> None:
    tool = await installed(stage, webui)
    stage.shop.ask("/faults", {"fault": "refused", "after": 1})
    wish = call("draw_pictures", prompt="two foxes", count=2)
    kept = await webui.answered(await webui.say("writer", wish, tools=[tool]))
    assert len(files_of(kept)) == 1
    assert "Not drawn: shop refused the content" in str(kept["content"])

"""The end of the red border: what the chat says of a model that is not bought, and afterwards."""

from __future__ import annotations

from tests.e2e.kept import error_of, files_of
from tests.e2e.stage import Stage
from tests.e2e.webui import WebUI

BOUGHT = {"version": 777002, "what": "generation", "bust": True}


async def test_a_model_that_is_not_bought_says_until_when_and_where(
    stage: Stage, webui: WebUI
) -> None:
    first = await webui.say("harbour", "a harbour at night")
    kept = await webui.answered(first)
    print(error_of(kept), stage.civitai.paths())
    stage.civitai.ask("/buy", {**BOUGHT})
    second = await webui.say("harbour", "a harbour at night", after=first)
    kept = await webui.answered(second)
    print(error_of(kept), kept, stage.civitai.paths())
    assert files_of(kept)

"""The end of the red border: what the chat says of a model that is not bought, and afterwards."""

from __future__ import annotations

from tests.e2e.kept import error_of, files_of
from tests.e2e.stage import Stage
from tests.e2e.webui import WebUI

ORDER = "POST /v2/consumer/workflows"


async def test_it_says_until_when_and_where_to_buy_and_draws_once_it_is_bought(
    stage: Stage, webui: WebUI
) -> None:
    first = await webui.say("harbour", "a harbour at night")
    told = error_of(await webui.answered(first))
    assert "it is in early access until " in told
    assert f"buy it at {stage.civitai.url}/models/555001?modelVersionId=777002" in told
    assert ORDER not in stage.civitai.paths()
    stage.civitai.ask("/buy", {"version": 777002, "bust": True})
    second = await webui.say("harbour", "a harbour at night", after=first)
    kept = await webui.answered(second)
    assert (error_of(kept), len(files_of(kept))) == ("", 1)
    assert stage.civitai.paths().count(ORDER) == 1

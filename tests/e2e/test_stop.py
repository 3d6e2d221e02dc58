"""Stop in the chat: what is local or not sent yet ends at once, and the pipe ends everything."""

from __future__ import annotations

from tests.e2e.piped import through_pipe
from tests.e2e.stage import Stage
from tests.e2e.webui import WebUI

DRAWN = "POST /v1/images/generations"
# "Within a second", and what a busy machine needs to look.
AT_ONCE = 1.0


async def test_stop_ends_local_work(stage: Stage, webui: WebUI) -> None:
    before = stage.running()
    asked = await webui.say("home", "a slow fox")
    await webui.page.until(asked.answer, "status")
    await stage.until_running(before + 1, 5)
    await webui.stop(asked)
    await stage.until_running(before, AT_ONCE)


async def test_stop_ends_what_was_not_sent_yet(stage: Stage, webui: WebUI) -> None:
    first = await webui.say("patience", "a slow fox")
    await webui.page.until(first.answer, "status")
    before = stage.running()
    second = await webui.say("patience", "a fox behind it in the line")
    await webui.page.until(second.answer, "status", 2)
    assert any("Queued" in str(each.data) for each in webui.page.of(second.answer, "status"))
    await webui.stop(second)
    await stage.until_running(before, AT_ONCE)
    assert stage.slow.paths() == [DRAWN]


async def test_what_was_sent_and_may_cost_is_awaited(stage: Stage, webui: WebUI) -> None:
    before = stage.running()
    asked = await webui.say("dear", "a fox that is paid for")
    await webui.page.until(asked.answer, "status")
    await stage.until_running(before + 1, 5)
    await webui.stop(asked)
    assert stage.running() == before + 1


async def test_stop_of_the_pipe_ends_everything(stage: Stage, webui: WebUI) -> None:
    model = await through_pipe(stage, webui, "dear")
    before = stage.running()
    # The same wish as above would find that job, which is still under way.
    asked = await webui.say(model, "a fox that is stopped")
    await webui.page.until(asked.answer, "status")
    await stage.until_running(before + 1, 5)
    await webui.stop(asked)
    await stage.until_running(before, AT_ONCE)

"""Open WebUI with the gateway as a chat connection: what the person sees, and what is kept."""

from __future__ import annotations

from tests.e2e.stage import Stage
from tests.e2e.webui import WebUI


async def test_x(stage: Stage, webui: WebUI) -> None:
    models = await webui.models()
    print({k: (v.get("name"), str(v)[:300]) for k, v in models.items()})
    asked = await webui.say(
        "photo",
        "a red fox in the snow --n 2",
        tasks={"title_generation": True, "tags_generation": True, "follow_up_generation": True},
    )
    kept = await webui.answered(asked)
    print(kept)
    for e in webui.page.heard:
        print(round(e.at - asked.at, 2), e.type, str(e.data)[:200])
    print(len(await webui.chat_json(asked.chat)))
    print(stage.shop.paths())

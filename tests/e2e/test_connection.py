"""Open WebUI with the gateway as a chat connection: what the person sees, and what is kept."""

from __future__ import annotations

from tests.e2e.kept import error_of, files_of, picture_of, statuses_of
from tests.e2e.stage import Stage
from tests.e2e.webui import USUAL_TASKS, WebUI
from tests.server.lab import png

DRAWN = "POST /v1/images/generations"
EDITED = "POST /v1/images/edits"
# What a chat with one picture may weigh; with base64 in it it would be thousands of these.
MOST_BYTES = 4096


async def test_the_models_are_in_the_picker_and_say_that_they_want_no_tools(webui: WebUI) -> None:
    models = await webui.models()
    assert models["photo"]["name"] == "Photo"
    assert '"builtin_tools": false' in str(models["photo"]["info"]).replace("'", '"').lower()


async def test_a_picture_is_kept_as_a_file_and_hidden_tasks_draw_nothing(
    stage: Stage, webui: WebUI
) -> None:
    asked = await webui.say("photo", "a red fox in the snow", tasks=USUAL_TASKS)
    kept = await webui.answered(asked)
    [title] = await webui.page.until(asked.answer, "chat:title")
    assert title.data == "A red fox in the snow"
    await webui.page.until(asked.answer, "chat:tags")
    await webui.page.until(asked.answer, "chat:message:follow_ups")
    found = await picture_of(webui, files_of(kept)[0])
    assert (found.width, found.height) == (1024, 1024)
    assert stage.shop.paths() == [DRAWN]


async def test_a_chat_is_small_and_has_no_picture_in_it(webui: WebUI) -> None:
    asked = await webui.say("photo", "a red fox in the snow", tasks=USUAL_TASKS)
    await webui.answered(asked)
    whole = await webui.chat_json(asked.chat)
    assert len(whole) < MOST_BYTES
    assert "base64" not in whole


async def test_the_chat_keeps_how_it_went_and_what_it_cost(webui: WebUI) -> None:
    kept = await webui.answered(await webui.say("photo", "a red fox in the snow"))
    first, *_, last = statuses_of(kept)
    assert first == ("Drawing with shop/gpt-image-2", False)
    assert last[0].startswith("1 picture, $")
    assert last[1] is True
    usage = kept["usage"]
    assert isinstance(usage, dict)
    assert usage["images"] == 1
    assert float(str(usage["cost"])) > 0


async def test_of_two_pictures_one_comes_and_the_other_says_why_not(
    stage: Stage, webui: WebUI
) -> None:
    stage.shop.ask("/faults", {"fault": "refused", "after": 1})
    kept = await webui.answered(await webui.say("photo", "two foxes --n 2"))
    assert len(files_of(kept)) == 1
    assert error_of(kept).startswith("picture 2 of 2: shop refused the content; change the prompt")


async def test_what_cannot_be_drawn_is_a_sentence(webui: WebUI) -> None:
    kept = await webui.answered(await webui.say("photo", "a fox --size enormous"))
    assert files_of(kept) == []
    assert "a size is written WIDTHxHEIGHT, such as 1024x768, got 'enormous'" in error_of(kept)


async def test_the_second_turn_edits_the_first_picture(stage: Stage, webui: WebUI) -> None:
    first = await webui.say("photo", "a red fox in the snow")
    await webui.answered(first)
    second = await webui.say("photo", "make it blue", after=first)
    kept = await webui.answered(second)
    assert stage.shop.paths() == [DRAWN, EDITED]
    assert len(files_of(kept)) == 1
    third = await webui.say("photo", "a new picture of a lighthouse", after=second)
    await webui.answered(third)
    assert stage.shop.paths() == [DRAWN, EDITED, DRAWN]


async def test_a_picture_that_is_attached_is_edited(stage: Stage, webui: WebUI) -> None:
    file = await webui.upload("red.png", png(), "image/png")
    kept = await webui.answered(await webui.say("photo", "give it a hat", files=[file]))
    assert len(files_of(kept)) == 1
    assert stage.shop.paths() == [EDITED]

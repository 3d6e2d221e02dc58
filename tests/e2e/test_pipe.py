"""Open WebUI with the pipe, installed by its API."""

from __future__ import annotations

from tests.e2e.kept import error_of, files_of, picture_of, statuses_of
from tests.e2e.piped import NAME, through_pipe
from tests.e2e.stage import Stage
from tests.e2e.webui import USUAL_TASKS, Json, WebUI

DRAWN = "POST /v1/images/generations"
EDITED = "POST /v1/images/edits"
MOST_BYTES = 4096


async def test_the_pipe_lists_our_models(stage: Stage, webui: WebUI) -> None:
    photo = await through_pipe(stage, webui, "photo")
    assert (await webui.models())[photo]["name"] == "imageway: Photo"


async def test_a_picture_is_kept_as_a_file_and_hidden_tasks_draw_nothing(
    stage: Stage, webui: WebUI
) -> None:
    photo = await through_pipe(stage, webui, "photo")
    asked = await webui.say(photo, "a red fox in the snow --seed 7", tasks=USUAL_TASKS)
    kept = await webui.answered(asked)
    [title] = await webui.page.until(asked.answer, "chat:title")
    await webui.page.until(asked.answer, "chat:tags")
    assert title.data == "a red fox in the snow"
    found = await picture_of(webui, files_of(kept)[0])
    assert (found.width, found.height) == (1024, 1024)
    assert stage.shop.paths() == [DRAWN]
    assert statuses_of(kept)[0][0] == "Drawing with shop/gpt-image-2"
    assert statuses_of(kept)[-1][1] is True
    whole = await webui.chat_json(asked.chat)
    assert len(whole) < MOST_BYTES
    assert "base64" not in whole


async def test_of_two_pictures_one_comes_and_the_other_says_why_not(
    stage: Stage, webui: WebUI
) -> None:
    photo = await through_pipe(stage, webui, "photo")
    stage.shop.ask("/faults", {"fault": "refused", "after": 1})
    kept = await webui.answered(await webui.say(photo, "two foxes --n 2"))
    assert len(files_of(kept)) == 1
    assert error_of(kept).startswith("picture 2 of 2: shop refused the content")


async def test_the_second_turn_edits_the_first_picture(stage: Stage, webui: WebUI) -> None:
    photo = await through_pipe(stage, webui, "photo")
    first = await webui.say(photo, "a red fox in the snow")
    await webui.answered(first)
    kept = await webui.answered(await webui.say(photo, "make it blue", after=first))
    assert (error_of(kept), len(files_of(kept))) == ("", 1)
    assert stage.shop.paths() == [DRAWN, EDITED]


async def test_a_picture_that_another_model_drew_is_edited(stage: Stage, webui: WebUI) -> None:
    photo = await through_pipe(stage, webui, "photo")
    first = await webui.say("painter", "a red circle")
    await webui.answered(first)
    kept = await webui.answered(await webui.say(photo, "make it blue", after=first))
    assert (error_of(kept), len(files_of(kept))) == ("", 1)
    assert stage.shop.paths() == [EDITED]


async def test_a_person_sets_size_and_count_for_themselves(stage: Stage, webui: WebUI) -> None:
    photo = await through_pipe(stage, webui, "photo")
    own: Json = {"SIZE": "1536x1024", "COUNT": 2, "SEED": -1, "STYLE": ""}
    await webui.ask("POST", f"/api/v1/functions/id/{NAME}/valves/user/update", own)
    try:
        kept = await webui.answered(await webui.say(photo, "a red fox"))
    finally:
        usual: Json = {"SIZE": "", "COUNT": 0, "SEED": -1, "STYLE": ""}
        await webui.ask("POST", f"/api/v1/functions/id/{NAME}/valves/user/update", usual)
    sizes = [await picture_of(webui, url) for url in files_of(kept)]
    assert [(each.width, each.height) for each in sizes] == [(1536, 1024)] * 2


async def test_what_cannot_be_drawn_is_a_sentence(stage: Stage, webui: WebUI) -> None:
    photo = await through_pipe(stage, webui, "photo")
    kept = await webui.answered(await webui.say(photo, "a fox --size enormous"))
    assert "a size is written WIDTHxHEIGHT, such as 1024x768, got 'enormous'" in error_of(kept)


async def test_a_gateway_that_is_away_is_a_sentence_with_the_way_out(
    stage: Stage, webui: WebUI
) -> None:
    photo = await through_pipe(stage, webui, "photo")
    update = f"/api/v1/functions/id/{NAME}/valves/update"
    await webui.ask("POST", update, {"BASE_URL": "http://127.0.0.1:9/openwebui/v1"})
    try:
        kept = await webui.answered(await webui.say(photo, "a red fox"))
    finally:
        await webui.ask("POST", update, {"BASE_URL": f"{stage.gateway}/openwebui/v1"})
    assert "does not answer" in error_of(kept)
    assert "`imageway serve`" in error_of(kept)

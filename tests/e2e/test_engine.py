"""Open WebUI with the gateway as its image engine, for pictures and for edits of them."""

from __future__ import annotations

from pydantic import JsonValue, TypeAdapter

from tests.e2e.kept import picture_of
from tests.e2e.stage import Stage
from tests.e2e.webui import Json, WebUI
from tests.server.lab import png

MADE: TypeAdapter[list[Json]] = TypeAdapter(list[Json])


async def made(webui: WebUI, path: str, body: Json) -> list[str]:
    """The addresses of what the engine drew."""
    answer = await webui.ask("POST", f"/api/v1/images/{path}", body)
    return [str(each["url"]) for each in MADE.validate_python(answer)]


async def test_the_engine_draws_and_open_webui_keeps_the_files(stage: Stage, webui: WebUI) -> None:
    urls = await made(webui, "generations", {"prompt": "a red fox", "n": 2})
    pictures = [await picture_of(webui, url) for url in urls]
    assert [(each.width, each.height) for each in pictures] == [(1024, 1024)] * 2
    assert set(stage.shop.paths()) == {"POST /v1/images/generations"}


async def test_the_engine_edits_a_picture(stage: Stage, webui: WebUI) -> None:
    file = await webui.upload("red.png", png(), "image/png")
    form: Json = {"image": f"/api/v1/files/{file['id']}/content", "prompt": "make it blue"}
    [url] = await made(webui, "edit", form)
    await picture_of(webui, url)
    assert stage.shop.paths() == ["POST /v1/images/edits"]


async def test_what_the_vendor_refused_reaches_the_person(stage: Stage, webui: WebUI) -> None:
    stage.shop.ask("/faults", {"fault": "refused"})
    said = await refusal(webui, {"prompt": "something wicked"})
    assert "refused the content" in said


async def refusal(webui: WebUI, body: JsonValue) -> str:
    """What Open WebUI says where its engine refuses; of our answer it shows the reason alone."""
    try:
        await webui.ask("POST", "/api/v1/images/generations", body)
    except AssertionError as refused:
        return str(refused)
    return ""

"""The tool against a gateway, without Open WebUI around it; the real one is in tests/e2e."""

from __future__ import annotations

import sys
from base64 import b64decode
from collections.abc import Mapping
from types import ModuleType

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.openwebui.imageway_tool import Tools
from tests.server.lab import Lab, lab, picture, png


def tool_of(it: Lab, base: str = "/v1") -> Tools:
    made = Tools()
    made.valves = Tools.Valves(BASE_URL=it.url + base)
    return made


async def unheard(event: Mapping[str, object]) -> None:
    return


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What Open WebUI was given to keep as the person's files."""
    found: list[bytes] = []

    async def keep(request: object, url: str, metadata: object, user: object) -> str:
        found.append(b64decode(url.partition(",")[2]))
        return "/api/v1/files/1/content"

    users, files = ModuleType("users"), ModuleType("files")
    vars(users)["Users"] = None
    vars(files)["get_image_url_from_base64"] = keep
    monkeypatch.setitem(sys.modules, "open_webui.models.users", users)
    monkeypatch.setitem(sys.modules, "open_webui.utils.files", files)
    return found


@pytest.mark.parametrize("base", ["/v1", "/openwebui/v1", "/v1/"])
async def test_a_picture_is_shown_under_each_address_of_the_gateway(
    it: Lab, kept: list[bytes], base: str
) -> None:
    said = await tool_of(it, base).draw_pictures("a fox", 2, __event_emitter__=unheard)
    assert said.startswith("The user sees the pictures file-")
    assert kept == [png(), png()]


async def test_a_picture_that_has_no_link_is_shown_all_the_same(kept: list[bytes]) -> None:
    async with lab(storage={"size": "1B"}) as it:
        said = await tool_of(it).draw_pictures("a fox", __event_emitter__=unheard)
    assert said == "The user sees 1 of the pictures now that cannot be changed."
    assert kept == [png()]


async def test_a_picture_that_cannot_be_had_is_told_and_no_error_is_shown_for_it(
    it: Lab, kept: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(name: str, caller: str | None) -> None:
        return None

    monkeypatch.setattr(it.gateway.files, "look", nothing)
    said = await tool_of(it).draw_pictures("a fox", __event_emitter__=unheard)
    assert said.startswith("Drawn, but not shown: the picture file-")
    assert said.endswith("cannot be fetched (status 404).")
    assert kept == []


async def test_a_refusal_is_told_in_the_gateways_words(it: Lab) -> None:
    async def refuse(request: ImageRequest, run: Run) -> None:
        raise ImagewayError(ErrorCode.REJECTED, "blocked")

    it.adapter.play = refuse
    assert await tool_of(it).draw_pictures("a fox") == "Not drawn: blocked."


async def test_what_came_and_what_did_not_is_told_in_one_answer(it: Lab) -> None:
    async def half(request: ImageRequest, run: Run) -> None:
        run.failed(ErrorInfo(code=ErrorCode.REJECTED, message="no"), 1)
        run.image(picture(), 0)

    it.adapter.play = half
    said = await tool_of(it).draw_pictures("foxes", 2)
    assert said.startswith("The user sees the pictures file-")
    assert said.endswith(" now. Not drawn: no.")


async def test_a_gateway_that_is_away_is_told() -> None:
    made = Tools()
    made.valves.BASE_URL = "http://127.0.0.1:9/v1"
    assert "does not answer" in await made.draw_pictures("a fox")

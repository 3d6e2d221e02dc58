"""The page itself, in a real browser: the picture, and the error of a request that partly failed.

With IMAGEWAY_SCREENSHOTS=docs the screenshots of docs/open-webui.md are made anew.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.e2e.piped import through_pipe
from tests.e2e.stage import Stage
from tests.e2e.webui import USUAL_TASKS, Json, WebUI
from tests.qwen.browser import Browser, browser

FOLDER = os.environ.get("IMAGEWAY_SCREENSHOTS")
PICTURES = "img[src*='/api/v1/files/']"
LOADED = (
    "const found = [...document.querySelectorAll(arguments[0])];"
    "return found.filter(each => each.naturalWidth > 0).length"
)
# Nobody wants to read the release notes here.
SEEN: Json = {"ui": {"version": "0.12.4", "showChangelog": False}}


async def shown(
    stage: Stage,
    webui: WebUI,
    chat: str,
    folder: Path,
    look: Callable[[Browser], None],
    height: int,
) -> None:
    """Open a chat as a person does, and look at it."""
    await webui.ask("POST", "/api/v1/users/user/settings/update", SEEN)

    def open_and_look() -> None:
        with opened(stage.webui, webui.token, chat, folder, height) as page:
            look(page)

    await asyncio.to_thread(open_and_look)


@contextmanager
def opened(url: str, token: str, chat: str, folder: Path, height: int) -> Generator[Browser]:
    with browser(folder) as page:
        page.resize(960, height)
        page.chrome.get(f"{url}/health")
        page.run("localStorage.token = arguments[0]; localStorage.theme = 'light'", token)
        page.chrome.get(f"{url}/c/{chat}")
        yield page


def text_of(page: Browser) -> str:
    return str(page.run("return document.body.innerText"))


def wait_for_pictures(page: Browser, count: int) -> None:
    """Until so many pictures are there and drawn."""

    def are_drawn() -> bool:
        return page.run(LOADED, PICTURES) == count

    page.until(are_drawn, f"{count} pictures are shown")


def keep(page: Browser, folder: Path, name: str) -> None:
    """Save what the page looks like, small enough for the docs."""
    page.picture(folder / f"{name}.png")
    data = BytesIO()
    Image.open(folder / f"{name}.png").convert("RGB").save(data, "jpeg", quality=72, optimize=True)
    assert len(data.getvalue()) < 150_000
    if FOLDER is not None:
        Path(FOLDER, f"{name}.jpg").write_bytes(data.getvalue())


async def test_the_page_shows_the_picture_and_why_the_other_did_not_come(
    stage: Stage, webui: WebUI, tmp_path: Path
) -> None:
    stage.shop.ask("/faults", {"fault": "refused", "after": 1})
    asked = await webui.say(
        "photo", "a lantern in the rain --n 2 --size 1536x768", tasks=USUAL_TASKS
    )
    await webui.answered(asked)

    def look(page: Browser) -> None:
        wait_for_pictures(page, 1)
        page.until(lambda: "picture 2 of 2: shop refused the content" in text_of(page), "an error")
        assert "1 of 2 pictures" in text_of(page)
        keep(page, tmp_path, "open-webui-partial")

    await shown(stage, webui, asked.chat, tmp_path / "profile", look, 860)


async def test_the_page_shows_a_picture_and_its_edit(
    stage: Stage, webui: WebUI, tmp_path: Path
) -> None:
    first = await webui.say("painter", "a red fox in the snow --size 768x320", tasks=USUAL_TASKS)
    await webui.answered(first)
    second = await webui.say("painter", "make it night", after=first)
    await webui.answered(second)

    def look(page: Browser) -> None:
        wait_for_pictures(page, 2)
        keep(page, tmp_path, "open-webui-chat")

    await shown(stage, webui, second.chat, tmp_path / "profile", look, 1160)


async def test_the_page_says_where_early_access_is_sold(
    stage: Stage, webui: WebUI, tmp_path: Path
) -> None:
    closed = await through_pipe(stage, webui, "closed")
    asked = await webui.say(closed, "a harbour at night", tasks=USUAL_TASKS)
    await webui.answered(asked)

    def look(page: Browser) -> None:
        page.until(lambda: "it is in early access until" in text_of(page), "an error")
        keep(page, tmp_path, "open-webui-early-access")

    await shown(stage, webui, asked.chat, tmp_path / "profile", look, 520)

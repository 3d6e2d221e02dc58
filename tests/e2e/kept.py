"""What Open WebUI keeps of an answer: its files, its status lines, its error."""

from __future__ import annotations

from pydantic import JsonValue, TypeAdapter

from imageway.core.picture import Picture
from tests.e2e.webui import Json, WebUI

LIST: TypeAdapter[list[Json]] = TypeAdapter(list[Json])


def files_of(kept: Json) -> list[str]:
    """The addresses of the pictures that are kept with a message."""
    return [str(each["url"]) for each in LIST.validate_python(kept.get("files") or [])]


def statuses_of(kept: Json) -> list[tuple[str, JsonValue]]:
    """What was said on the way, and whether it was the last."""
    history = LIST.validate_python(kept.get("statusHistory") or [])
    return [(str(each["description"]), each.get("done")) for each in history]


def error_of(kept: Json) -> str:
    """The text of the red box."""
    match kept.get("error"):
        case {"content": {"message": str(text)}} | {"content": str(text)}:
            return text
        case None:
            return ""
        case other:
            return str(other)


async def picture_of(webui: WebUI, url: str) -> Picture:
    """The picture behind an address of Open WebUI's own."""
    assert url.startswith("/api/v1/files/")
    media_type, data = await webui.read(url)
    found = Picture.from_bytes(data)
    assert media_type == found.media_type
    return found

"""How an answer looks: for Open WebUI's page, for clients that know images, and for all others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from imageway.providers.tables.chat import Chat
from imageway.server.dialects.chat.messages import listed, member

BASE = "/openwebui/"
ITS_HEADERS = "x-openwebui-"
# The second is for everybody else.
CHAT_IDS = ("X-OpenWebUI-Chat-Id", "X-Imageway-Chat")
LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Manner:
    """What one client is told, and how; `chat` is the client's own name for the conversation."""

    streams: bool
    events: bool
    images: bool
    links: bool
    inline: bool = False
    usage: bool = True
    chat: str | None = None


def manner_of(request: web.Request, body: Mapping[str, object], settings: Chat) -> Manner:
    """Read how the client wants its answer; Open WebUI is known by its address or its headers."""
    streams = body.get("stream") is True
    chat = _chat_of(request)
    usage = not streams or _wants_usage(body)
    if is_open_webui(request):
        # Its page keeps `images` as files, and reads them only from a stream.
        return Manner(streams, streams, images=streams, links=not streams, chat=chat)
    match settings.pictures:
        case "auto":
            images = _wants_images(body)
            return Manner(streams, False, images, not images, usage=usage, chat=chat)
        case "inline":
            return Manner(streams, False, False, True, inline=True, usage=usage, chat=chat)
        case shape:
            images, links = shape != "links", shape != "images"
            return Manner(streams, False, images, links, usage=usage, chat=chat)


def _chat_of(request: web.Request) -> str | None:
    """The client's own name for the chat; bytes that are no UTF-8 cannot be written down."""
    named = (request.headers.get(name, "").strip()[:LONGEST_ID] for name in CHAT_IDS)
    return next((name.encode(errors="replace").decode() for name in named if name), None)


def is_open_webui(request: web.Request) -> bool:
    """Whether Open WebUI asks; nobody else is to get events, which its page obeys."""
    named = any(name.lower().startswith(ITS_HEADERS) for name in request.headers)
    return named or request.path.startswith(BASE)


def _wants_images(body: Mapping[str, object]) -> bool:
    return "image" in (listed(body.get("modalities")) or ())


def _wants_usage(body: Mapping[str, object]) -> bool:
    return member(body.get("stream_options"), "include_usage") is True

"""A chat answer in words alone, streamed or whole; nothing is drawn for it."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from aiohttp import web

from imageway.server.dialects.chat.lines import DONE, Chunks, Json
from imageway.server.dialects.chat.settings import settings_shown
from imageway.serving.answers import json_answer
from imageway.serving.sse import Feed, send_events

NOTHING_USED: Json = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
HELP = """\
Say what to draw. A message that speaks of the last picture, such as *make it blue*, changes it.

- `/new` at the beginning draws a new picture, `/edit` changes the last one, whatever follows.
- Attached pictures are what a picture starts from.

Settings may stand anywhere in a message:

"""


def help_text() -> str:
    """What can be said in a chat."""
    return HELP + "\n".join(f"- `{name}` {words}" for name, words in settings_shown())


async def say(
    request: web.Request, chunks: Chunks, text: str, *, streams: bool
) -> web.StreamResponse:
    """Answer in words."""
    if not streams:
        return json_answer(_whole(chunks, text))

    async def lines() -> AsyncGenerator[bytes]:
        yield chunks.opening() + chunks.text(text) + chunks.closing() + DONE

    async with Feed(lines()) as feed:
        return await send_events(request, feed, {})


def _whole(chunks: Chunks, text: str) -> Json:
    message: Json = {"role": "assistant", "content": text}
    choice: Json = {"index": 0, "finish_reason": "stop", "message": message}
    return {
        "id": chunks.id,
        "object": "chat.completion",
        "created": chunks.created,
        "model": chunks.model,
        "choices": [choice],
        "usage": NOTHING_USED,
    }

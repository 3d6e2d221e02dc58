"""OpenAI's chat completions: POST /v1/chat/completions, with pictures for answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from imageway.core.errors import invalid
from imageway.core.events import ImageReady
from imageway.providers.jobs import Job
from imageway.providers.keys import Caller
from imageway.server.asking import begin
from imageway.server.auth import caller_of, refuse_foreign_model
from imageway.server.dialects.chat.answer import answer
from imageway.server.dialects.chat.earlier import OWN_LINK
from imageway.server.dialects.chat.intent import split_command
from imageway.server.dialects.chat.lines import Chunks
from imageway.server.dialects.chat.manner import Manner, manner_of
from imageway.server.dialects.chat.memory import CHATS, Moment, Remembered, turns_of
from imageway.server.dialects.chat.messages import Conversation, read_messages
from imageway.server.dialects.chat.saying import help_text, say
from imageway.server.dialects.chat.showing import usual_previews
from imageway.server.dialects.chat.stream import stream
from imageway.server.dialects.chat.tasks import task_answer
from imageway.server.dialects.chat.telling import Keep, Telling
from imageway.server.dialects.chat.wish import Circumstances, read_wish
from imageway.server.dialects.openai_fields import Asked
from imageway.server.dialects.openai_images import border_of
from imageway.server.links import link_to
from imageway.server.state import Gateway, gateway_of
from imageway.serving.body import parse_object, read_body
from imageway.serving.wall import request_id

USUAL_MODEL = "default"
LONGEST_NAME = 100


async def completions(request: web.Request) -> web.StreamResponse:
    """Draw what the last message of a chat asks for."""
    gateway = gateway_of(request)
    caller = caller_of(request)
    gateway.refuse_new_work()
    body = parse_object(await read_body(request, gateway.settings.limits.body))
    manner = manner_of(request, body, gateway.way.snapshot.source.config.chat)
    conversation = read_messages(body.get("messages"))
    words = _words(request, manner, conversation)
    if words is not None:
        chunks = Chunks(request_id(request), str(body.get("model", ""))[:LONGEST_NAME])
        return await say(request, chunks, words, streams=manner.streams)
    return await _draw(_Visit(request, gateway, caller, manner), body, conversation)


def _words(request: web.Request, manner: Manner, conversation: Conversation) -> str | None:
    """The answer to what needs no picture."""
    if split_command(conversation.wish.text).name == "help":
        return help_text()
    return task_answer(request.headers, conversation, streams=manner.streams)


@dataclass(frozen=True, slots=True)
class _Visit:
    """One request, whose it is, and how its answer is to look."""

    request: web.Request
    gateway: Gateway
    caller: Caller
    manner: Manner


async def _draw(
    visit: _Visit, body: Mapping[str, object], conversation: Conversation
) -> web.StreamResponse:
    gateway, caller, manner = visit.gateway, visit.caller, visit.manner
    model = _model(body.get("model"))
    refuse_foreign_model(caller, model)
    turns = turns_of(conversation)
    around = await _circumstances(visit, turns, model)
    asked = await read_wish(body, conversation, around, streams=manner.streams)
    job = await begin(visit.request, asked.request, caller.name)
    chunks = Chunks(job.id, asked.request.model)
    keep = _keeper(visit, job, turns[-1], model)
    telling = Telling(asked, manner, chunks, keep, _beginning(gateway, asked))
    if manner.streams:
        with gateway.metrics.streams.track_inprogress():
            return await stream(visit.request, telling, job)
    return await answer(visit.request, telling, job)


def _model(named: object) -> str:
    if named is None or named == "":
        return USUAL_MODEL
    if not isinstance(named, str):
        raise invalid("model", f"model: must be a text, got {str(named)[:40]!r}")
    return named


async def _circumstances(visit: _Visit, turns: list[str], model: str) -> Circumstances:
    snapshot, chat = visit.gateway.way.snapshot, visit.manner.chat
    remembered: Remembered = {}
    if chat is not None:
        keep = snapshot.source.config.chat.keep
        remembered = await visit.request.app[CHATS].recall(visit.caller.name, chat, model, keep)
    previews = await usual_previews(snapshot, model) if visit.manner.events else None
    border = border_of(visit.gateway, visit.caller)
    return Circumstances(border, model, tuple(turns), remembered, previews)


def _keeper(visit: _Visit, job: Job, turn: str, model: str) -> Keep:
    """Keep each picture for later turns; a link is told where nothing else finds it again."""
    settings = visit.gateway.way.snapshot.source.config.chat
    chat = visit.manner.chat

    async def keep(ready: ImageReady) -> str | None:
        link = await link_to(visit.request, ready.picture, job.caller)
        own = OWN_LINK.search(link or "")
        if link is None or own is None or chat is None or not settings.keep:
            return link
        moment = Moment(job.caller, chat, turn, model)
        memory = visit.request.app[CHATS]
        known = await memory.remember(moment, ready.index, own[1], job.id, settings.keep)
        return None if known and visit.manner.events else link

    return keep


def _beginning(gateway: Gateway, asked: Asked) -> str:
    """What is about to happen, and who is asked first."""
    targets = gateway.way.snapshot.router.targets(asked.request.model)
    if asked.operation == "image_edit":
        count = len(asked.request.references)
        what = "Changing the picture" if count == 1 else f"Drawing from {count} pictures"
    else:
        what = "Drawing"
    return f"{what} with {targets[0].name}"

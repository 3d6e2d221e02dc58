"""OpenAI's Images API: POST /v1/images/generations and /v1/images/edits."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from aiohttp import web

from imageway.providers.keys import Caller
from imageway.server.asking import begin
from imageway.server.auth import caller_of, refuse_foreign_model
from imageway.server.dialects.openai_answer import answer
from imageway.server.dialects.openai_events import stream
from imageway.server.dialects.openai_fields import Border, Operation, read_fields
from imageway.server.dialects.openai_form import form_fields
from imageway.server.dialects.openai_inputs import Inputs
from imageway.server.state import Gateway, gateway_of
from imageway.serving.body import parse_object, read_body
from imageway.serving.multipart import split_form


async def generations(request: web.Request) -> web.StreamResponse:
    """Pictures from words."""
    return await _draw(request, "image_generation")


async def edits(request: web.Request) -> web.StreamResponse:
    """Pictures from words and other pictures; a form, or JSON with data URLs."""
    return await _draw(request, "image_edit")


async def _draw(request: web.Request, operation: Operation) -> web.StreamResponse:
    gateway = gateway_of(request)
    caller = caller_of(request)
    gateway.refuse_new_work()
    fields = await _fields(request, gateway.settings.limits.body)
    # Off the loop: it decodes the caller's pictures, and may read earlier ones from the disk.
    asked = await asyncio.to_thread(read_fields, fields, operation, border_of(gateway, caller))
    refuse_foreign_model(caller, asked.request.model)
    job = await begin(request, asked.request, caller.name)
    if asked.streams:
        with gateway.metrics.streams.track_inprogress():
            return await stream(request, asked, job)
    return await answer(request, asked, job)


async def _fields(request: web.Request, most: int) -> Mapping[str, object]:
    """The fields of a body: a multipart form, else JSON whatever its Content-Type claims."""
    body = await read_body(request, most)
    if request.content_type == "multipart/form-data":
        return form_fields(split_form(body, request.headers.get("Content-Type", "")))
    return parse_object(body)


def border_of(gateway: Gateway, caller: Caller) -> Border:
    """What this caller's fields are checked against."""
    snapshot = gateway.way.snapshot
    adapters = {provider.config.adapter for provider in snapshot.providers.values()}
    limits = gateway.settings.limits
    return Border(
        limits=limits,
        inputs=Inputs(limits, gateway.files, caller.name),
        addressees=frozenset(snapshot.providers) | adapters,
    )

"""imageway qwen info: what a running service is, and how it stands."""

from __future__ import annotations

import asyncio
import os
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping

from pydantic import JsonValue, RootModel

from imageway.cli.command import Command, Exit
from imageway.cli.output import clean, complain, say, say_json
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.qwen.configuring import PREFIX

USUAL = "http://127.0.0.1:7860"
START = "start one: imageway qwen serve --backend demo"


class Told(RootModel[dict[str, JsonValue]]):
    """Any JSON object of the service."""


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "url", metavar="URL", nargs="?", default=USUAL, help=f"the service (default: {USUAL})"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _run(chosen: Namespace) -> int:
    try:
        info, queue = asyncio.run(_ask(chosen.url.rstrip("/")))
    except ImagewayError as error:
        complain(_explained(error.info, chosen.url))
        return Exit.NOTHING
    if chosen.json:
        say_json({"info": dict(info), "queue": dict(queue)})
        return Exit.DONE
    for line in _lines(info, queue):
        say(clean(line))
    return Exit.DONE


async def _ask(url: str) -> tuple[Mapping[str, JsonValue], Mapping[str, JsonValue]]:
    key = os.environ.get(f"{PREFIX}API_KEY")
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with Http(private=True) as http:
        info = await http.json("GET", f"{url}/api/info", Told, headers=headers)
        queue = await http.json("GET", f"{url}/api/queue/status", Told, headers=headers)
    return info.root, queue.root


def _explained(info: ErrorInfo, url: str) -> ErrorInfo:
    """What is wrong and would help, where nobody answers or the key is missing."""
    words = {
        ErrorCode.NETWORK: (f"there is no service at {url}", START),
        ErrorCode.UNAUTHENTICATED: ("this service asks for a key", f"set {PREFIX}API_KEY to it"),
    }.get(info.code, (info.message, info.hint))
    return info.model_copy(update={"message": words[0], "hint": words[1]})


def _lines(info: Mapping[str, JsonValue], queue: Mapping[str, JsonValue]) -> Iterator[str]:
    yield f"model: {info.get('title') or info.get('model')} on {info.get('device')}"
    yield f"backend: {info.get('backend')}" + ("" if info.get("is_ai") else ", not AI")
    sizes = info.get("sizes")
    if isinstance(sizes, dict):
        yield "sizes: " + ", ".join(f"{ratio} {_pixels(size)}" for ratio, size in sizes.items())
    layers = info.get("quantised_layers")
    if isinstance(layers, dict) and layers:
        yield "layers: " + ", ".join(f"{count} in {part}" for part, count in layers.items())
    yield (
        f"line: {queue.get('status')}, {queue.get('processing')} at work, "
        f"{queue.get('queued')} of {queue.get('capacity')} waiting; "
        f"a new one would wait {queue.get('estimated_wait_seconds')} s"
    )


def _pixels(size: JsonValue) -> str:
    return "x".join(map(str, size)) if isinstance(size, list) else str(size)


COMMAND = Command("info", "what a running service is, and how it stands", _arguments, _run)

"""Reading a body that may be too large, too slow, compressed, or no JSON at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping

import orjson
from aiohttp import web

from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.serving.problems import Problem, Refused

# A sender may be silent for so long, and may take so long altogether.
SILENT_SECONDS = 30.0
TOTAL_SECONDS = 600.0
# Above this the second, slower reading that finds the field to blame is not worth its time.
EXPLAINED = 1 << 20
# No request has so many; each would cost a hundred times its bytes in memory, and time on the loop.
MOST_NESTS, MOST_MEMBERS = 50_000, 500_000
TOO_MANY = Problem(
    400,
    "invalid_body",
    "the body has too many lists, objects or members",
    hint=f"at most {MOST_NESTS} lists and objects, and {MOST_MEMBERS} members",
)
KIND_BY_TYPE: Mapping[type[object], str] = {
    list: "a list",
    str: "a text",
    bool: "true or false",
    type(None): "null",
}


async def read_body(
    request: web.Request,
    most: int,
    silent: float = SILENT_SECONDS,
    total: float = TOTAL_SECONDS,
) -> bytes:
    """Read the whole body; raises where it is compressed, larger than `most`, or stalls."""
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.strip().lower() != "identity":
        raise Refused(_compressed(encoding))
    if (request.content_length or 0) > most:
        raise _too_large(most)
    try:
        async with asyncio.timeout(total):
            return await _joined(request, most, silent)
    except TimeoutError:
        raise Refused(_too_slow(silent)) from None
    except web.RequestPayloadError as error:
        raise Refused(Problem(400, "invalid_body", "the body is cut short or garbled")) from error


async def _joined(request: web.Request, most: int, silent: float) -> bytes:
    chunks: list[bytes] = []
    length = 0
    while True:
        async with asyncio.timeout(silent):
            chunk = await request.content.readany()
        if not chunk:
            return b"".join(chunks)
        length += len(chunk)
        if length > most:
            raise _too_large(most)
        chunks.append(chunk)


def parse_object(body: bytes) -> Mapping[str, object]:
    """Read a JSON object; raises invalid_request that says what it is instead."""
    text = body.removeprefix(b"\xef\xbb\xbf")
    if text.count(b"{") + text.count(b"[") > MOST_NESTS or text.count(b",") > MOST_MEMBERS:
        raise Refused(TOO_MANY)
    if not text.strip():
        raise Refused(_not_json("the body is empty"))
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _explained(text, error) from error
    if not isinstance(value, dict):
        raise Refused(_not_json(f"the body is {_kind(value)}, not an object"))
    return {str(name): each for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]: keys of JSON objects are texts


def _kind(value: object) -> str:
    return KIND_BY_TYPE.get(type(value), "a number")


def _explained(text: bytes, error: orjson.JSONDecodeError) -> Exception:
    """Find the field that strict JSON forbids; Python's own reader takes NaN and surrogates."""
    try:
        loose: object = json.loads(text) if len(text) <= EXPLAINED else None
    except (ValueError, RecursionError):
        loose = None
    if isinstance(loose, dict):
        for name, value in loose.items():  # pyright: ignore[reportUnknownVariableType]: any JSON
            param = str(name)[:60]  # pyright: ignore[reportUnknownArgumentType]: a text
            if complaint := _not_strict(value):  # pyright: ignore[reportUnknownArgumentType]: any JSON
                return invalid(param, f"{param}: {complaint}")
    return Refused(_not_json(f"the body is not JSON: {str(error)[:120]}"))


def _not_strict(value: object) -> str | None:
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return "must be valid Unicode; there is a lone surrogate"
    except ValueError:
        return "must be a number that JSON knows; NaN and Infinity are none"
    return None


def _not_json(message: str) -> Problem:
    return Problem(
        400,
        "invalid_json",
        message,
        hint='send a JSON object, such as {"prompt": "a red circle"}',
    )


def _compressed(encoding: str) -> Problem:
    return Problem(
        415,
        "compressed_body",
        f"the body has Content-Encoding {encoding[:40]!r}",
        hint="send it uncompressed",
        headers={"Accept-Encoding": "identity"},
    )


def _too_slow(silent: float) -> Problem:
    return Problem(
        408,
        "too_slow",
        "the body did not arrive in time",
        hint=f"send it without pauses longer than {silent:g} seconds",
        headers={"Connection": "close"},
    )


def _too_large(most: int) -> ImagewayError:
    return ImagewayError(
        ErrorCode.TOO_LARGE,
        f"the body is larger than {most} bytes",
        hint="send smaller pictures, or raise gateway.limits.body",
    )

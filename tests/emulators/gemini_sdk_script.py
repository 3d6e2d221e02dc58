"""A client's script that runs unchanged under both majors of Google's SDK and tells what it saw."""

from __future__ import annotations

import asyncio
import json
import struct
import sys
import tempfile
import urllib.request
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from google import genai
from google.genai import types

MODEL = "gemini-3.1-flash-image"
Step = Callable[[genai.Client, str], object]
WORDS_AND_PICTURE = types.GenerateContentConfig(response_modalities=["TEXT", "IMAGE"])


def main() -> None:
    root = sys.argv[1]
    client = genai.Client(api_key="sk-emulated", http_options=options(root))
    seen = {name: told(step, client, root) for name, step in STEPS.items()}
    sys.stdout.write(json.dumps(seen))


def options(root: str) -> types.HttpOptions:
    return types.HttpOptions(base_url=root, timeout=10_000)


def told(step: Step, client: genai.Client, root: str) -> object:
    try:
        return step(client, root)
    except Exception as error:  # noqa: BLE001
        kind = type(error)
        package = kind.__module__.partition(".")[0]
        return [f"{package}.{kind.__name__}", getattr(error, "code", None)]


def script(root: str, **fault: object) -> None:
    request = urllib.request.Request(
        f"{root}/_emulator/faults", json.dumps(fault).encode(), method="POST"
    )
    urllib.request.urlopen(request).close()


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 2, 2, 8, 6, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\0" * 8) * 2)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    )


def kinds(answer: types.GenerateContentResponse) -> list[str]:
    """What an answer holds: words, pictures by their first bytes, thoughts in brackets."""
    content = answer.candidates[0].content if answer.candidates else None
    return [kind(part) for part in (content and content.parts) or []]


def kind(part: types.Part) -> str:
    blob = part.inline_data
    what = "text" if blob is None else (blob.data or b"")[:3].hex()
    return f"({what})" if part.thought else what


def finish(answer: types.GenerateContentResponse) -> str | None:
    reason = answer.candidates[0].finish_reason if answer.candidates else None
    return reason and str(reason.value)


def generate(client: genai.Client, root: str) -> object:
    config = types.GenerateContentConfig(
        response_modalities=["TEXT", "IMAGE"],
        image_config=types.ImageConfig(aspect_ratio="16:9", image_size="2K"),
        system_instruction="Always draw",
        safety_settings=[
            types.SafetySetting(
                category=types.HarmCategory.HARM_CATEGORY_HARASSMENT,
                threshold=types.HarmBlockThreshold.BLOCK_ONLY_HIGH,
            )
        ],
        seed=7,
        candidate_count=1,
        temperature=1.0,
    )
    answer = client.models.generate_content(model=MODEL, contents="A red mug", config=config)
    usage = answer.usage_metadata
    return [kinds(answer), finish(answer), usage and usage.total_token_count]


def think(client: genai.Client, root: str) -> object:
    config = types.GenerateContentConfig(
        response_modalities=["IMAGE"],
        thinking_config=types.ThinkingConfig(include_thoughts=True),
    )
    return kinds(client.models.generate_content(model=MODEL, contents="mug", config=config))


def edit(client: genai.Client, root: str) -> object:
    pictures = [types.Part.from_bytes(data=png(), mime_type="image/png") for _ in range(3)]
    turn = types.UserContent([*pictures, types.Part(text="combine them")])
    return kinds(client.models.generate_content(model=MODEL, contents=turn))


def converse(client: genai.Client, root: str) -> object:
    chat = client.chats.create(model=MODEL, config=WORDS_AND_PICTURE)
    return [kinds(chat.send_message(words)) for words in ("A mug", "make it blue")]  # pyright: ignore[reportUnknownMemberType]: the SDK leaves a type open


def stream(client: genai.Client, root: str) -> object:
    chunks = client.models.generate_content_stream(
        model=MODEL, contents="A red mug", config=WORDS_AND_PICTURE
    )
    return [[kinds(chunk), finish(chunk)] for chunk in chunks]


def stream_without_waiting(client: genai.Client, root: str) -> object:
    async def read() -> object:
        chunks = await client.aio.models.generate_content_stream(
            model=MODEL, contents="A red mug", config=WORDS_AND_PICTURE
        )
        return [[kinds(chunk), finish(chunk)] async for chunk in chunks]

    return asyncio.run(read())


def models(client: genai.Client, root: str) -> object:
    pages = client.models.list(config=types.ListModelsConfig(page_size=4))
    return [*names(pages)[:2], str(len(names(client.models.list())) > 8)]


def names(found: Iterable[types.Model]) -> list[str]:
    return [model.name or "" for model in found]


def look(client: genai.Client, root: str) -> object:
    return client.models.get(model=MODEL).supported_actions


def unknown(client: genai.Client, root: str) -> object:
    return client.models.get(model="nope")


def imagen_by_the_wrong_method(client: genai.Client, root: str) -> object:
    return client.models.generate_content(model="imagen-4.0-generate-001", contents="mug")


def extra_field(client: genai.Client, root: str) -> object:
    body = {"generationConfig": {"negativePrompt": "text"}}
    config = types.GenerateContentConfig(http_options=types.HttpOptions(extra_body=body))
    return client.models.generate_content(model=MODEL, contents="mug", config=config)


def wrong_key(client: genai.Client, root: str) -> object:
    other = genai.Client(api_key="wrong", http_options=options(root))
    return other.models.get(model=MODEL)


def after(**fault: object) -> Step:
    """Ask while the vendor has a fault."""

    def step(client: genai.Client, root: str) -> object:
        script(root, **fault)
        answer = client.models.generate_content(model=MODEL, contents="mug")
        feedback = answer.prompt_feedback
        reason = feedback.block_reason if feedback else None
        return [kinds(answer), finish(answer), reason and str(reason.value)]

    return step


def in_stream(**fault: object) -> Step:
    def step(client: genai.Client, root: str) -> object:
        script(root, **fault)
        return stream(client, root)

    return step


def upload(client: genai.Client, root: str) -> object:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "reference.png"
        path.write_bytes(png())
        stored = client.files.upload(file=path)
    uri, name = stored.uri or "", stored.name or ""
    part = types.Part.from_uri(file_uri=uri, mime_type="image/png")
    turn = types.UserContent([part, types.Part(text="make it blue")])
    answer = client.models.generate_content(model=MODEL, contents=turn)
    client.files.delete(name=name)
    return [kinds(answer), stored.state and str(stored.state.value), stored.size_bytes]


STEPS: dict[str, Step] = {
    "generate": generate,
    "think": think,
    "edit": edit,
    "converse": converse,
    "stream": stream,
    "stream_without_waiting": stream_without_waiting,
    "models": models,
    "look": look,
    "unknown": unknown,
    "imagen_by_the_wrong_method": imagen_by_the_wrong_method,
    "extra_field": extra_field,
    "wrong_key": wrong_key,
    "upload": upload,
    "location": after(fault="region"),
    "disabled": after(fault="forbidden"),
    "limited": after(fault="rate_limited"),
    "no_credits": after(fault="quota"),
    "overloaded": after(fault="unavailable"),
    "deadline": after(fault="server_error", variant="deadline"),
    "page": after(fault="html"),
    "blocked": after(fault="refused", variant="prompt_prohibited_content"),
    "filtered": after(fault="refused"),
    "no_image": after(fault="no_image"),
    "words_only": after(fault="no_image", variant="text_only"),
    "unknown_reason": after(fault="no_image", variant="a_new_reason"),
    "limited_stream": in_stream(fault="rate_limited"),
    "blocked_stream": in_stream(fault="refused", variant="prompt_prohibited_content"),
    "told_in_stream": in_stream(fault="unavailable", after_events=1),
    "cut": in_stream(fault="cut", after_events=2),
    "closed_early": in_stream(fault="cut_stream", after_events=2),
}

if __name__ == "__main__":
    main()

"""A client's script that runs unchanged under both majors of OpenAI's SDK and tells what it saw."""

from __future__ import annotations

import base64
import json
import struct
import sys
import urllib.request
import zlib
from collections.abc import Callable, Iterable

import openai


def main() -> None:
    root = sys.argv[1]
    client = openai.OpenAI(base_url=f"{root}/v1", api_key="sk-emulated", max_retries=0, timeout=10)
    seen = {name: told(step, client, root) for name, step in STEPS.items()}
    sys.stdout.write(json.dumps(seen))


def told(step: Callable[[openai.OpenAI, str], object], client: openai.OpenAI, root: str) -> object:
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


def generate(client: openai.OpenAI, root: str) -> object:
    answer = client.images.generate(
        model="gpt-image-2",
        prompt="A red mug",
        n=2,
        size="1536x864",
        quality="low",
        background="transparent",
        moderation="low",
        output_format="webp",
        output_compression=80,
    )
    kinds = [base64.b64decode(each.b64_json or "")[8:12].decode() for each in answer.data or []]
    return [kinds, answer.size, answer.background, answer.usage and answer.usage.output_tokens]


def stream(client: openai.OpenAI, root: str) -> object:
    events = client.images.generate(
        model="gpt-image-2", prompt="A red mug", stream=True, partial_images=2
    )
    return [event.type for event in events]


def edit(client: openai.OpenAI, root: str) -> object:
    answer = client.images.edit(model="gpt-image-1.5", prompt="blue", image=png())
    return len(answer.data or [])


def blend(client: openai.OpenAI, root: str) -> object:
    pictures = [("a.png", png(), "image/png"), ("b.png", png(), "image/png")]
    answer = client.images.edit(
        model="gpt-image-1.5", prompt="blend", image=pictures, mask=png(), n=2
    )
    return len(answer.data or [])


def edit_stream(client: openai.OpenAI, root: str) -> object:
    events = client.images.edit(
        model="gpt-image-2", prompt="blend", image=[png()], stream=True, partial_images=1
    )
    return [event.type for event in events]


def extra_field(client: openai.OpenAI, root: str) -> object:
    return client.images.generate(model="gpt-image-2", prompt="mug", extra_body={"seed": 7})


def refused(client: openai.OpenAI, root: str) -> object:
    return client.images.generate(model="gpt-image-2", prompt="something forbidden")


def retired(client: openai.OpenAI, root: str) -> object:
    return client.images.generate(model="dall-e-3", prompt="mug")


def unknown(client: openai.OpenAI, root: str) -> object:
    return client.images.generate(model="nope", prompt="mug")


def wrong_key(client: openai.OpenAI, root: str) -> object:
    return client.with_options(api_key="sk-wrong").models.list()


def limited(client: openai.OpenAI, root: str) -> object:
    script(root, fault="rate_limited", retry_after="1")
    return client.images.generate(model="gpt-image-2", prompt="mug")


def broken(client: openai.OpenAI, root: str) -> object:
    script(root, fault="server_error")
    return client.images.generate(model="gpt-image-2", prompt="mug")


def told_in_stream(client: openai.OpenAI, root: str) -> object:
    script(root, fault="server_error", variant="image_generation_failed", after_events=1)
    return stream(client, root)


def cut(client: openai.OpenAI, root: str) -> object:
    script(root, fault="cut", after_events=1)
    return stream(client, root)


def models(client: openai.OpenAI, root: str) -> object:
    return "gpt-image-2" in names(client.models.list())


def names(found: Iterable[openai.types.Model]) -> list[str]:
    return [model.id for model in found]


STEPS: dict[str, Callable[[openai.OpenAI, str], object]] = {
    step.__name__: step
    for step in (
        generate,
        stream,
        edit,
        blend,
        edit_stream,
        extra_field,
        refused,
        retired,
        unknown,
        wrong_key,
        limited,
        broken,
        told_in_stream,
        cut,
        models,
    )
}

if __name__ == "__main__":
    main()

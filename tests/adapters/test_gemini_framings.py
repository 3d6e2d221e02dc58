"""Every recorded framing of a stream gives the same events, wherever the network cuts it."""

from __future__ import annotations

import asyncio
import json
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import JsonValue

from imageway.adapters.gemini.documents import Documents
from imageway.adapters.gemini.reading import Reader
from imageway.adapters.gemini.wire import Said
from imageway.core.events import Event, ImageFailed, ImageReady, Preview
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.streaming import play
from tests.adapters.gemini_lab import MODEL, bare, captured_answers, fragment, inline, picture
from tests.core.samples import listening

RED, BLUE = picture(colour=0xFF), picture(colour=0xFF0000)
ERROR: dict[str, JsonValue] = {
    "error": {"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"}
}


def event(found: dict[str, JsonValue]) -> bytes:
    return b"data: " + json.dumps(found).encode() + b"\r\n\r\n"


# Every framing of a stream that was recorded, each with what a reader must hear of it.
CAPTURED: dict[str, bytes] = {
    name: answer.body
    for name, answer in captured_answers().items()
    if answer.status == 200 and answer.content_type == "text/event-stream"
}
MADE = [fragment(inline(RED, thought=True)), fragment(inline(BLUE), finish="STOP")]
RECORDED: dict[str, bytes] = {
    **CAPTURED,
    "an array": json.dumps(MADE).encode(),
    "no blank": b"".join(event(each).replace(b"data: ", b"data:") for each in MADE),
    "a comment": b": keep-alive\n\n" + b"".join(map(event, MADE)),
    "an end mark": b"".join(map(event, MADE)) + b"data: [DONE]\n\n",
    "an error in bare JSON": event(MADE[0]) + json.dumps(ERROR, indent=2).encode(),
    "an error in an array": json.dumps([MADE[0], ERROR]).encode(),
}


def told(pieces: list[bytes]) -> list[str]:
    """What a reader tells, without a network: by name, and of pictures how long they are."""
    run, heard = listening(1)
    reader = _reader(run)
    documents = Documents()

    async def read(request: ImageRequest, run: Run) -> None:
        run.call.charged = "maybe"
        for piece in pieces:
            for each in documents.feed(piece):
                reader.take(Said.model_validate_json(each))
        reader.end()

    request = ImageRequest.build({"prompt": "mug", "model": MODEL})
    asyncio.run(play(read, request, run))
    return [_told(each) for each in heard]


def _reader(run: Run) -> Reader:
    explainer = bare()._account.explainer("google", MODEL)  # pyright: ignore[reportPrivateUsage]: the reader alone is looked at
    return Reader(run=run, explainer=explainer, last_is_final=False, previews=1)


def _told(each: Event) -> str:
    match each:
        case Preview(picture=shown) | ImageReady(picture=shown):
            return f"{type(each).__name__} {shown.length}"
        case ImageFailed(error=error):
            return f"{error.code} {error.message}"
        case _:
            return repr(each)


@settings(max_examples=150)
@given(st.sampled_from(sorted(RECORDED)), st.data())
def test_every_recorded_framing_gives_the_same_events_however_it_is_split(
    name: str, data: st.DataObject
) -> None:
    body = RECORDED[name]
    cuts = data.draw(st.sets(st.integers(0, len(body)), max_size=8))
    places = [0, *sorted(cuts), len(body)]
    assert told([body[start:end] for start, end in pairwise(places)]) == told([body])

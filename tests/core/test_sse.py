"""Server-sent events are the same however the stream is cut, and never larger than the limit."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import AsyncIterator, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as some

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.sse import EventParser, ServerSentEvent, events

MARK = b"\xef\xbb\xbf"
WORDS = (
    [b"data", b"event", b"id", b"retry", b"data: ", b"event: ", b"id:", b"retry: ", b"Data: "]
    + [b":", b" ", b"  ", b"x", b"12", b"-1", b"\0", MARK, "é€🎨".encode(), b"\xff", b"{}"]
    + [b"\r", b"\n", b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n", b"\ndata: "] * 2
)
streams = some.lists(some.sampled_from(WORDS), max_size=60).map(b"".join)


def pieces(stream: bytes, sizes: Iterable[int]) -> list[bytes]:
    """Cut a stream into chunks of these sizes, and what is left."""
    found: list[bytes] = []
    for size in sizes:
        found.append(stream[:size])
        stream = stream[size:]
    return [*found, stream]


def parsed(chunks: Iterable[bytes], limit: int = 1 << 20) -> list[ServerSentEvent]:
    parser = EventParser(limit)
    return [event for chunk in chunks for event in parser.feed(chunk)]


def reference(stream: bytes) -> list[ServerSentEvent]:
    """The standard's words one by one, over the whole text, with no thought of speed."""
    text = stream.removeprefix(MARK).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    found: list[ServerSentEvent] = []
    data, kind, last, retry = b"", "", None, None
    for line in text.split(b"\n")[:-1]:
        if line == b"":
            if data:
                found.append(ServerSentEvent(kind or "message", data[:-1], last, retry))
            data, kind = b"", ""
            continue
        name, _, value = line.partition(b":")
        value = value[1:] if value[:1] == b" " else value
        if name == b"data":
            data += value + b"\n"
        elif name == b"event":
            kind = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            last = value.decode("utf-8", "replace")
        elif name == b"retry" and value and not value.strip(b"0123456789"):
            retry = int(value)
    return found


@given(streams, some.lists(some.integers(0, 20), max_size=40))
def test_any_cut_gives_what_the_standard_says(stream: bytes, sizes: list[int]) -> None:
    assert parsed(pieces(stream, sizes)) == reference(stream)


@given(streams)
def test_single_bytes_give_what_the_standard_says(stream: bytes) -> None:
    assert parsed(pieces(stream, [1] * len(stream))) == reference(stream)


CASES: dict[str, tuple[bytes, list[tuple[str, bytes]]]] = {
    "a_named_event": (b"event: done\ndata: {}\n\n", [("done", b"{}")]),
    "no_space_after_the_colon": (b"data:x\n\n", [("message", b"x")]),
    "only_one_space_is_dropped": (b"data:  x\n\n", [("message", b" x")]),
    "a_later_colon_is_data": (b"data: a:b\n\n", [("message", b"a:b")]),
    "lines_are_joined": (b"data: a\ndata: b\n\n", [("message", b"a\nb")]),
    "no_colon_is_an_empty_value": (b"data\n\n", [("message", b"")]),
    "two_empty_lines_are_a_line_feed": (b"data\ndata\n\n", [("message", b"\n")]),
    "no_data_is_no_event": (b"event: a\n\ndata: x\n\n", [("message", b"x")]),
    "comments_are_dropped": (b": hello\n\n:\ndata: x\n:y\n\n", [("message", b"x")]),
    "unknown_fields_are_dropped": (b"Data: y\n data: y\ndata: x\n\n", [("message", b"x")]),
    "carriage_returns_end_lines": (b"data: a\rdata: b\r\r", [("message", b"a\nb")]),
    "both_end_one_line": (b"data: a\r\ndata: b\r\n\r\n", [("message", b"a\nb")]),
    "the_first_mark_is_dropped": (MARK + b"data: x\n\n", [("message", b"x")]),
    "a_second_mark_is_not": (MARK + MARK + b"data: x\n\n", []),
    "a_later_mark_is_not": (b"\n" + MARK + b"data: x\n\n", []),
    "the_last_needs_a_blank_line": (b"data: x\n\ndata: y\n", [("message", b"x")]),
    "two_that_follow": (b"data: x\n\nevent: e\ndata: y\n\n", [("message", b"x"), ("e", b"y")]),
    "done_is_data": (b"data: [DONE]\n\n", [("message", b"[DONE]")]),
    "wide_characters": ("event: é\ndata: 🎨\n\n".encode(), [("é", "🎨".encode())]),
}


@pytest.mark.parametrize("size", [1, 2, 3, 1000])
@pytest.mark.parametrize("name", CASES)
def test_the_rules_hold_for(name: str, size: int) -> None:
    stream, expected = CASES[name]
    found = parsed(pieces(stream, [size] * len(stream)))
    assert [(event.event, event.data) for event in found] == expected


def test_an_id_lasts_until_the_next_and_a_nul_is_none() -> None:
    found = parsed([b"data: x\n\nid: 1\ndata: x\n\nid: 2\0\ndata: x\n\nid\ndata: x\n\n"])
    assert [event.id for event in found] == [None, "1", "1", ""]


def test_a_retry_is_digits_only() -> None:
    wrong = b"retry: 1.5\nretry: -1\nretry:\nretry: \xd9\xa1\nretry: " + b"9" * 5000
    found = parsed([b"retry: 300\n" + wrong + b"\ndata: x\n\n"])
    assert [event.retry for event in found] == [300]


def test_an_event_comes_with_its_last_line_end_and_not_later() -> None:
    assert [event.data for event in parsed([b"data: x\r\n\r"])] == [b"x"]


def test_an_empty_chunk_inside_a_line_end_changes_nothing() -> None:
    assert [event.data for event in parsed([b"data: a\r", b"", b"\ndata: b\n\n"])] == [b"a\nb"]


def test_a_line_larger_than_the_limit_is_cut_before_it_ends() -> None:
    parser = EventParser(limit=1000)
    assert list(parser.feed(b"data: " + b"x" * 994)) == []
    with pytest.raises(ImagewayError) as caught:
        list(parser.feed(b"x"))
    assert caught.value.info.code == ErrorCode.TOO_LARGE
    assert caught.value.info.details == {"limit": 1000}


def test_many_lines_of_one_event_are_one_event_to_the_limit() -> None:
    with pytest.raises(ImagewayError, match="too_large"):
        parsed([b"data: 12345\n" * 200], limit=1000)


def test_many_events_and_comments_do_not_add_up_to_the_limit() -> None:
    assert len(parsed([b"data: 12345\n\n: wait\n\n: still\n" * 200], limit=20)) == 200


def test_an_event_before_one_too_large_is_not_lost() -> None:
    feed = EventParser(limit=20).feed(b"data: x\n\ndata: " + b"y" * 100)
    assert next(feed).data == b"x"
    with pytest.raises(ImagewayError, match="too_large"):
        next(feed)


@pytest.mark.parametrize("rest", [b"da", b"data: x", b"data: x\n", b"event: x\n", b": comm"])
def test_a_stream_cut_in_an_event_is_seen_to_be_unfinished(rest: bytes) -> None:
    parser = EventParser()
    list(parser.feed(b"data: whole\n\n" + rest))
    assert parser.unfinished


@pytest.mark.parametrize("rest", [b"", b"\r", b": comment\n", b"id: 7\n"])
def test_a_stream_that_ends_between_events_is_finished(rest: bytes) -> None:
    parser = EventParser()
    list(parser.feed(b"data: whole\n\n" + rest))
    assert not parser.unfinished
    assert parser.close() is None


@pytest.mark.parametrize("end", [b"", b"\n", b"\r", b"\r\n"])
def test_closing_gives_the_event_that_lacks_its_blank_line(end: bytes) -> None:
    parser = EventParser()
    assert list(parser.feed(b"event: done\ndata: x" + end)) == []
    assert parser.close() == ServerSentEvent("done", b"x")
    assert not parser.unfinished


async def body(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def test_a_body_is_read_as_it_comes_and_its_last_event_kept() -> None:
    found = events(body(b"data: a\n", b"", b"\ndata", b": b\n\ndata: c"), EventParser())
    assert [event.data async for event in found] == [b"a", b"b", b"c"]


async def test_a_body_has_a_limit_too() -> None:
    with pytest.raises(ImagewayError, match="too_large"):
        assert [event async for event in events(body(b"data: ", b"x" * 100), EventParser(50))] == []


def test_a_long_line_in_tiny_chunks_is_not_read_again_and_again() -> None:
    size, chunk = 8 << 20, b"A" * 64
    parser = EventParser()
    before = time.process_time()
    assert list(parser.feed(b"data: ")) == []
    for _ in range(size // len(chunk)):
        assert list(parser.feed(chunk)) == []
    (event,) = parser.feed(b"\n\n")
    assert len(event.data) == size
    # Linear takes a fifth of a second; copying the line with every chunk takes minutes.
    assert time.process_time() - before < 10


def test_a_long_line_is_held_no_more_than_three_times() -> None:
    size, chunk = 6 << 20, b"A" * (64 << 10)
    parser = EventParser()
    tracemalloc.start()
    try:
        for part in (b"data: ", *[chunk] * (size // len(chunk))):
            list(parser.feed(part))
        (event,) = parser.feed(b"\n\n")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(event.data) == size
    assert peak < 3 * size

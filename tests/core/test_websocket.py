"""A vendor's messages come as they are said; every end but a farewell is an error in our words."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.outgoing import Times
from imageway.core.websocket import Message
from tests.core.samples import listening
from tests.core.talker import BINARY, CLOSE, PING, TEXT, Talker, farewell, frame, talker
from tests.loopback import loopback
from tests.virtual import swiftly

HELLO = frame(TEXT, b"hello")


@pytest.fixture
async def site() -> AsyncIterator[Talker]:
    async with talker() as found:
        yield found


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(private=True) as found:
        yield found


async def heard(
    http: Http, url: str, limit: int = 99, most: int = 999
) -> tuple[list[Message], ErrorInfo | None]:
    """What comes, and the error that it ends with."""
    found: list[Message] = []
    try:
        async with http.websocket(url, limit=limit, most=most) as messages:
            async for message in messages:
                found += [message]
    except ImagewayError as error:
        return found, error.info
    return found, None


async def failure(http: Http, url: str) -> ErrorInfo:
    _, info = await heard(http, url)
    assert info is not None
    return info


async def test_text_and_bytes_come_in_order_until_the_farewell(http: Http, site: Talker) -> None:
    site.pushes(HELLO, frame(BINARY, b"\xff"), farewell(1000))
    assert await heard(http, site.url) == (["hello", b"\xff"], None)


async def test_a_farewell_without_a_code_is_one(http: Http, site: Talker) -> None:
    site.pushes(HELLO, frame(CLOSE))
    assert await heard(http, site.url) == (["hello"], None)


async def test_a_message_in_pieces_is_one(http: Http, site: Talker) -> None:
    whole = frame(TEXT, b"one ", flags=0) + frame(PING) + frame(0, b"two")
    site.pushes(*(bytes((byte,)) for byte in whole), farewell(1000))
    assert await heard(http, site.url) == (["one two"], None)


async def test_what_we_say_is_heard(http: Http, site: Talker) -> None:
    site.pushes(HELLO)
    async with http.websocket(site.url) as messages:
        await messages.send('{"type": "feature_flags"}')
        await messages.send(b"\x00")
        assert await anext(messages) == "hello"
    said = [data for kind, data in site.said if kind in {TEXT, BINARY}]
    assert said == [b'{"type": "feature_flags"}', b"\x00"]


async def test_headers_and_parameters_reach_the_vendor(http: Http, site: Talker) -> None:
    site.pushes(farewell(1000))
    named = {"Authorization": "Bearer sk-1"}
    async with http.websocket(site.url, headers=named, params={"clientId": "a b"}) as messages:
        assert [message async for message in messages] == []
    assert site.head.startswith(b"GET /ws?clientId=a+b HTTP/1.1\r\n")
    assert b"Authorization: Bearer sk-1\r\n" in site.head
    assert b"Sec-WebSocket-Extensions" not in site.head


@pytest.mark.parametrize(
    ("code", "means"),
    [
        (1001, ErrorCode.UNAVAILABLE),
        (1008, ErrorCode.FORBIDDEN),
        (1011, ErrorCode.UNAVAILABLE),
        (1013, ErrorCode.UNAVAILABLE),
        (1002, ErrorCode.BAD_ANSWER),
        (3000, ErrorCode.UNAUTHENTICATED),
        (4401, ErrorCode.UNAUTHENTICATED),
        (4429, ErrorCode.RATE_LIMITED),
        (4999, ErrorCode.BAD_ANSWER),
    ],
)
async def test_a_close_code_is_told_in_our_words(
    http: Http, site: Talker, code: int, means: ErrorCode
) -> None:
    site.pushes(HELLO, farewell(code, "no more foxes"))
    found, info = await heard(http, site.url)
    assert found == ["hello"]
    assert info is not None
    assert (info.code, info.origin, info.charged) == (means, "vendor", "no")
    assert (info.vendor_code, info.vendor_message) == (str(code), "no more foxes")


async def test_a_cut_is_no_farewell(http: Http, site: Talker) -> None:
    site.pushes(HELLO, hangs_up=True)
    found, info = await heard(http, site.url)
    assert found == ["hello"]
    assert info is not None
    assert info.code is ErrorCode.NETWORK


@pytest.mark.parametrize(
    "data",
    [frame(3), frame(TEXT, b"\xff"), frame(0, b"x"), b"HTTP/1.1 200 OK\r\n\r\n", farewell(999)],
    ids=["unknown", "no_text", "no_beginning", "http", "no_code"],
)
async def test_what_breaks_the_rules_is_a_bad_answer(http: Http, site: Talker, data: bytes) -> None:
    site.pushes(data)
    assert (await failure(http, site.url)).code is ErrorCode.BAD_ANSWER


async def test_a_packed_message_is_not_unpacked(http: Http, site: Talker) -> None:
    packer = zlib.compressobj(9, wbits=-15)
    bomb = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_SYNC_FLUSH)
    site.pushes(frame(BINARY, bomb[:-4], flags=0xC0))
    assert (await failure(http, site.url)).code is ErrorCode.BAD_ANSWER


@pytest.mark.parametrize(
    "data",
    [frame(BINARY, b"x" * 100), frame(BINARY, b"x" * 60, flags=0) + frame(0, b"x" * 60)],
    ids=["whole", "in_pieces"],
)
async def test_a_message_has_a_largest_size(http: Http, site: Talker, data: bytes) -> None:
    site.pushes(data)
    assert (await failure(http, site.url)).code is ErrorCode.TOO_LARGE


async def test_all_messages_together_have_a_largest_size(http: Http, site: Talker) -> None:
    site.pushes(*[HELLO] * 9)
    found, info = await heard(http, site.url, most=20)
    assert found == ["hello"] * 4
    assert info is not None
    assert info.code is ErrorCode.TOO_LARGE


async def test_a_refusal_in_place_of_a_handshake_is_explained(http: Http) -> None:
    def explain(status: int, headers: object, body: bytes) -> ImagewayError:
        return ImagewayError(ErrorCode.REJECTED, f"{status} {body.decode()}")

    async with loopback() as site:
        site.answers(403, b"no foxes")
        with pytest.raises(ImagewayError, match="rejected: 403 no foxes"):
            async with http.websocket(site.url, explain=explain):
                pass


async def test_a_page_in_place_of_a_handshake_is_a_bad_answer(http: Http) -> None:
    async with loopback() as site:
        site.answers()
        assert (await failure(http, site.url)).code is ErrorCode.BAD_ANSWER


async def test_a_redirect_is_not_followed(http: Http) -> None:
    async with loopback() as site, loopback() as other:
        site.answers(307, Location=other.url)
        assert (await failure(http, site.url)).code is ErrorCode.BAD_ANSWER
        assert other.connections == 0


async def test_an_address_of_our_own_is_refused(site: Talker) -> None:
    async with Http() as http:
        info = await failure(http, site.url)
    assert info.code is ErrorCode.FORBIDDEN
    assert site.head == b""


async def test_a_refused_connection_says_so(http: Http) -> None:
    info = await failure(http, "http://127.0.0.1:1/ws")
    assert (info.code, info.message) == (ErrorCode.NETWORK, "the provider refused the connection")


async def test_listening_is_never_paid_for(http: Http, site: Talker) -> None:
    with pytest.raises(ImagewayError, match="it must be a 'POST'"):
        http.websocket(site.url, paid=listening(1)[0])


async def test_leaving_hangs_up(http: Http, site: Talker) -> None:
    site.pushes(HELLO)
    async with http.websocket(site.url) as messages:
        await anext(messages)
    await site.deserted()


async def test_a_listener_that_is_cancelled_hangs_up_at_once(http: Http, site: Talker) -> None:
    site.pushes(HELLO)
    clock = asyncio.get_running_loop().time
    listener = asyncio.create_task(heard(http, site.url))
    await asyncio.sleep(0.02)
    listener.cancel()
    began = clock()
    await asyncio.wait((listener,))
    assert listener.cancelled()
    assert clock() - began < 0.2
    await site.deserted()


async def test_closing_is_no_farewell(http: Http, site: Talker) -> None:
    site.pushes(HELLO)
    listener = asyncio.create_task(heard(http, site.url))
    await asyncio.sleep(0.02)
    await http.close()
    found, info = await listener
    assert found == ["hello"]
    assert info is not None
    assert info.code is ErrorCode.NETWORK


@swiftly
async def test_the_first_message_has_its_time() -> None:
    async with talker() as site, Http(private=True, times=Times(first_byte=60)) as http:
        site.answers_pings = True
        info = await failure(http, site.url)
    assert (info.code, info.origin) == (ErrorCode.TIMEOUT, "vendor")


@swiftly
async def test_a_vendor_that_answers_pings_may_be_silent() -> None:
    async with talker() as site, Http(private=True) as http:
        site.answers_pings = True
        site.pushes(HELLO, HELLO + farewell(1000), pause=500.0)
        assert await heard(http, site.url) == (["hello", "hello"], None)
    assert PING in {kind for kind, _ in site.said}


@swiftly
async def test_a_vendor_that_answers_no_pings_is_gone_after_the_idle_time() -> None:
    clock = asyncio.get_running_loop().time
    async with talker() as site, Http(private=True, times=Times(idle=30)) as http:
        site.pushes(HELLO)
        began = clock()
        found, info = await heard(http, site.url)
    assert found == ["hello"]
    assert info is not None
    assert info.code is ErrorCode.TIMEOUT
    assert 29 <= clock() - began <= 32


@swiftly
async def test_the_time_for_it_all_bounds_the_talk() -> None:
    async with talker() as site, Http(private=True, times=Times(total=100)) as http:
        site.answers_pings = True
        site.pushes(*[HELLO] * 99, pause=10.0)
        found, info = await heard(http, site.url)
    assert len(found) == 10
    assert info is not None
    assert info.code is ErrorCode.TIMEOUT

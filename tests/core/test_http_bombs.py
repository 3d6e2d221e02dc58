"""Packed answers: what they hold counts, as it comes, and not what was sent."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import AsyncIterator, Callable

import pytest
from pydantic import BaseModel

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from tests.core.samples import listening
from tests.loopback import Loopback, loopback
from tests.memory import growth

pytestmark = pytest.mark.slow

MIB = 1 << 20
ZEROS = bytes(MIB)


class Fox(BaseModel):
    name: str


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(private=True) as found:
        yield found


def squeezed(mebibytes: int, bits: int) -> bytes:
    packer = zlib.compressobj(9, wbits=bits)
    return b"".join(packer.compress(ZEROS) for _ in range(mebibytes)) + packer.flush()


PACK_BY_ENCODING: dict[str, Callable[[int], bytes]] = {
    "gzip": lambda size: squeezed(size, 31),
    "deflate": lambda size: squeezed(size, 15),
    # As some servers send it, against RFC 9110.
    "Deflate": lambda size: squeezed(size, -15),
}


async def failure(http: Http, site: Loopback, limit: int) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        await http.exchange("GET", site.url, limit=limit)
    return caught.value.info


@pytest.mark.parametrize("encoding", PACK_BY_ENCODING)
async def test_a_packed_answer_is_cut_at_the_limit_and_memory_stays_flat(
    http: Http, site: Loopback, encoding: str
) -> None:
    bomb = PACK_BY_ENCODING[encoding](256)
    assert len(bomb) < 2 * MIB
    site.answers(body=bomb, Content_Encoding=encoding)
    with growth() as grown:
        info = await failure(http, site, MIB)
    assert info.code is ErrorCode.TOO_LARGE
    assert grown.bytes < 16 * MIB


async def test_many_small_packets_are_cut_as_well(http: Http, site: Loopback) -> None:
    site.answers(body=gzip.compress(ZEROS) * 2000, Content_Encoding="gzip")
    with growth() as grown:
        info = await failure(http, site, MIB)
    assert info.code is ErrorCode.TOO_LARGE
    assert grown.bytes < 16 * MIB


async def test_a_packed_refusal_is_read_a_little(http: Http, site: Loopback) -> None:
    site.answers(400, squeezed(256, 31), Content_Encoding="gzip")
    with growth() as grown:
        info = await failure(http, site, 64 * MIB)
    assert info.code is ErrorCode.INVALID_REQUEST
    assert grown.bytes < 16 * MIB


async def test_a_packed_event_is_cut_at_the_limit(http: Http, site: Loopback) -> None:
    bomb = gzip.compress(b"data: " + bytes(256 * MIB), 1)
    site.answers(body=bomb, kind="text/event-stream", Content_Encoding="gzip")
    with growth() as grown, pytest.raises(ImagewayError) as caught:
        _ = [event async for event in http.events("GET", site.url, limit=MIB)]
    assert caught.value.info.code is ErrorCode.TOO_LARGE
    assert grown.bytes < 16 * MIB


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_packed_answer_is_unpacked(http: Http, site: Loopback, encoding: str) -> None:
    packer = zlib.compressobj(wbits={"gzip": 31, "deflate": 15}[encoding])
    body = packer.compress(b'{"name": "Rex"}') + packer.flush()
    site.answers(body=body, Content_Encoding=encoding)
    assert await http.json("GET", site.url, Fox) == Fox(name="Rex")
    assert site.heard[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
async def test_what_cannot_be_unpacked_is_a_bad_answer(
    http: Http, site: Loopback, encoding: str
) -> None:
    site.answers(body=b"\x1f\x8b nonsense", Content_Encoding=encoding)
    assert (await failure(http, site, MIB)).code is ErrorCode.BAD_ANSWER


async def test_what_cannot_be_unpacked_may_have_been_charged(http: Http, site: Loopback) -> None:
    run, _ = listening(1)
    site.answers(body=b"\x1f\x8b nonsense", Content_Encoding="gzip")
    with pytest.raises(ImagewayError) as caught:
        await http.exchange("POST", site.url, paid=run)
    assert caught.value.info.code is ErrorCode.OUTCOME_UNKNOWN
    assert "cannot be unpacked" in caught.value.info.message


async def test_a_limit_is_not_for_bodies_that_are_announced_and_not_sent(
    http: Http, site: Loopback
) -> None:
    site.says(b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "keep")
    assert (await http.exchange("HEAD", site.url)).body == b""


async def test_an_answer_without_content_is_empty(http: Http, site: Loopback) -> None:
    site.says(b"HTTP/1.1 204 No Content\r\n\r\n", "keep")
    assert (await http.exchange("GET", site.url)).body == b""
    with pytest.raises(ImagewayError, match="bad_answer"):
        await http.json("GET", site.url, Fox)
    assert site.connections == 1


async def test_what_is_said_before_the_answer_is_not_the_answer(http: Http, site: Loopback) -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    site.says(early * 3 + b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nfox", "keep")
    assert (await http.exchange("GET", site.url)).body == b"fox"

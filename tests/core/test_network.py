"""No connection is made to an address that is not meant for us, however it is spelled or hidden."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from imageway.core.network import AddressRefused, address_refused, connector

PUBLIC = "93.184.215.14"
NOT_THERE = "93.184.215.15"


class Site:
    """A web server on this machine that counts who connects, and may send everybody elsewhere."""

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.location = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await reader.readuntil(b"\r\n\r\n")
            status = "302 Found" if self.location else "200 OK"
            head = f"HTTP/1.1 {status}\r\nLocation: {self.location}\r\nContent-Length: 0\r\n\r\n"
            writer.write(head.encode())
            await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def serving() -> AsyncGenerator[Site]:
    site = Site()
    listener = socket.socket(socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET)
    if listener.family == socket.AF_INET6:
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    listener.bind(("", 0))
    site.port = listener.getsockname()[1]
    server = await asyncio.start_server(site.serve, sock=listener)
    async with server:
        yield site


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    async with serving() as found:
        yield found


@pytest.fixture
async def front() -> AsyncIterator[Site]:
    """The server that answers at PUBLIC."""
    async with serving() as found:
        yield found


class Wire:
    """Where the loop connects to: PUBLIC is the front, NOT_THERE refuses, all else is itself."""

    def __init__(self, front: Site) -> None:
        self.loop = asyncio.get_running_loop()
        self.connect = self.loop.sock_connect
        self.front = front
        self.dialled: list[str] = []

    async def dial(self, sock: socket.socket, address: tuple[str, int]) -> None:
        host, port, *_ = address
        self.dialled.append(host)
        if host == NOT_THERE:
            raise ConnectionRefusedError("nobody is there")
        target = ("127.0.0.1", self.front.port) if host == PUBLIC else (host, port)
        await self.connect(sock, target)


@pytest.fixture
async def wire(front: Site, monkeypatch: pytest.MonkeyPatch) -> Wire:
    wire = Wire(front)
    monkeypatch.setattr(wire.loop, "sock_connect", wire.dial)
    return wire


class Names(AbstractResolver):
    """Answers with the next of the lists it was given."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        del family
        return [
            ResolveResult(hostname=host, host=address, port=port, family=0, proto=0, flags=0)
            for address in self.answers.pop(0)
        ]

    async def close(self) -> None:
        self.closed = True


async def status(pool: aiohttp.BaseConnector, url: str) -> int:
    async with (
        aiohttp.ClientSession(connector=pool, connector_owner=False) as session,
        session.get(url) as response,
    ):
        return response.status


async def refused(pool: aiohttp.BaseConnector, url: str) -> AddressRefused:
    async with pool:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await status(pool, url)
    found = address_refused(caught.value)
    assert found is not None
    assert found.reason in str(caught.value)
    return found


WORDS = ["127.0.0.1", "localhost", "LOCALHOST", "0x7f.1", "0x7f000001"]
SPELLINGS = [*WORDS, "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "①②⑦.⓪.⓪.①", "127。0。0。1"]
SPELLINGS_6 = ["[::1]", "[0:0:0:0:0:0:0:1]"]
# aiohttp refuses these by itself, as no address and no name.
ODD_NUMBERS = ["2130706433", "127.1", "0177.0.0.1", "017700000001", "127.0.0.1."]


@pytest.mark.parametrize("host", SPELLINGS + SPELLINGS_6)
async def test_loopback_is_not_connected_to_as(host: str, site: Site, wire: Wire) -> None:
    await refused(connector(private=False), f"http://{host}:{site.port}/")
    assert (wire.dialled, site.connections) == ([], 0)


@pytest.mark.parametrize("host", ODD_NUMBERS)
@pytest.mark.parametrize("private", [False, True])
async def test_an_odd_number_is_not_connected_to(
    host: str, private: bool, site: Site, wire: Wire
) -> None:
    async with connector(private=private) as pool:
        with pytest.raises(aiohttp.InvalidURL):
            await status(pool, f"http://{host}:{site.port}/")
    assert (wire.dialled, site.connections) == ([], 0)


@pytest.mark.parametrize("host", SPELLINGS)
async def test_a_private_provider_may_be_on_this_machine_as(host: str, site: Site) -> None:
    async with connector(private=True) as pool:
        assert await status(pool, f"http://{host}:{site.port}/") == 200
    assert site.connections == 1


@pytest.mark.parametrize("host", SPELLINGS)
async def test_aiohttp_alone_would_connect_to(host: str, site: Site) -> None:
    async with aiohttp.TCPConnector() as pool:
        assert await status(pool, f"http://{host}:{site.port}/") == 200
    assert site.connections == 1


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("host", SPELLINGS_6)
async def test_a_private_provider_may_be_reached_by_ipv6_as(host: str, site: Site) -> None:
    async with connector(private=True) as pool:
        assert await status(pool, f"http://{host}:{site.port}/") == 200
    assert site.connections == 1


@pytest.mark.parametrize("host", ["169.254.169.254", "[fd00:ec2::254]", "[fe80::1]", "0.0.0.0"])
async def test_a_private_provider_is_not_the_metadata_service(host: str, wire: Wire) -> None:
    await refused(connector(private=True), f"http://{host}/latest/meta-data/")
    assert wire.dialled == []


async def test_a_dot_behind_a_name_hides_nothing(site: Site, wire: Wire) -> None:
    pool = connector(private=False, resolver=Names(["127.0.0.1"]))
    await refused(pool, f"http://inside.test.:{site.port}/")
    assert (wire.dialled, site.connections) == ([], 0)


@pytest.mark.parametrize("answer", [[PUBLIC, "127.0.0.1"], ["127.0.0.1", PUBLIC, "::1"]])
async def test_of_several_addresses_only_the_public_one_is_used(
    answer: list[str], site: Site, wire: Wire
) -> None:
    async with connector(private=False, resolver=Names(answer)) as pool:
        assert await status(pool, f"http://mixed.test:{site.port}/") == 200
    assert (wire.dialled, site.connections) == ([PUBLIC], 0)


@pytest.mark.parametrize("answer", [[NOT_THERE, "127.0.0.1"], ["::1", "127.0.0.1", NOT_THERE]])
async def test_a_dead_public_address_does_not_lead_to_the_private_one(
    answer: list[str], site: Site, wire: Wire
) -> None:
    async with connector(private=False, resolver=Names(answer)) as pool:
        with pytest.raises(aiohttp.ClientConnectorError) as caught:
            await status(pool, f"http://mixed.test:{site.port}/")
    assert address_refused(caught.value) is None
    assert (wire.dialled, site.connections) == ([NOT_THERE], 0)


async def test_a_name_that_moves_inside_is_followed_no_more(site: Site, wire: Wire) -> None:
    pool = connector(private=False, resolver=Names([PUBLIC], ["127.0.0.1"]))
    assert await status(pool, f"http://moving.test:{site.port}/") == 200
    pool.clear_dns_cache()
    await refused(pool, f"http://moving.test:{site.port}/")
    assert (wire.dialled, site.connections) == ([PUBLIC], 0)


async def test_a_refusal_of_several_addresses_names_them_all(site: Site, wire: Wire) -> None:
    pool = connector(private=False, resolver=Names(["::1", "127.0.0.1", "10.0.0.1"]))
    found = await refused(pool, f"http://inside.test:{site.port}/")
    assert found.address == "inside.test"
    assert all(address in found.reason for address in ("'::1'", "'127.0.0.1'", "'10.0.0.1'"))
    assert wire.dialled == []


@pytest.mark.parametrize("private", [False, True])
async def test_a_resolver_that_answers_with_a_name_is_not_believed(
    private: bool, site: Site, wire: Wire
) -> None:
    pool = connector(private=private, resolver=Names(["localhost"]))
    await refused(pool, f"http://alias.test:{site.port}/")
    assert (wire.dialled, site.connections) == ([], 0)


async def test_a_name_without_addresses_is_refused_and_not_our_bug(wire: Wire) -> None:
    await refused(connector(private=False, resolver=Names([])), "http://empty.test/")
    assert wire.dialled == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]"])
async def test_a_redirect_from_outside_to_inside_is_refused_at_the_hop(
    host: str, front: Site, site: Site, wire: Wire
) -> None:
    front.location = f"http://{host}:{site.port}/"
    await refused(connector(private=False), f"http://{PUBLIC}:{site.port}/")
    assert (wire.dialled, front.connections, site.connections) == ([PUBLIC], 1, 0)


async def test_the_resolver_passed_in_can_be_closed_by_its_owner_only() -> None:
    names = Names()
    await connector(private=False, resolver=names).close()
    assert not names.closed


def test_an_error_without_a_refusal_has_none() -> None:
    error = OSError("other")
    error.__cause__ = ValueError("still other")
    assert address_refused(error) is None

"""Which addresses may be connected to, and a connector that goes to no other."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from weakref import WeakSet

from aiohttp import ClientRequest, ClientTimeout, TCPConnector, ThreadedResolver
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.tracing import Trace
from yarl import URL

from imageway.core.errors import ErrorCode, ImagewayError

METADATA = "a cloud's metadata service"
# What `private` allows; everything else in the tables is refused to everybody.
OWN_NETWORKS = frozenset({"loopback", "private", "carrier-grade NAT"})

# The first that fits counts. Sources: the IANA special-purpose address registries, and for the
# metadata services the documents of AWS, Google, Alibaba, Oracle and Azure.
KIND_BY_NETWORK: Mapping[str, str] = {
    "169.254.169.254/32": METADATA,
    "100.100.100.200/32": METADATA,
    "192.0.0.192/32": METADATA,
    "168.63.129.16/32": METADATA,
    "fd00:ec2::/32": METADATA,
    "fd20:ce::254/128": METADATA,
    "fd00:c1::a9fe:a9fe/128": METADATA,
    "0.0.0.0/32": "unspecified",
    "0.0.0.0/8": "reserved",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "carrier-grade NAT",
    "127.0.0.0/8": "loopback",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "reserved",
    "192.0.2.0/24": "documentation",
    "192.88.99.0/24": "6to4",
    "192.168.0.0/16": "private",
    "198.18.0.0/15": "benchmarking",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "::/128": "unspecified",
    "::1/128": "loopback",
    "::/96": "IPv4-compatible",
    "64:ff9b::/96": "NAT64",
    "64:ff9b:1::/48": "NAT64",
    "2001::/32": "Teredo",
    "2001::/23": "reserved",
    "2001:db8::/32": "documentation",
    "2002::/16": "6to4",
    "3fff::/20": "documentation",
    "fc00::/7": "private",
    "fe80::/10": "link-local",
    "fec0::/10": "site-local",
    "ff00::/8": "multicast",
}
NETWORKS = tuple((ip_network(network), kind) for network, kind in KIND_BY_NETWORK.items())
# All of IPv6 that is given out to the public today.
GLOBAL_UNICAST = IPv6Network("2000::/3")

SCHEMES = frozenset({"http", "https"})
# Signed download links have up to about two thousand characters.
LONGEST_URL = 8192


class AddressRefused(OSError):
    """The guard's refusal to connect; aiohttp carries it inside an error of its own."""

    def __init__(self, address: str, reason: str) -> None:
        super().__init__(errno.EACCES, reason)
        self.address = address
        self.reason = reason


def refusal(address: str, *, private: bool = False) -> str | None:
    """Say why an address may not be connected to, or None if it may."""
    try:
        found = ip_address(address)
    except ValueError:
        return f"{address!r} is not an IP address"
    kind = _kind(found)
    if kind is None or (private and kind in OWN_NETWORKS):
        return None
    return f"{address!r} may not be connected to, its kind is {kind!r}"


def address_refused(error: BaseException | None) -> AddressRefused | None:
    """Find the guard's refusal behind an error of aiohttp."""
    while error is not None:
        if isinstance(error, AddressRefused):
            return error
        error = error.__cause__
    return None


def connector(
    *,
    private: bool,
    limit: int = 100,
    resolver: AbstractResolver | None = None,
    reuse: bool = True,
) -> TCPConnector:
    """Make a connection pool that goes to public addresses, and if private to this site's own."""
    names = GuardedResolver(resolver or ThreadedResolver(), private=private)
    return Pool(private=private, limit=limit, resolver=names, reuse=reuse)


class Pool(TCPConnector):
    """Leaves an idle connection on which the vendor has spoken unasked.

    aiohttp would take what it said there, such as a load balancer's 408, for the next answer.
    """

    def __init__(
        self, *, private: bool, limit: int, resolver: AbstractResolver, reuse: bool
    ) -> None:
        # aiohttp asks for the socket with the very address it connects to next, so neither a
        # literal in the URL nor a name that changes its mind can pass by.
        def guarded(info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
            family, kind, protocol, _, (address, *_) = info
            if reason := refusal(str(address), private=private):
                raise AddressRefused(str(address), reason)
            return socket.socket(family, kind, protocol)

        super().__init__(
            limit=limit, resolver=resolver, socket_factory=guarded, force_close=not reuse
        )
        self._used: WeakSet[ResponseHandler] = WeakSet()

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: ClientTimeout,  # noqa: ASYNC109 - aiohttp calls it so
    ) -> Connection:
        """Take a silent connection from the pool, else make one."""
        while True:
            connection = await super().connect(req, traces, timeout)
            protocol = connection.protocol
            if protocol is None or protocol not in self._used or not protocol.should_close:
                break
            connection.close()
        if protocol is not None:
            self._used.add(protocol)
        return connection


class GuardedResolver(AbstractResolver):
    """Leaves out the addresses that would be refused, so that a refusal is not lost among others.

    Were several tried, aiohappyeyeballs would join their errors into a plain OSError.
    """

    def __init__(self, inner: AbstractResolver, *, private: bool) -> None:
        self._inner = inner
        self._private = private

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Resolve a name to the addresses that may be connected to."""
        answers = await self._inner.resolve(host, port, family)
        reasons = [refusal(answer["host"], private=self._private) for answer in answers]
        allowed = [answer for answer, reason in zip(answers, reasons, strict=True) if not reason]
        if not allowed:
            told = "; ".join(filter(None, reasons)) or "it has no address"
            raise AddressRefused(host, f"{host!r} leads nowhere allowed: {told}")
        return allowed

    async def close(self) -> None:
        """Close the resolver inside."""
        await self._inner.close()


def check_url(url: str, code: ErrorCode = ErrorCode.BAD_ANSWER) -> URL:
    """Parse a URL that somebody else gave us, and refuse what is not plainly a web address."""
    # The URL is never repeated, nor yarl's words, which repeat it: it may hold a password.
    if len(url) > LONGEST_URL:
        raise ImagewayError(code, f"the URL is longer than {LONGEST_URL!r} characters")
    try:
        parsed = URL(url)
    except ValueError:
        raise ImagewayError(code, "the URL cannot be parsed") from None
    if parsed.scheme not in SCHEMES:
        raise ImagewayError(code, f"the URL's scheme is {parsed.scheme[:20]!r}, not http or https")
    if parsed.user is not None or parsed.password is not None:
        raise ImagewayError(code, "the URL holds a user name or a password")
    if not parsed.host:
        raise ImagewayError(code, "the URL names no host")
    if _is_odd_number(parsed.host):
        raise ImagewayError(code, f"the URL's host is {parsed.host[:40]!r}, no plain IPv4 address")
    return parsed


def _is_odd_number(host: str) -> bool:
    """Whether a host is one of the old numeric spellings, such as 2130706433 or 127.1."""
    if not host.replace(".", "").isdigit():
        return False
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


def _kind(address: IPv4Address | IPv6Address) -> str | None:
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        return _kind(address.ipv4_mapped)
    for network, kind in NETWORKS:
        if address in network:
            return kind
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return "reserved"
    return None

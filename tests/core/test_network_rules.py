"""Which addresses and URLs are refused, each with its reason."""

from __future__ import annotations

import traceback
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as some

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.network import check_url, refusal

OWN = {
    "loopback": ["127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::ffff:7f00:1"],
    "private": ["10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
    "'private'": ["fc00::1", "fd12:3456::1", "::ffff:192.168.0.1"],
    "carrier-grade NAT": ["100.64.0.1", "100.127.255.255", "::ffff:100.64.0.1"],
}
NEVER = {
    "metadata": ["169.254.169.254", "::ffff:169.254.169.254", "fd00:ec2::254", "fd20:ce::254"],
    "a cloud's": ["100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:c1::a9fe:a9fe"],
    "link-local": ["169.254.0.1", "169.254.170.2", "fe80::1", "fe80::1%eth0", "febf::1"],
    "unspecified": ["0.0.0.0", "::", "::%1", "::ffff:0.0.0.0"],
    "multicast": ["224.0.0.1", "239.255.255.250", "ff02::1", "ff0e::1"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1", "3fff::1"],
    "benchmarking": ["198.18.0.1", "198.19.255.255"],
    "NAT64": ["64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "64:ff9b:1:ffff::7f00:1"],
    "6to4": ["2002:7f00:1::", "2002:808:808::1", "192.88.99.1"],
    "Teredo": ["2001::1", "2001:0:7f00:1::"],
    "IPv4-compatible": ["::127.0.0.1", "::8.8.8.8", "::2"],
    "site-local": ["fec0::1", "feff::1"],
    "reserved": ["255.255.255.255", "240.0.0.1", "0.1.2.3", "192.0.0.8", "2001:2::1"],
    "'reserved'": ["::ffff:0:127.0.0.1", "100::1", "5f00::1", "4000::1"],
    "not an IP address": ["", "localhost", "0x7f.1", "127.1", "2130706433", "127.0.0.1."],
    "is not an IP address": ["0177.0.0.1", "127.0.0.1:80", "[::1]", " 127.0.0.1", "/run/socket"],
}
FREE_4 = ["93.184.215.14", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1"]
FREE_6 = ["::ffff:8.8.8.8", "2001:4860:4860::8888", "2a00:1450::1", "2606:2800::1"]


def pairs(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(key, address) for key, addresses in table.items() for address in addresses]


@pytest.mark.parametrize(("kind", "address"), pairs(OWN) + pairs(NEVER))
def test_what_is_not_public_is_refused(kind: str, address: str) -> None:
    reason = refusal(address) or ""
    assert kind in reason
    assert repr(address) in reason


@pytest.mark.parametrize(("kind", "address"), pairs(NEVER))
def test_some_addresses_are_refused_to_a_private_network_too(kind: str, address: str) -> None:
    assert kind in (refusal(address, private=True) or "")


@pytest.mark.parametrize("address", [address for _, address in pairs(OWN)])
def test_a_private_network_may_be_allowed(address: str) -> None:
    assert refusal(address, private=True) is None


@pytest.mark.parametrize("address", FREE_4 + FREE_6)
@pytest.mark.parametrize("private", [False, True])
def test_a_public_address_is_free(address: str, private: bool) -> None:
    assert refusal(address, private=private) is None


@given(some.ip_addresses())
def test_nothing_passes_that_python_does_not_call_global(
    address: IPv4Address | IPv6Address,
) -> None:
    plain = (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
    assert refusal(str(address)) or (plain.is_global and not plain.is_multicast)


GOOD_URLS = [
    "http://example.com",
    "https://example.com:8443/a?b=c#d",
    "HTTPS://EXAMPLE.COM/",
    "http://93.184.215.14/",
    "http://[2606:2800::1]/a",
    "https://пример.рф/",
]
REASON_BY_URL = {
    "": "scheme is ''",
    "example.com": "scheme is ''",
    "//example.com/": "scheme is ''",
    "file:///etc/passwd": "scheme is 'file'",
    "ftp://example.com/": "scheme is 'ftp'",
    "data:image/png;base64,AAAA": "scheme is 'data'",
    "javascript:alert(1)": "scheme is 'javascript'",
    "http://": "no host",
    "http:///a": "no host",
    "http:a": "no host",
    "http://:80/": "cannot be parsed",
    "http://[::1": "cannot be parsed",
    "http://a:99999/": "cannot be parsed",
    "http://example.com\\@127.0.0.1/": "cannot be parsed",
    "https://me:hunter2@exa\u2100mple.com/": "cannot be parsed",
    "https://me:hunter2@example.com/": "a user name or a password",
    "https://hunter2@example.com/": "a user name or a password",
    "https://example.com/" + "a" * 10_000: "longer than 8192",
    "http://2130706433/": "no plain IPv4 address",
    "http://127.1/": "no plain IPv4 address",
    "http://0177.0.0.1/": "no plain IPv4 address",
    "http://127.0.0.1./": "no plain IPv4 address",
}


@pytest.mark.parametrize("url", GOOD_URLS)
def test_a_plain_web_address_passes(url: str) -> None:
    assert check_url(url).scheme in {"http", "https"}


@pytest.mark.parametrize("url", REASON_BY_URL)
def test_what_is_no_plain_web_address_is_a_bad_answer(url: str) -> None:
    with pytest.raises(ImagewayError, match=REASON_BY_URL[url]) as caught:
        check_url(url)
    assert caught.value.info.code == ErrorCode.BAD_ANSWER
    assert "hunter2" not in str(caught.value)


def test_a_password_does_not_show_in_the_error_behind_the_error() -> None:
    url = "https://me:hunter2@exa\u2100mple.com/"
    with pytest.raises(ImagewayError) as caught:
        check_url(url)
    assert "hunter2" in str(caught.value.__context__)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_the_url_of_a_caller_is_the_callers_mistake() -> None:
    with pytest.raises(ImagewayError, match="scheme is 'file'") as caught:
        check_url("file:///etc/passwd", ErrorCode.INVALID_REQUEST)
    assert caught.value.info.code == ErrorCode.INVALID_REQUEST

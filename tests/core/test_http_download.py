"""Files that a vendor points to: every hop checked, no key for strangers, a few cuts survived."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from tests.loopback import Loopback, loopback

SECRET = {"Authorization": "Bearer sk-CANARY"}
HALF = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
async def http(slept: list[float]) -> AsyncIterator[Http]:
    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with Http(private=True, sleep=sleep) as found:
        yield found


async def failure(http: Http, url: str) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        await http.download(url, limit=50)
    return caught.value.info


async def test_a_file_comes_whole(http: Http, site: Loopback) -> None:
    site.answers(body=b"\x89PNG", kind="image/png")
    assert await http.download(site.url, headers=SECRET) == b"\x89PNG"
    assert site.heard[0].headers["authorization"] == SECRET["Authorization"]


async def test_a_cut_file_is_fetched_again_twice_and_no_more(
    http: Http, site: Loopback, slept: list[float]
) -> None:
    site.says(HALF)
    assert (await failure(http, site.url)).code is ErrorCode.NETWORK
    assert (len(site.heard), slept) == (3, [0.5, 1.0])


async def test_a_file_that_comes_at_last_is_there(http: Http, site: Loopback) -> None:
    site.says(HALF)
    site.says(b"", "reset")
    site.answers(body=b"fox")
    assert await http.download(site.url) == b"fox"


async def test_a_redirect_to_another_host_gets_no_key(http: Http, site: Loopback) -> None:
    async with loopback() as other:
        site.answers(302, Location=f"{other.url}/file?sign=1")
        other.answers(body=b"fox")
        assert await http.download(site.url, headers=SECRET) == b"fox"
    assert other.heard[0].path == "/file?sign=1"
    assert "authorization" not in other.heard[0].headers


async def test_a_redirect_to_the_same_host_keeps_the_key(http: Http, site: Loopback) -> None:
    site.answers(302, Location="/there")
    site.answers(body=b"fox")
    assert await http.download(f"{site.url}/here", headers=SECRET) == b"fox"
    assert site.heard[1].path == "/there"
    assert "authorization" in site.heard[1].headers


async def test_more_than_three_redirects_are_refused(http: Http, site: Loopback) -> None:
    site.answers(302, Location="/again")
    assert (await failure(http, site.url)).code is ErrorCode.BAD_ANSWER
    assert len(site.heard) == 4


@pytest.mark.parametrize("there", ["file:///etc/passwd", "http://a:b@127.0.0.1/", "http://127.1/"])
async def test_a_redirect_to_something_odd_is_refused(
    http: Http, site: Loopback, there: str
) -> None:
    site.answers(302, Location=there)
    assert (await failure(http, site.url)).code is ErrorCode.BAD_ANSWER
    assert len(site.heard) == 1


async def test_a_redirect_to_a_metadata_service_is_refused_at_the_hop(
    http: Http, site: Loopback, slept: list[float]
) -> None:
    site.answers(302, Location="http://169.254.169.254/latest")
    assert (await failure(http, site.url)).code is ErrorCode.FORBIDDEN
    assert slept == []


@pytest.mark.parametrize("url", ["data:image/png;base64,AA==", "/file", "http://x:y@host/"])
async def test_what_is_no_web_address_is_a_bad_answer(http: Http, url: str) -> None:
    assert (await failure(http, url)).code is ErrorCode.BAD_ANSWER


@pytest.mark.parametrize("status", [401, 403, 404, 410])
async def test_an_address_that_has_expired_is_not_blamed_on_our_key(
    http: Http, site: Loopback, status: int
) -> None:
    site.answers(status)
    info = await failure(http, site.url)
    assert (info.code, len(site.heard)) == (ErrorCode.BAD_ANSWER, 1)


async def test_a_file_larger_than_the_limit_is_not_taken(http: Http, site: Loopback) -> None:
    site.answers(body=b"x" * 51)
    assert (await failure(http, site.url)).code is ErrorCode.TOO_LARGE
    assert len(site.heard) == 1

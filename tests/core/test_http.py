"""Free calls: what comes back, what is refused, and in which words a failure is told."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel, ConfigDict, Field

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.outgoing import FormPart, Times
from tests.loopback import Loopback, loopback

CERTIFICATE = Path(__file__).parents[1] / "data" / "self_signed.pem"
QUICK = Times(first_byte=0.2, idle=0.2)
KEY = "sk-CANARY"


class Fox(BaseModel):
    name: str


class Wish(BaseModel):
    model_config = ConfigDict(populate_by_name=True)

    image_size: str = Field(serialization_alias="imageSize")
    seed: int | None = None


@pytest.fixture
async def site() -> AsyncIterator[Loopback]:
    async with loopback() as found:
        yield found


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    async with Http(private=True) as found:
        yield found


async def failure(http: Http, url: str, method: str = "GET", **headers: str) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        await http.exchange(method, url, params={"key": KEY}, headers=headers)
    assert KEY not in str(caught.value.info)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value.info


async def test_json_goes_out_without_what_is_unset_and_comes_back_as_a_model(
    http: Http, site: Loopback
) -> None:
    site.answers(body=b'{"name": "Rex", "unknown": 1}')
    fox = await http.json("POST", site.url, Fox, send=Wish(image_size="1K"))
    assert fox == Fox(name="Rex")
    [heard] = site.heard
    assert heard.body == b'{"imageSize":"1K"}'
    assert heard.headers["content-type"] == "application/json"
    assert heard.headers["accept"] == "application/json"


async def test_a_reply_has_status_headers_and_bytes(http: Http, site: Loopback) -> None:
    site.answers(201, b"\x00\xff", "image/png")
    reply = await http.exchange("PUT", site.url, body=b"\xff\x00")
    assert (reply.status, reply.headers["CONTENT-TYPE"], reply.body) == (
        201,
        "image/png",
        b"\x00\xff",
    )
    assert site.heard[0].body == b"\xff\x00"


async def test_a_form_is_multipart_and_takes_large_files(http: Http, site: Loopback) -> None:
    site.answers()
    parts = (
        FormPart("prompt", "a fox"),
        FormPart("image", b"x" * (2 << 20), "fox.png", "image/png"),
    )
    await http.exchange("POST", site.url, form=parts)
    [heard] = site.heard
    assert heard.headers["content-type"].startswith("multipart/form-data")
    assert b'name="prompt"\r\n\r\na fox\r\n' in heard.body
    assert b'name="image"; filename="fox.png"' in heard.body
    assert b"x" * (2 << 20) in heard.body


async def test_cookies_are_not_kept(http: Http, site: Loopback) -> None:
    site.answers(Set_Cookie="who=me")
    # A name, because no cookies are kept for numbers anyway.
    named = site.url.replace("127.0.0.1", "localhost")
    await http.exchange("GET", named)
    await http.exchange("GET", named)
    assert "cookie" not in site.heard[1].headers


async def test_a_proxy_in_the_environment_is_not_used(
    http: Http, site: Loopback, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    site.answers()
    assert (await http.exchange("GET", site.url)).status == 200


async def test_a_redirect_is_not_followed_and_only_its_host_is_named(
    http: Http, site: Loopback
) -> None:
    site.answers(307, Location=f"{site.url}/elsewhere?key={KEY}")
    info = await failure(http, site.url)
    assert (info.code, len(site.heard)) == (ErrorCode.BAD_ANSWER, 1)
    assert info.message == "the provider redirects to '127.0.0.1'"


@pytest.mark.parametrize("announced", [True, False])
async def test_an_answer_is_cut_at_the_limit(http: Http, site: Loopback, announced: bool) -> None:
    length = b"Content-Length: 999\r\n" if announced else b"Transfer-Encoding: chunked\r\n"
    site.says(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n63\r\n" + b"x" * 99, "stall")
    with pytest.raises(ImagewayError) as caught:
        await http.exchange("GET", site.url, limit=50)
    assert caught.value.info.code is ErrorCode.TOO_LARGE
    assert caught.value.info.origin == "vendor"


@pytest.mark.parametrize(
    "body",
    [
        b"<html>",
        b'{"name": "Re',
        b'{"name": NaN}',
        b'{"other": 1}',
        b"[" * 10_000,
        b'{"name": ' + b"9" * (1 << 20) + b"}",
        b"\xff\xfe",
        b"",
    ],
    ids=["html", "truncated", "nan", "other", "deep", "long", "bytes", "empty"],
)
async def test_json_that_cannot_be_read_is_a_bad_answer_without_its_words(
    http: Http, site: Loopback, body: bytes
) -> None:
    site.answers(body=body)
    with pytest.raises(ImagewayError) as caught:
        await http.json("GET", site.url, Fox)
    assert caught.value.info.code is ErrorCode.BAD_ANSWER
    assert len(caught.value.info.message) < 100


async def test_only_the_beginning_of_an_unreadable_answer_is_logged(
    http: Http, site: Loopback, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "imageway")
    site.answers(body=b"<" * 200 + b"END")
    with pytest.raises(ImagewayError):
        await http.json("GET", site.url, Fox)
    assert "<" * 200 in caplog.text
    assert "END" not in caplog.text


async def test_the_adapter_explains_a_refusal_and_the_header_says_how_long(
    http: Http, site: Loopback
) -> None:
    def explain(status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
        return ImagewayError(ErrorCode.REJECTED, f"{status} {headers['X-Why']} {body.decode()}")

    site.answers(418, b"teapot", X_Why="because", Retry_After="7")
    with pytest.raises(ImagewayError) as caught:
        await http.json("GET", site.url, Fox, explain=explain)
    info = caught.value.info
    assert (info.message, info.origin, info.retry_after) == ("418 because teapot", "vendor", 7.0)


async def test_a_refusal_whose_body_never_ends_is_still_that_refusal(site: Loopback) -> None:
    site.says(b"HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\nno", "stall")
    async with Http(private=True, times=Times(idle=0.2)) as http:
        assert (await failure(http, site.url)).code is ErrorCode.UNAUTHENTICATED


async def test_a_get_is_not_sent_again_behind_our_back(http: Http, site: Loopback) -> None:
    site.says(b"")
    info = await failure(http, site.url)
    assert (info.code, info.origin) == (ErrorCode.NETWORK, "vendor")
    assert (len(site.heard), site.connections) == (1, 1)


@pytest.mark.parametrize(
    "said",
    [b"", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"],
    ids=["silence", "head", "half"],
)
async def test_a_stall_is_a_timeout_wherever_it_happens(site: Loopback, said: bytes) -> None:
    site.says(said, "stall")
    async with Http(private=True, times=QUICK) as http:
        info = await failure(http, site.url)
    assert (info.code, info.origin, info.charged) == (ErrorCode.TIMEOUT, "vendor", "no")


async def test_what_is_not_http_is_a_bad_answer(http: Http, site: Loopback) -> None:
    site.says(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")
    info = await failure(http, site.url)
    assert (info.code, info.origin) == (ErrorCode.BAD_ANSWER, "vendor")


async def test_the_time_for_it_all_bounds_every_wait(site: Loopback) -> None:
    site.says(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx", "stall")
    async with Http(private=True, times=Times(total=0.2)) as http:
        assert (await failure(http, site.url)).code is ErrorCode.TIMEOUT


async def test_a_refused_connection_says_so_and_names_no_host(http: Http) -> None:
    info = await failure(http, "http://127.0.0.1:1/secret")
    assert (info.code, info.origin) == (ErrorCode.NETWORK, "vendor")
    assert info.message == "the provider refused the connection"


async def test_a_black_hole_is_left_after_the_time_to_connect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never(sock: socket.socket, address: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", never)
    async with Http(private=True, times=Times(connect=0.02)) as http:
        info = await failure(http, "http://127.0.0.1:1")
    assert info.code is ErrorCode.NETWORK
    assert info.message == "the provider could not be connected to in time"


async def test_a_name_that_does_not_exist_is_not_repeated(
    http: Http, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(*args: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "no such host")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", unknown)
    info = await failure(http, "http://vendor.invalid")
    assert (info.code, info.message) == (
        ErrorCode.NETWORK,
        "the provider's name could not be resolved",
    )


async def test_a_wrong_certificate_is_not_asked_again(http: Http) -> None:
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(CERTIFICATE)
    async with loopback(secure) as site:
        info = await failure(http, site.url)
    assert (info.code, info.charged) == (ErrorCode.BAD_ANSWER, "no")
    assert not info.may_be_repeated
    assert info.another_may_cure
    assert "certificate" in info.message
    assert site.heard == []


async def test_an_address_of_our_own_is_refused_unless_it_is_allowed(site: Loopback) -> None:
    async with Http() as http:
        info = await failure(http, site.url)
    assert (info.code, info.origin) == (ErrorCode.FORBIDDEN, "imageway")
    assert 'network = "private"' in (info.hint or "")
    assert site.connections == 0


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "http://", "nonsense", "http://[::1"])
async def test_what_is_no_web_address_is_a_mistake_in_the_file(http: Http, url: str) -> None:
    info = await failure(http, url)
    assert (info.code, info.origin) == (ErrorCode.MISCONFIGURED, "imageway")


async def test_a_header_cannot_be_split(http: Http, site: Loopback) -> None:
    info = await failure(http, site.url, Authorization=f"Bearer {KEY}\r\n")
    assert info.code is ErrorCode.MISCONFIGURED
    assert site.connections == 0


async def test_it_closes_twice_and_opens_again(site: Loopback) -> None:
    site.answers()
    http = Http(private=True)
    await http.exchange("GET", site.url)
    await http.close()
    await http.close()
    assert (await http.exchange("GET", site.url)).status == 200
    await http.close()

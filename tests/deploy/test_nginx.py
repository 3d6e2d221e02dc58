"""deploy/nginx.conf under Debian's nginx: what passes, what is held back, nothing is sent twice."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from imageway.qwen.settings import Settings
from tests.checkout import text
from tests.deploy.programs import DEPLOY, deployed, eventually, is_answered, program, running
from tests.loopback import loopback
from tests.qwen.lab import Lab, lab

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

OURS = "127.0.0.1:7860"
# Everything that nginx writes goes beside its configuration; as root it would become somebody
# else, who may not look into a folder of the tests.
WHOLE = """
{user}
daemon off;
pid nginx.pid;
error_log error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    upstream service {{ {servers} }}
    server {{
        listen unix:nginx.sock;
        include imageway.conf;
    }}
}}
"""


@asynccontextmanager
async def proxy(folder: Path, *urls: str) -> AsyncGenerator[aiohttp.ClientSession]:
    """A client of nginx with our file, in front of one address or several."""
    (folder / "imageway.conf").write_text(deployed("nginx.conf", **{OURS: "service"}))
    user = "user root;" if os.getuid() == 0 else ""
    servers = " ".join(f"server {url.removeprefix('http://')};" for url in urls)
    (folder / "nginx.conf").write_text(WHOLE.format(user=user, servers=servers))
    command = [program("nginx"), "-p", str(folder), "-c", "nginx.conf", "-e", "error.log"]
    with running(command, folder):
        eventually(lambda: is_answered(folder / "nginx.sock"))
        connector = aiohttp.UnixConnector(str(folder / "nginx.sock"))
        async with aiohttp.ClientSession("http://localhost", connector=connector) as session:
            yield session


@pytest.fixture
async def it() -> AsyncGenerator[Lab]:
    async with lab() as fresh:
        yield fresh


async def test_a_picture_comes_through(it: Lab, tmp_path: Path) -> None:
    async with proxy(tmp_path, it.url) as session:
        answer = await session.post("/api/generate", json={"prompt": "a red fox"})
        assert (answer.status, answer.headers["X-Code"]) == (200, "0")
        assert (await answer.read()).startswith(b"\x89PNG")


async def test_an_event_arrives_while_the_next_one_is_still_to_come(
    it: Lab, tmp_path: Path
) -> None:
    hold = it.engine.hold(10)
    async with proxy(tmp_path, it.url) as session:
        number = await it.submit()
        await hold.until_reached()
        async with session.get(f"/api/requests/{number}/events") as events:
            async with asyncio.timeout(10):
                while b"event: started" not in await events.content.readline():
                    pass
            hold.go.set()
            assert b"event: done" in await events.content.read()


async def test_a_picture_of_the_alias_streams(it: Lab, tmp_path: Path) -> None:
    hold = it.engine.hold(10)
    body = {"prompt": "a fox", "size": "256x256", "stream": True, "partial_images": 1}
    async with proxy(tmp_path, it.url) as session:
        answer = await session.post("/v1/images/generations", json=body)
        await hold.until_reached()
        # The headers alone prove that nothing waits for the end.
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        hold.go.set()
        assert b"image_generation.completed" in await answer.read()


async def test_a_busy_answer_is_passed_on_with_its_advice_and_nobody_else_is_asked(
    tmp_path: Path,
) -> None:
    async with loopback() as one, loopback() as other:
        for each in (one, other):
            each.answers(503, b'{"code":3002}', Retry_After="7")
        async with proxy(tmp_path, one.url, other.url) as session:
            answer = await session.post("/api/generate", json={"prompt": "a red fox"})
            assert (answer.status, answer.headers["Retry-After"]) == (503, "7")
            assert await answer.json() == {"code": 3002}
        assert len(one.heard) + len(other.heard) == 1


async def test_a_connection_that_is_cut_is_not_tried_again(tmp_path: Path) -> None:
    async with loopback() as one, loopback() as other:
        for each in (one, other):
            each.says(b"", "reset")
        async with proxy(tmp_path, one.url, other.url) as session:
            answer = await session.post("/api/generate", json={"prompt": "a red fox"})
            assert answer.status == 502
        assert len(one.heard) + len(other.heard) == 1


async def test_a_body_over_64_kib_does_not_reach_the_service(it: Lab, tmp_path: Path) -> None:
    async with proxy(tmp_path, it.url) as session:
        answer = await session.post("/api/generate", data=b"x" * 70_000)
        assert answer.status == 413


def test_nginx_waits_longer_than_the_line_and_a_picture_take() -> None:
    usual = Settings(backend="demo")
    found: list[str] = re.findall(r"proxy_read_timeout (\d+)s", text(DEPLOY / "nginx.conf"))
    waits = [int(each) for each in found]
    assert max(waits) > usual.max_wait_seconds + usual.max_total_seconds


def test_no_post_may_be_sent_twice() -> None:
    assert "proxy_next_upstream off;" in text(DEPLOY / "nginx.conf")
    assert "non_idempotent" not in text(DEPLOY / "nginx.conf")

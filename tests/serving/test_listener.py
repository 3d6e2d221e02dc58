"""An application is reached on its address, and doubled slashes lead where single ones do."""

from __future__ import annotations

import asyncio

import pytest

from imageway.serving.connection import Patience
from tests.serving.site import get, site


@pytest.mark.parametrize("path", ["//hello", "////hello"])
async def test_doubled_slashes_are_one(path: str) -> None:
    async with site(Patience()) as here:
        answer = await here.send(get(f"{path}?a=%2F%2Fb", "Connection: close"))
        assert answer.endswith(b'{"path":"/hello","query":"a=//b"}')


async def test_closing_lets_an_answer_finish() -> None:
    async with site(Patience()) as here:
        reader, writer = await here.connect()
        writer.write(get("/held"))
        await here.entered.wait()
        closing = asyncio.create_task(here.listener.close())
        here.held.set()
        assert b"HTTP/1.1 200" in await reader.readline()
        await closing


async def test_a_closed_listener_is_not_reached() -> None:
    async with site(Patience()) as here:
        await here.listener.close()
        with pytest.raises(OSError, match=r"refused|Connect"):
            await here.connect()

"""The toy vendor and a client of it, for the tests of what every emulator shares."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from imageway.emulators.serving import serve
from imageway.emulators.toy import Toy


@pytest.fixture
def toy() -> Toy:
    return Toy(key=None)


@pytest.fixture
async def client(toy: Toy) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve(toy) as url, aiohttp.ClientSession(url) as session:
        yield session

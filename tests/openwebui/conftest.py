"""A fresh gateway for each test."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest

from tests.server.lab import Lab, lab


@pytest.fixture
async def it() -> AsyncGenerator[Lab]:
    async with lab() as fresh:
        yield fresh

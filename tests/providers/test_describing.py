"""A model is described in time or permissively; nothing that a plug-in does refuses a request."""

from __future__ import annotations

import asyncio
import logging

import pytest

from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.describing import describing
from tests.stack.vendor import Vendor

KNOWN = Capabilities(images_per_call=3)


class Describing(Vendor):
    """Describes as a test tells it to."""

    error: Exception | None = None
    seconds = 0.0

    async def describe(self, model: str) -> Capabilities:
        await asyncio.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        return KNOWN


async def test_what_an_adapter_says_is_what_counts() -> None:
    assert await describing(Describing("a"))("m") is KNOWN


@pytest.mark.parametrize(
    "error", [ImagewayError(ErrorCode.UNAVAILABLE, "down"), KeyError("bug"), TimeoutError()]
)
async def test_a_description_that_cannot_be_had_is_permissive(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    vendor = Describing("a")
    vendor.error = error
    with caplog.at_level(logging.WARNING):
        found = await describing(vendor)("m")
    assert not found.known
    assert "no description of 'm'" in caplog.text


async def test_a_description_that_takes_too_long_is_permissive() -> None:
    vendor = Describing("a")
    vendor.seconds = 1
    assert not (await describing(vendor, 0)("m")).known

"""The fixture `vendor` answers for a vendor, and is needed for as long as the last test says."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from aioresponses import aioresponses

from imageway.core.http import Http
from tests.vendor import Vendor

ADDRESS = "https://vendor.invalid/v1/models"


async def ask() -> object:
    async with Http() as http, http.session.get(ADDRESS) as response:
        return await response.json()


async def test_a_scripted_vendor_answers_through_our_own_http(vendor: Vendor) -> None:
    vendor.answers("GET", ADDRESS, {"models": ["fox"]})
    assert await ask() == {"models": ["fox"]}


async def test_a_scripted_vendor_can_hang_up(vendor: Vendor) -> None:
    vendor.answers("GET", ADDRESS, error=aiohttp.ServerDisconnectedError())
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await ask()


async def test_an_address_that_was_not_scripted_is_refused(vendor: Vendor) -> None:
    vendor.answers("POST", ADDRESS, {})
    with pytest.raises(aiohttp.ClientConnectionError, match="Connection refused"):
        await ask()


async def test_plain_aioresponses_still_needs_our_help() -> None:
    with aioresponses() as plain:
        plain.add(ADDRESS, payload={})  # pyright: ignore[reportUnknownMemberType]: a bare Pattern
        [outcome] = await asyncio.gather(ask(), return_exceptions=True)
    assert isinstance(outcome, TypeError), (
        "aioresponses answers on this aiohttp without help: remove the patch from "
        "tests/vendor.py, and this test"
    )
    assert "stream_writer" in str(outcome)

"""Too many bytes at once are sent away with a time to come back; nobody runs out of memory."""

from __future__ import annotations

import asyncio

from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.server.lab import Lab, lab, picture


def held(it: Lab) -> tuple[asyncio.Event, asyncio.Event]:
    """The next request stays until it may go on."""
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        entered.set()
        await go_on.wait()
        run.image(picture())

    it.adapter.play = play
    return entered, go_on


async def test_what_is_too_much_is_sent_away_and_may_come_again() -> None:
    async with lab({"limits": {"bytes_in_flight": "100B"}}) as it:
        entered, go_on = held(it)
        first = asyncio.create_task(it.draw(user="x" * 80))
        await entered.wait()
        refused = await it.draw(user="x" * 80)
        assert (refused.status, refused.headers["Retry-After"]) == (429, "5")
        assert "bytes_in_flight" in str(refused.error["message"])
        go_on.set()
        assert (await first).status == 200
        assert (await it.draw(user="x" * 80)).status == 200


async def test_one_alone_is_always_let_in() -> None:
    async with lab({"limits": {"bytes_in_flight": "1B"}}) as it:
        assert (await it.draw()).status == 200


async def test_what_has_no_body_is_answered_all_the_same() -> None:
    async with lab({"limits": {"bytes_in_flight": "1B"}}) as it:
        entered, go_on = held(it)
        first = asyncio.create_task(it.draw())
        await entered.wait()
        assert (await it.ask("/v1/models")).status == 200
        go_on.set()
        await first

"""The client that the service's article describes: asks, waits when told to, gives up on its own.

It knows the published part alone: an image on 200, else JSON with a code. 1xxx and 2xxx are the
caller's mistakes and are raised at once; 3001 and 3002 are waited for as long as `retry_after`
says, else 2, 4, 8 … seconds; anything else is an error.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import aiohttp

MOST_TRIES = 5
RETRIED = (3001, 3002)


class ArticleError(Exception):
    """What the client gives up with."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(f"[{code}] {message}")


async def generate_image(
    session: aiohttp.ClientSession,
    url: str,
    prompt: str,
    aspect_ratio: str = "1:1",
    num_steps: int = 50,
    sleep: Callable[[float], Awaitable[None]] | None = None,
) -> bytes:
    """One picture, however long the service is busy."""
    payload = {"prompt": prompt, "aspect_ratio": aspect_ratio, "num_steps": num_steps}
    code = 0
    for attempt in range(MOST_TRIES):
        async with session.post(f"{url}/api/generate", json=payload) as response:
            if response.status == 200:
                assert response.headers["Content-Type"] == "image/png"
                return await response.read()
            told = await response.json()
        code = int(told["code"])
        if code not in RETRIED or sleep is None:
            raise ArticleError(code, str(told["message"]))
        await sleep(told.get("retry_after", 2**attempt))
    raise ArticleError(code, "no picture after five tries")

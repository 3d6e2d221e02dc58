"""A vendor for tests of one call: scripted answers in place of a network."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import partial
from unittest.mock import Mock, patch

import aiohttp
from aioresponses import aioresponses
from pydantic import JsonValue


class Vendor:
    """Answers as scripted, once each, in order; any other address is refused."""

    def __init__(self, scripted: aioresponses) -> None:
        self._scripted = scripted

    def answers(
        self,
        method: str,
        url: str,
        payload: JsonValue = None,
        *,
        body: bytes = b"",
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        error: Exception | None = None,
    ) -> None:
        """Script one answer: JSON, bytes, or the error that the connection ends with."""
        self._scripted.add(  # pyright: ignore[reportUnknownMemberType]: a bare Pattern in its types
            url,
            method,
            status=status,
            body=body,
            payload=payload,  # type: ignore[arg-type]  # any JSON is dumped, not only objects
            headers=dict(headers or {}),
            exception=error,
        )


@contextmanager
def scripted_vendor() -> Generator[Vendor]:
    """Stand between aiohttp and the network while the block lasts."""
    # aiohttp 3.14 asks every response for its stream writer, and aioresponses 0.7.9 has none:
    # https://github.com/pnuckowski/aioresponses/issues/289
    whole = partial(aiohttp.ClientResponse, stream_writer=Mock(output_size=0))
    with patch("aioresponses.core.ClientResponse", whole), aioresponses() as scripted:
        yield Vendor(scripted)

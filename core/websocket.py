"""Messages that a vendor pushes through a websocket; to listen costs nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Self

from aiohttp import (
    ClientSession,
    ClientWebSocketResponse,
    ClientWSTimeout,
    WebSocketError,
    WSMessage,
    WSMsgType,
)

from imageway.core.answer import Answer
from imageway.core.bill import Bill
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.outgoing import Outgoing, Times
from imageway.core.patience import Patience
from imageway.core.reply import CODE_BY_STATUS
from imageway.core.sending import FAULTS, Closed, Cut, NotUpgraded, translate

Message = str | bytes

# Seconds that a vendor has for its own farewell after ours.
FAREWELL = 0.5
LONGEST_REASON = 200

WITHOUT_COMPLAINT = frozenset({0, 1000})
# RFC 6455, 7.4.1, and the IANA registry of close codes.
CODE_BY_CLOSE: Mapping[int, ErrorCode] = {
    1001: ErrorCode.UNAVAILABLE,
    1008: ErrorCode.FORBIDDEN,
    1009: ErrorCode.TOO_LARGE,
    1011: ErrorCode.UNAVAILABLE,
    1012: ErrorCode.UNAVAILABLE,
    1013: ErrorCode.UNAVAILABLE,
    1014: ErrorCode.UNAVAILABLE,
    3000: ErrorCode.UNAUTHENTICATED,
    3003: ErrorCode.FORBIDDEN,
    3008: ErrorCode.TIMEOUT,
    # Many vendors put a 4 before the status that HTTP would have.
    **{4000 + status: code for status, code in CODE_BY_STATUS.items()},
}


class Websocket:
    """Gives messages until the vendor takes its leave; any other end is an ImagewayError."""

    def __init__(
        self, connection: ClientWebSocketResponse, limit: int, most: int, patience: Patience
    ) -> None:
        self._connection = connection
        self._limit = limit
        self._room = most
        self._patience = patience
        self._bill = Bill(None)
        self._seconds: float | None = patience.times.first_byte

    async def send(self, message: Message) -> None:
        """Say something."""
        connection = self._connection
        try:
            async with self._patience.within(self._patience.times.idle):
                if isinstance(message, str):
                    await connection.send_str(message)
                else:
                    await connection.send_bytes(message)
        except FAULTS as error:
            raise translate(error, self._bill) from None

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        """Wait for the next message; after the first, answered pings are life enough."""
        try:
            async with self._patience.within(self._seconds):
                message = await self._connection.receive()
        except FAULTS as error:
            raise translate(error, self._bill) from None
        self._seconds = None
        match message.type:
            case WSMsgType.TEXT | WSMsgType.BINARY:
                return self._counted(message.data)
            case WSMsgType.CLOSE if message.data in WITHOUT_COMPLAINT:
                raise StopAsyncIteration
            case WSMsgType.CLOSE:
                raise _left(message)
            case WSMsgType.ERROR:
                raise self._broken(message.data)
            case _:
                raise translate(Cut(), self._bill)

    def _counted(self, data: Message) -> Message:
        self._room -= len(data)
        if self._room < 0:
            raise _too_large("the provider's messages are together larger than is allowed")
        return data

    def _broken(self, error: Exception) -> ImagewayError:
        if not isinstance(error, WebSocketError):
            return translate(error, self._bill)
        if error.code == 1009:
            return _too_large(f"the provider's message is larger than {self._limit!r} bytes")
        return ImagewayError(
            ErrorCode.BAD_ANSWER, "the provider's websocket breaks the rules", origin="vendor"
        )


@asynccontextmanager
async def opened(
    session: ClientSession, call: Outgoing, most: int, patience: Patience
) -> AsyncGenerator[Websocket]:
    """Hold a websocket open."""
    bill = Bill(None)
    try:
        async with patience.within(patience.times.first_byte):
            connection = await _connected(session, call, patience.times)
    except NotUpgraded as refused:
        answer = Answer(refused.response, call, bill, patience)
        try:
            raise await answer.refusal() from None
        finally:
            refused.response.close()
    except FAULTS as error:
        raise translate(error, bill, connected=False) from None
    try:
        yield Websocket(connection, call.limit, most, patience)
    finally:
        await connection.close()


async def _connected(
    session: ClientSession, call: Outgoing, times: Times
) -> ClientWebSocketResponse:
    if session.closed:
        raise Closed
    return await session.ws_connect(
        call.url,
        params=call.params,
        headers=call.headers,
        # A ping after so long, and half as long for its answer: together they are `idle`.
        heartbeat=times.idle / 1.5,
        timeout=ClientWSTimeout(ws_close=FAREWELL),
        max_msg_size=call.limit,
        # No message is larger than it comes.
        compress=0,
    )


def _left(message: WSMessage) -> ImagewayError:
    code: int = message.data
    return ImagewayError(
        CODE_BY_CLOSE.get(code, ErrorCode.BAD_ANSWER),
        f"the provider closed the websocket with code {code!r}",
        origin="vendor",
        vendor_code=str(code),
        vendor_message=(message.extra or "")[:LONGEST_REASON] or None,
    )


def _too_large(message: str) -> ImagewayError:
    return ImagewayError(ErrorCode.TOO_LARGE, message, origin="vendor")

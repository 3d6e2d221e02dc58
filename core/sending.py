"""How a call goes out through aiohttp, once, and what it means when that fails."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import (
    ClientConnectionError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientHandlerType,
    ClientOSError,
    ClientRequest,
    ClientResponse,
    ClientResponseError,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    FormData,
    InvalidURL,
    NonHttpUrlClientError,
    ServerDisconnectedError,
)

from imageway.core.bill import Bill
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.network import address_refused, connector
from imageway.core.outgoing import Outgoing, Times

logger = logging.getLogger(__name__)

NEVER_SENT = (ClientConnectorError, ConnectionTimeoutError, InvalidURL, NonHttpUrlClientError)
FAULTS = (ClientError, TimeoutError)


def open_session(times: Times, *, private: bool, reuse: bool) -> ClientSession:
    """Open a pool without cookies, proxies or second attempts; the bulkhead bounds its size."""
    return ClientSession(
        connector=connector(private=private, limit=0, reuse=reuse),
        cookie_jar=DummyCookieJar(),
        headers={"User-Agent": "imageway"},
        middlewares=(send_once,),
        timeout=ClientTimeout(connect=times.connect),
        trust_env=False,
    )


async def send_once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Stand between aiohttp and a cut, or it would send a GET again by itself."""
    try:
        return await handler(request)
    except ClientConnectorError:
        raise
    except (ClientOSError, ServerDisconnectedError) as error:
        raise ClientConnectionError("cut") from error


class Patience:
    """How long to wait for the next thing, never beyond the time for it all."""

    def __init__(self, times: Times) -> None:
        self.times = times
        self._clock = asyncio.get_running_loop().time
        self._until = None if times.total is None else self._clock() + times.total

    def within(self, seconds: float) -> asyncio.Timeout:
        """A time-out for one wait."""
        until = self._clock() + seconds
        return asyncio.timeout_at(until if self._until is None else min(until, self._until))


@asynccontextmanager
async def sent(
    session: ClientSession, call: Outgoing, bill: Bill, patience: Patience
) -> AsyncGenerator[ClientResponse]:
    """Send a call and hold its answer, of any status, whose body is still to be read."""
    await bill.open()
    try:
        async with patience.within(patience.times.first_byte):
            response = await session.request(
                call.method,
                call.url,
                headers=_headers(call),
                params=call.params,
                data=_data(call),
                allow_redirects=False,
            )
    except FAULTS as error:
        # Never chained: aiohttp's words repeat the URL, and its query may hold a key.
        raise translate(error, bill) from None
    try:
        yield response
    finally:
        response.close()


def _headers(call: Outgoing) -> dict[str, str]:
    kind = {"Content-Type": "application/json"} if call.send is not None else {}
    return {**kind, **call.headers}


# A stream of bytes, because aiohttp warns of large bytes and writes them in one piece.
def _data(call: Outgoing) -> io.BytesIO | FormData | None:
    if call.form:
        return _form(call)
    if call.send is not None:
        return io.BytesIO(call.send.model_dump_json(by_alias=True, exclude_none=True).encode())
    return None if call.body is None else io.BytesIO(call.body)


def _form(call: Outgoing) -> FormData:
    form = FormData(default_to_multipart=True)
    for part in call.form:
        value = io.BytesIO(part.value) if isinstance(part.value, bytes) else part.value
        form.add_field(part.name, value, filename=part.filename, content_type=part.media_type)
    return form


def translate(error: Exception, bill: Bill) -> ImagewayError:
    """Say in our words how a call failed, and settle what it proves of the charge."""
    logger.debug("a call failed with %s", type(error).__name__)
    if isinstance(error, NEVER_SENT):
        bill.not_charged()
        return bill.stamped(_never_sent(error))
    if isinstance(error, TimeoutError):
        return bill.lost(ErrorCode.TIMEOUT, "the provider did not answer in time")
    if isinstance(error, ClientResponseError):
        return bill.lost(ErrorCode.BAD_ANSWER, "the provider's answer is not HTTP")
    return bill.lost(ErrorCode.NETWORK, "the provider hung up before its answer was complete")


def _never_sent(error: Exception) -> ImagewayError:
    if refused := address_refused(error):
        return ImagewayError(
            ErrorCode.FORBIDDEN,
            f"not connected: {refused.reason}",
            hint='if it is a machine of your own, give this provider network = "private"',
        )
    if isinstance(error, (InvalidURL, NonHttpUrlClientError)):
        return ImagewayError(
            ErrorCode.MISCONFIGURED,
            "the provider's URL is not an http or https address",
            hint="look at this provider's base_url",
        )
    if isinstance(error, ClientSSLError):
        # Not `network`, which would be asked again: we cannot trust who answered, and that stays.
        return ImagewayError(
            ErrorCode.BAD_ANSWER,
            "the provider's TLS certificate could not be trusted",
            hint="look at its base_url, at this machine's clock and at its certificates",
            origin="vendor",
        )
    return ImagewayError(ErrorCode.NETWORK, _not_connected(error), origin="vendor")


def _not_connected(error: Exception) -> str:
    match error:
        case ClientConnectorDNSError():
            return "the provider's name could not be resolved"
        case ConnectionTimeoutError():
            return "the provider could not be connected to in time"
        case ClientConnectorError(os_error=ConnectionRefusedError()):
            return "the provider refused the connection"
        case _:
            return "the provider could not be connected to"

"""How a call goes out through aiohttp, once, and what it means when that fails."""

from __future__ import annotations

import io
import logging
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from types import SimpleNamespace

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
    TraceConfig,
)
from aiohttp.http_exceptions import ContentEncodingError

from imageway.core.bill import Bill
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.network import address_refused, connector
from imageway.core.outgoing import Outgoing, Times
from imageway.core.patience import Patience

logger = logging.getLogger(__name__)


class Closed(ClientError):
    """Our own connections were closed before the call went out."""


class Cut(ClientConnectionError):
    """The connection ended before an answer began."""


class NotUpgraded(ClientError):
    """An answer of the usual kind where a websocket was asked for."""

    def __init__(self, response: ClientResponse) -> None:
        super().__init__(response.status)
        self.response = response


NEVER_SENT = (
    ClientConnectorError,
    Closed,
    ConnectionTimeoutError,
    InvalidURL,
    NonHttpUrlClientError,
)
FAULTS = (ClientError, TimeoutError)
Body = io.BytesIO | FormData | None


def open_session(times: Times, *, private: bool, reuse: bool) -> ClientSession:
    """Open a pool without cookies, proxies or second attempts; the bulkhead bounds its size."""
    return ClientSession(
        connector=connector(private=private, limit=0, reuse=reuse),
        cookie_jar=DummyCookieJar(),
        # Only what can always be unpacked, whatever else is installed beside us.
        headers={"User-Agent": "imageway", "Accept-Encoding": "gzip, deflate"},
        middlewares=(send_once,),
        timeout=ClientTimeout(connect=times.connect),
        trace_configs=[_following()],
        trust_env=False,
    )


async def send_once(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Stand between aiohttp and a cut or a redirect, or it would send a GET again by itself."""
    try:
        response = await handler(request)
    except ClientConnectorError:
        raise
    except (ClientOSError, ServerDisconnectedError) as error:
        raise Cut from error
    if "Upgrade" in request.headers and response.status != HTTPStatus.SWITCHING_PROTOCOLS:
        raise NotUpgraded(response)
    return response


@dataclass(slots=True)
class Way:
    """How far a call has come; before it is connected, nobody can have read it."""

    connected: bool = False
    reused: bool = False


def _following() -> TraceConfig:
    async def connected(_: ClientSession, trace: SimpleNamespace, __: object) -> None:
        if isinstance(way := trace.trace_request_ctx, Way):
            way.connected = True

    async def reused(_: ClientSession, trace: SimpleNamespace, __: object) -> None:
        if isinstance(way := trace.trace_request_ctx, Way):
            way.connected = way.reused = True

    following = TraceConfig()
    following.on_connection_create_end.append(connected)
    following.on_connection_reuseconn.append(reused)
    return following


@asynccontextmanager
async def sent(
    session: ClientSession, call: Outgoing, bill: Bill, patience: Patience
) -> AsyncGenerator[ClientResponse]:
    """Send a call and hold its answer, of any status, whose body is still to be read."""
    data, way = _written(call), Way()
    await bill.open()
    try:
        async with patience.within(patience.times.first_byte):
            response = await _answered(session, call, data, way)
    except FAULTS as error:
        # Never chained: aiohttp's words repeat the URL, and its query may hold a key.
        raise translate(error, bill, connected=way.connected) from None
    except BaseException:
        # Cancelled, or our own bug: a call that was never connected has cost nothing.
        if not way.connected:
            bill.not_charged()
        raise
    try:
        yield response
    finally:
        response.close()


async def _answered(session: ClientSession, call: Outgoing, data: Body, way: Way) -> ClientResponse:
    try:
        return await _request(session, call, data, way)
    except Cut:
        # A vendor may close an idle connection just when it is used again, and a GET may be read
        # twice. Nothing else is sent again: nobody knows what was done with it.
        if not (way.reused and call.method == "GET"):
            raise
    return await _request(session, call, data, way)


async def _request(session: ClientSession, call: Outgoing, data: Body, way: Way) -> ClientResponse:
    if session.closed:
        raise Closed
    return await session.request(
        call.method,
        call.url,
        headers=_headers(call),
        params=call.params,
        data=data,
        allow_redirects=False,
        trace_request_ctx=way,
    )


def _headers(call: Outgoing) -> dict[str, str]:
    kind = {"Content-Type": "application/json"} if call.send is not None else {}
    return {**kind, **call.headers}


def _written(call: Outgoing) -> Body:
    """What is sent, made before the journal hears of it: what cannot be written costs nothing."""
    try:
        return _data(call)
    except ValueError:
        raise ImagewayError(
            ErrorCode.INVALID_REQUEST, "the request holds text that cannot be sent"
        ) from None


# A stream of bytes, because aiohttp warns of large bytes and writes them in one piece.
def _data(call: Outgoing) -> Body:
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


def translate(error: Exception, bill: Bill, *, connected: bool = True) -> ImagewayError:
    """Say in our words how a call failed, and settle what it proves of the charge."""
    logger.debug("a call failed with %s", type(error).__name__)
    if isinstance(error, NEVER_SENT) or (isinstance(error, TimeoutError) and not connected):
        bill.not_charged()
        return bill.stamped(_never_sent(error))
    if isinstance(error, TimeoutError):
        return bill.lost(ErrorCode.TIMEOUT, "the provider did not answer in time")
    if isinstance(error, ClientResponseError):
        return bill.lost(ErrorCode.BAD_ANSWER, "the provider's answer is not HTTP")
    if isinstance(error.__cause__, ContentEncodingError):
        return bill.lost(ErrorCode.BAD_ANSWER, "the provider's answer cannot be unpacked")
    return bill.lost(ErrorCode.NETWORK, "the provider hung up before its answer was complete")


def _never_sent(error: Exception) -> ImagewayError:
    if refused := address_refused(error):
        return ImagewayError(
            ErrorCode.FORBIDDEN,
            f"not connected: {refused.reason}",
            hint='if it is a machine of your own, give this provider network = "private"',
        )
    if isinstance(error, Closed):
        return ImagewayError(ErrorCode.UNAVAILABLE, "imageway is closing its connections")
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
        case TimeoutError():
            return "the provider could not be connected to in time"
        case ClientConnectorError(os_error=ConnectionRefusedError()):
            return "the provider refused the connection"
        case _:
            return "the provider could not be connected to"

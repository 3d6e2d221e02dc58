"""Telling a gateway of one's own what to do, over its local socket."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, JsonValue, ValidationError

from imageway.cli.command import Exit
from imageway.cli.opening import loaded
from imageway.cli.output import complain
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.providers.config import Gateway
from imageway.providers.loading import FILE_NAME

Answer = TypeVar("Answer", bound=BaseModel)

# As long as the slowest secret, a password manager that is waited for, and some more.
PATIENCE_SECONDS = 60.0
NOT_THERE = (FileNotFoundError, ConnectionRefusedError)


class Said(BaseModel):
    """A refusal as the gateway writes it."""

    message: str
    hint: str | None = None
    imageway_code: ErrorCode = ErrorCode.INVALID_REQUEST


class Refusal(BaseModel):
    """The envelope of that."""

    error: Said


async def order(
    config: str | None,
    method: str,
    path: str,
    answer: type[Answer],
    body: Mapping[str, JsonValue] | None = None,
) -> Answer:
    """Give one order to the gateway of this configuration; raises unavailable when none runs."""
    socket = socket_for(config)
    try:
        status, data = await _asked(socket, method, path, body)
    except NOT_THERE as error:
        raise _nobody(socket) from error
    except OSError as error:
        raise _unreachable(socket, error) from error
    if status != 200:
        raise ImagewayError.carrying(_refusal(data))
    return answer.model_validate_json(data)


def needing_a_gateway(run: Callable[[Namespace], int]) -> Callable[[Namespace], int]:
    """A command that ends with 1 where no gateway runs: nothing is wrong with how it was used."""

    def running(chosen: Namespace) -> int:
        try:
            return run(chosen)
        except ImagewayError as error:
            if error.info.code is not ErrorCode.UNAVAILABLE:
                raise
            complain(error.info)
            return Exit.NOTHING

    return running


def socket_for(config: str | None) -> Path:
    """Where the gateway of a configuration listens for orders, also while the file is wrong."""
    from imageway.serving.local import socket_of

    return socket_of(state_for(config))


def state_for(config: str | None) -> Path:
    """The state folder; of a file with a mistake the usual one, if a gateway left its socket."""
    from imageway.serving.local import is_there

    try:
        return loaded(config).state
    except ImagewayError:
        usual = Path(config or FILE_NAME).absolute().parent / Gateway().state
        if not is_there(usual):
            raise
        return usual


async def _asked(
    socket: Path, method: str, path: str, body: Mapping[str, JsonValue] | None
) -> tuple[int, bytes]:
    from aiohttp import (
        ClientConnectorError,
        ClientError,
        ClientSession,
        ClientTimeout,
        UnixConnector,
    )

    connector = UnixConnector(str(socket))
    timeout = ClientTimeout(total=PATIENCE_SECONDS)
    try:
        async with (
            ClientSession(connector=connector, timeout=timeout) as session,
            session.request(method, f"http://gateway{path}", data=json.dumps(body or {})) as got,
        ):
            return got.status, await got.read()
    except ClientConnectorError as error:
        raise error.os_error from error
    except (ClientError, TimeoutError) as error:
        raise OSError(f"no answer ({type(error).__name__})") from error


def _refusal(data: bytes) -> ErrorInfo:
    try:
        said = Refusal.model_validate_json(data).error
    except ValidationError:
        message = "the gateway's answer cannot be read; is it another version?"
        return ErrorInfo(code=ErrorCode.BAD_ANSWER, message=message)
    message = said.message.removesuffix(f"; {said.hint}")
    return ErrorInfo(code=said.imageway_code, message=message, hint=said.hint)


def _nobody(socket: Path) -> ImagewayError:
    return ImagewayError(
        ErrorCode.UNAVAILABLE,
        f"no gateway runs with this configuration: nobody answers at {socket}",
        hint="start one with `imageway serve`, for another file say --config FILE; "
        "one that runs keeps the gateway.state that it began with",
    )


def _unreachable(socket: Path, error: OSError) -> ImagewayError:
    return ImagewayError(
        ErrorCode.UNAVAILABLE,
        f"the gateway cannot be reached at {socket}: {error.strerror or error}",
        hint="only the user that runs it may; try `sudo -u USER imageway …`",
    )

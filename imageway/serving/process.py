"""What every service needs of its process: signals, its address in words, a place to complain."""

from __future__ import annotations

import asyncio
import errno
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager

SIGNALS = (signal.SIGTERM, signal.SIGINT)
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - shown, not listened on


@contextmanager
def stop_signals() -> Generator[tuple[asyncio.Event, asyncio.Event]]:
    """The first signal asks to stop, the second to hurry."""
    loop = asyncio.get_running_loop()
    stop, hurry = asyncio.Event(), asyncio.Event()

    def heard() -> None:
        (hurry if stop.is_set() else stop).set()

    def heard_on_windows(number: int, frame: object) -> None:
        loop.call_soon_threadsafe(heard)

    for number in SIGNALS:
        if sys.platform == "win32":
            signal.signal(number, heard_on_windows)
        else:
            loop.add_signal_handler(number, heard)
    yield stop, hurry


def url_of(host: str, port: int) -> str:
    """An address that can be asked from this machine."""
    name = ANY_ADDRESS.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{name}:{port}"


def no_address(error: OSError, host: str, port: int) -> tuple[str, str]:
    """Why it cannot be listened there, and what would help."""
    hint = (
        "another program listens there; stop it, or choose another with --port"
        if error.errno == errno.EADDRINUSE
        else "choose an address of this machine with --host"
    )
    return f"cannot listen on {host}:{port}: {error.strerror or error}", hint


def complain(message: str, hint: str | None) -> None:
    """Say what went wrong to whoever started the program."""
    sys.stderr.write(f"imageway: {message}\n" + (f"  {hint}\n" if hint else ""))

"""A socket on this machine for its owner alone: where it lies, and who may lie there."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from aiohttp import web

NAME = "admin.sock"
# Linux takes 107 bytes, macOS 103.
LONGEST = 100
KNOCKING_SECONDS = 2.0


class NoSocket(Exception):
    """There can be none; the text says why and what would help."""


@asynccontextmanager
async def served_locally(app: web.Application, folder: Path) -> AsyncGenerator[Path]:
    """Serve an application at the socket in this folder while the block lasts; raises NoSocket."""
    if not hasattr(socket, "AF_UNIX"):
        raise NoSocket("this system has no local sockets")
    path = await asyncio.to_thread(_free_place, folder)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1.0, access_log=None)
    with _bound(path) as listening:
        await runner.setup()
        try:
            await web.SockSite(runner, listening).start()
            yield path
        finally:
            await runner.cleanup()


def socket_of(folder: Path) -> Path:
    """Where the socket of a folder is, for whoever wants to connect."""
    usual = folder / NAME
    with suppress(OSError):
        return folder / usual.readlink()
    return usual


def is_there(folder: Path) -> bool:
    """Whether something is at the socket of a folder, as far as we may look."""
    try:
        socket_of(folder).lstat()
    except OSError:
        return False
    return True


def _free_place(folder: Path) -> Path:
    try:
        _make(folder)
        path = _place(folder)
        _refuse_if_alive(path)
    except OSError as error:
        raise NoSocket(f"{folder / NAME} cannot be made: {error.strerror}") from error
    return path


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise NoSocket(f"{folder} cannot be made: {error.strerror}") from error


def _place(folder: Path) -> Path:
    """The socket beside the state; where that path is too long, a link there leads to it."""
    usual = folder / NAME
    if len(os.fsencode(usual)) <= LONGEST:
        if usual.is_symlink():
            usual.unlink()
        return usual
    mark = sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    short = _own_folder() / f"{mark}.sock"
    if len(os.fsencode(short)) > LONGEST:
        raise NoSocket(f"the path {usual} is too long for a socket; set gateway.state to a shorter")
    link = folder / f"{NAME}.new"
    link.unlink(missing_ok=True)
    link.symlink_to(short)
    link.replace(usual)
    return short


def _own_folder() -> Path:
    """A folder with a short name that nobody else can write to."""
    folder = Path(tempfile.gettempdir()) / f"imageway-{os.getuid()}"
    _make(folder)
    found = folder.lstat()
    is_ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    if not is_ours or found.st_mode & 0o077:
        raise NoSocket(f"{folder} is not a folder of ours alone; remove it")
    return folder


def _refuse_if_alive(path: Path) -> None:
    """Leave the socket of a living process alone; what a killed one left is in nobody's way."""
    try:
        found = path.lstat()
    except OSError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise NoSocket(f"{path} is no socket; move it away")
    if _is_answered(path):
        raise NoSocket(f"another process answers at {path}; give each a gateway.state of its own")
    with suppress(OSError):
        path.unlink()


def _is_answered(path: Path) -> bool:
    """Whether somebody listens; where that cannot be found out, somebody does."""
    with socket.socket(socket.AF_UNIX) as knocking:
        knocking.settimeout(KNOCKING_SECONDS)
        try:
            knocking.connect(os.fspath(path))
        except ConnectionRefusedError:
            return False
        except OSError:
            return True
    return True


@contextmanager
def _bound(path: Path) -> Generator[socket.socket]:
    with socket.socket(socket.AF_UNIX) as listening:
        # Before it has a name, so that it is never open to others, and after, for other systems.
        with suppress(OSError):
            os.fchmod(listening.fileno(), 0o600)
        try:
            listening.bind(os.fspath(path))
        except OSError as error:
            raise NoSocket(f"{path} cannot be made: {error.strerror}") from error
        path.chmod(0o600)
        mine = path.lstat().st_ino
        try:
            yield listening
        finally:
            _remove(path, mine)


def _remove(path: Path, mine: int) -> None:
    """Take the name away, unless it belongs to a successor by now."""
    with suppress(OSError):
        if path.lstat().st_ino == mine:
            path.unlink()

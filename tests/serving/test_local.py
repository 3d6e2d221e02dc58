"""A socket for its owner alone: who may open it, what is in its way, and what is left of it."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from aiohttp import ClientSession, UnixConnector, web

from imageway.serving.local import LONGEST, NAME, NoSocket, served_locally, socket_of

pytestmark = pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no such sockets there")


def app() -> web.Application:
    async def here(request: web.Request) -> web.Response:
        return web.Response(text="here")

    made = web.Application()
    made.router.add_get("/", here)
    return made


async def asked(path: Path) -> str:
    async with (
        ClientSession(connector=UnixConnector(str(path))) as session,
        session.get("http://gateway/") as answer,
    ):
        return await answer.text()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


async def test_it_is_its_owner_s_alone_and_gone_in_the_end(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    async with served_locally(app(), folder) as path:
        assert (mode(folder), mode(path)) == (0o700, 0o600)
        assert await asked(socket_of(folder)) == "here"
    assert list(folder.iterdir()) == []


async def test_what_a_killed_process_left_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(os.fspath(tmp_path / NAME))
    async with served_locally(app(), tmp_path):
        assert await asked(socket_of(tmp_path)) == "here"


async def test_a_living_process_keeps_its_own(tmp_path: Path) -> None:
    async with served_locally(app(), tmp_path):
        with pytest.raises(NoSocket, match="another process answers"):
            async with served_locally(app(), tmp_path):
                pass
        assert await asked(socket_of(tmp_path)) == "here"


async def test_a_successor_s_socket_is_not_taken_away(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as successor:
        async with served_locally(app(), tmp_path) as path:
            path.unlink()
            successor.bind(os.fspath(path))
        assert path.exists()


async def test_what_is_no_socket_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("mine")
    with pytest.raises(NoSocket, match="is no socket"):
        async with served_locally(app(), tmp_path):
            pass
    assert (tmp_path / NAME).read_text() == "mine"


async def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NoSocket, match="cannot be made: Not a directory"):
        async with served_locally(app(), tmp_path / "file" / "state"):
            pass


async def test_a_path_that_is_too_long_leads_to_a_short_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ("x" * LONGEST) / "state"
    with TemporaryDirectory() as short:
        monkeypatch.setattr("tempfile.gettempdir", lambda: short)
        for _ in range(2):
            async with served_locally(app(), folder) as path:
                assert len(os.fsencode(path)) <= LONGEST
                assert socket_of(folder) == path
                assert mode(path.parent) == 0o700
                assert await asked(socket_of(folder)) == "here"
            assert not path.exists()


async def test_a_short_folder_that_others_can_write_to_is_not_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    shared = tmp_path / f"imageway-{os.getuid()}"
    shared.mkdir()
    shared.chmod(0o777)
    with pytest.raises(NoSocket, match="not a folder of ours alone"):
        async with served_locally(app(), tmp_path / ("x" * LONGEST)):
            pass


def test_the_socket_of_a_folder_without_one_is_where_it_would_be(tmp_path: Path) -> None:
    assert socket_of(tmp_path) == tmp_path / NAME

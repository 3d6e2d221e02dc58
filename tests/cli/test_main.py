"""What every command shares: help, the documented codes and options, and the outer wall."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from argparse import Namespace
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pytest

import imageway
from imageway.cli import main, parser
from imageway.cli.command import MEANING_BY_EXIT, Command
from imageway.cli.reference import reference
from imageway.providers.file.documenting import rewrite
from tests.checkout import ROOT
from tests.cli.conftest import names

Capture = pytest.CaptureFixture[str]


def test_the_page_of_the_command_line_is_up_to_date() -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    assert rewrite(page, reference()) == page, "run: python -m imageway.cli.reference docs/cli.md"


def test_help_documents_every_exit_code(capsys: Capture) -> None:
    assert main(["--help"]) == 0
    told = capsys.readouterr().out
    assert all(f"{code}  {meaning}" in told for code, meaning in MEANING_BY_EXIT.items())


def test_the_version_is_the_package_s(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"imageway {imageway.__version__}\n"


def test_a_mistyped_command_is_answered_with_the_nearest(capsys: Capture) -> None:
    assert main(["generat"]) == 2
    assert capsys.readouterr().err == (
        "imageway: there is no command 'generat'\n  hint: did you mean 'generate' or 'migrate'?\n"
    )


def test_no_command_is_wrong_use(capsys: Capture) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err == ("imageway: missing: COMMAND\n  hint: see imageway --help\n")


def _broken(chosen: Namespace) -> int:
    raise ZeroDivisionError("ours")


def _interrupted(chosen: Namespace) -> int:
    raise KeyboardInterrupt


def _only(monkeypatch: pytest.MonkeyPatch, command: Command) -> None:
    monkeypatch.setattr(parser, "COMMANDS", (command,))


def test_our_own_bug_ends_in_one_message(
    monkeypatch: pytest.MonkeyPatch, folder: Path, capsys: Capture
) -> None:
    _only(monkeypatch, Command("break", "", lambda parser: None, _broken))
    assert main(["break"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("imageway: a bug in imageway or a plug-in (ZeroDivisionError)\n")
    assert "Traceback" not in told
    assert "ZeroDivisionError: ours" in (folder / "state/imageway/imageway.log").read_text()


def test_an_interrupted_command_says_so(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    _only(monkeypatch, Command("wait", "", lambda parser: None, _interrupted))
    assert main(["wait"]) == 130
    assert capsys.readouterr().err == "imageway: interrupted\n"


def started(arguments: Sequence[str], stdout: int, stderr: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"}
    return subprocess.Popen(
        [sys.executable, "-m", "imageway", *arguments],
        text=True,
        env=environment,
        stdout=stdout,
        stderr=stderr,
    )


@pytest.mark.slow
def test_a_reader_that_goes_away_is_no_error(folder: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    program = started(
        ["generate", "fox", "-n", "2", "-o", "out", "-m", "mine/draws"],
        stdout=writing,
        stderr=subprocess.PIPE,
    )
    os.close(writing)
    _, told = program.communicate()
    assert (program.returncode, told) == (0, "")
    assert len(names(folder / "out")) == 2


@pytest.mark.slow
def test_on_a_terminal_the_finished_line_shows_the_path_once(folder: Path) -> None:
    controller, terminal = pty.openpty()
    program = started(
        ["generate", "fox", "-m", "mine/draws", "-o", "out"], stdout=terminal, stderr=terminal
    )
    os.close(terminal)
    shown = b""
    # Linux reports the end of a pseudo terminal as an input/output error.
    with suppress(OSError):
        while piece := os.read(controller, 4096):
            shown += piece
    os.close(controller)
    assert program.wait() == 0
    last = shown.decode().rpartition("\x1b[2K")[2]
    assert "✓" in last
    assert last.count("out/imageway-fox-1.png") == 1


@pytest.mark.slow
def test_help_does_not_load_what_only_some_commands_need(folder: Path) -> None:
    code = (
        "import sys; from imageway.cli import main; main(['--help']);"
        "print(sorted({'rich', 'aiohttp', 'PIL'} & sys.modules.keys()))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True
    )
    assert done.stdout.endswith("\n[]\n")

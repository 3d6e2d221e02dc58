"""Words for people on stderr, lines for programs on stdout."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TextIO
from unicodedata import category

import orjson
from pydantic import JsonValue

from imageway.cli.logs import log_file
from imageway.core.errors import ErrorCode, ErrorInfo

if TYPE_CHECKING:
    from rich.table import Table

CHARGE_WORDS = {"maybe": "this may have been charged", "yes": "this was charged"}


def say(line: str) -> None:
    """Write a line to stdout; nobody reading any more is no reason to stop the work."""
    _write(sys.stdout, line)


def say_bytes(data: bytes) -> None:
    """Write a picture to stdout."""
    try:
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _close_quietly(sys.stdout)


def say_json(value: JsonValue) -> None:
    """Write one JSON value to stdout."""
    say(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def tell(line: str) -> None:
    """Write a line to stderr."""
    _write(sys.stderr, line)


def complain(info: ErrorInfo, about: str = "") -> None:
    """Write a failure with everything that helps to mend it, and never a trace."""
    tell(f"imageway: {about}{clean(info.message)}")
    for line in _details(info):
        tell(f"  {clean(line)}")


def _details(info: ErrorInfo) -> list[str]:
    lines = [f"hint: {info.hint}"] if info.hint else []
    if info.vendor_message or info.vendor_code:
        words = " ".join(each for each in (info.vendor_code, info.vendor_message) if each)
        lines.append(f"{info.provider or 'the provider'} said: {words}")
    if info.request_id and info.origin == "vendor":
        lines.append(f"{info.provider or 'the provider'} knows the call as {info.request_id}")
    if info.retry_after:
        lines.append(f"try again in {info.retry_after:.0f} s")
    if info.charged != "no":
        lines.append(CHARGE_WORDS[info.charged])
    if info.code is ErrorCode.INTERNAL:
        lines.append(f"log: {log_file()}")
    return lines


def clean(text: str) -> str:
    """A vendor's words in one line that cannot steer the terminal."""
    spaced = " ".join(text.split())
    return "".join(letter if category(letter)[0] != "C" else "�" for letter in spaced)


def show_table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a table for people, or tab-separated lines when a program reads."""
    if sys.stdout.isatty():
        _show_handsome(titles, rows)
        return
    for row in rows:
        say("\t".join(clean(cell) for cell in row))


def _show_handsome(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console

    Console(highlight=False).print(table(titles, rows))


def table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """The handsome table, for whoever draws it."""
    from rich.table import Table
    from rich.text import Text

    made = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
    for title in titles:
        made.add_column(title, overflow="fold")
    for first, *rest in rows:
        made.add_row(Text(clean(first), style="bold"), *(Text(clean(cell)) for cell in rest))
    return made


def _write(stream: TextIO, line: str) -> None:
    try:
        print(line, file=stream, flush=True)
    except BrokenPipeError:
        _close_quietly(stream)


def _close_quietly(stream: TextIO) -> None:
    """Let everything that follows, Python's own last flush too, go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)

"""A multipart form that has been read, cut into its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from imageway.serving.problems import Problem, Refused

MOST_PARTS = 64
LONGEST_HEADER = 8192
BOUNDARY = re.compile(r';\s*boundary=(?:"([^"]{1,200})"|([^\s;,"]{1,200}))', re.IGNORECASE)
WORD = re.compile(r';\s*(name|filename)=(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))', re.IGNORECASE)
HINT = "send multipart/form-data as curl -F or an HTTP library writes it"


@dataclass(frozen=True, slots=True)
class Part:
    """One field of a form; a file has a file name."""

    name: str
    data: bytes
    filename: str | None = None


def split_form(body: bytes, content_type: str, most: int = MOST_PARTS) -> list[Part]:
    """Cut a form into parts; raises where it is malformed or has too many."""
    found = BOUNDARY.search(content_type)
    if found is None:
        raise _malformed("the Content-Type of the form names no boundary")
    boundary = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    parts: list[Part] = []
    for section in _sections(body, boundary):
        if len(parts) == most:
            raise _malformed(f"the form has more than {most} parts")
        parts.append(_part(section))
    return parts


def _sections(body: bytes, boundary: bytes) -> Iterator[bytes]:
    """What stands between two boundaries; the text before the first is skipped."""
    start = 0 if body.startswith(boundary) else body.find(b"\r\n" + boundary) + 2
    if start == 1:
        raise _malformed("the form does not begin with its boundary")
    while True:
        start += len(boundary)
        if body.startswith(b"--", start):
            return
        line_end = body.find(b"\r\n", start, start + 80)
        end = body.find(b"\r\n" + boundary, line_end)
        if line_end < 0 or end < 0:
            raise _malformed("the form ends before its last boundary")
        yield body[line_end + 2 : end]
        start = end + 2


def _part(section: bytes) -> Part:
    end = section.find(b"\r\n\r\n", 0, LONGEST_HEADER)
    if end < 0:
        raise _malformed(f"a part has no header, or one longer than {LONGEST_HEADER} bytes")
    words = _words(section[:end].decode("utf-8", "replace"))
    if not words.get("name"):
        raise _malformed("a part has no name")
    return Part(words["name"], section[end + 4 :], words.get("filename"))


def _words(header: str) -> dict[str, str]:
    """The name and the file name that a part's Content-Disposition tells."""
    for line in header.split("\r\n"):
        key, _, value = line.partition(":")
        if key.strip().lower() == "content-disposition":
            return {
                word[1].lower(): re.sub(r"\\(.)", r"\1", word[2]) if word[2] else word[3] or ""
                for word in WORD.finditer(value)
            }
    return {}


def _malformed(message: str) -> Refused:
    return Refused(Problem(400, "invalid_form", message, hint=HINT))

"""One call to a vendor, as it is about to be sent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypedDict

from pydantic import BaseModel

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.reply import REFUSALS, Explain, explain_status
from imageway.core.run import Run

# Room for a 4K picture without compression (33 MB), as base64 (44 MB), inside JSON.
LARGEST_ANSWER = 64 << 20
# What all messages of one websocket may hold together.
LARGEST_TALK = 8 * LARGEST_ANSWER

# What a header's name is made of, by RFC 9110.
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds: to connect, to the first byte of the answer, between its bytes, and for it all.

    Slower than `min_rate`, in bytes a second, a body is cut; None lets it be slow.
    """

    connect: float = 3.0
    first_byte: float = 180.0
    idle: float = 30.0
    total: float | None = None
    min_rate: float | None = 1024.0


@dataclass(frozen=True, slots=True)
class FormPart:
    """One field of a multipart form; with a file name it is a file."""

    name: str
    value: str | bytes
    filename: str | None = None
    media_type: str | None = None

    def __post_init__(self) -> None:
        for text in filter(None, (self.name, self.filename, self.media_type)):
            if CONTROL.search(text):
                raise ImagewayError(
                    ErrorCode.INVALID_REQUEST, f"the field's {text!r} holds a control character"
                )


class CallOptions(TypedDict, total=False):
    """What a call may say beyond its method and URL; see Outgoing."""

    headers: Mapping[str, str]
    params: Mapping[str, str]
    body: bytes | None
    form: Sequence[FormPart]
    send: BaseModel | None
    paid: Run | None
    explain: Explain
    refusals: frozenset[int]
    limit: int


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A call; `send` goes as JSON, `paid` marks the one that may cost money, `limit` is in bytes.

    A status in `refusals` proves that nothing was charged.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes | None = None
    form: Sequence[FormPart] = ()
    send: BaseModel | None = None
    paid: Run | None = None
    explain: Explain = explain_status
    refusals: frozenset[int] = REFUSALS
    limit: int = LARGEST_ANSWER

    def __post_init__(self) -> None:
        if self.paid is not None and self.method != "POST":
            raise ImagewayError(
                ErrorCode.INTERNAL, f"a paid call is a {self.method!r}, it must be a 'POST'"
            )
        for name, value in self.headers.items():
            # aiohttp would refuse it too, but only after the journal has written the call down.
            if not TOKEN.fullmatch(name) or not value.isprintable():
                raise ImagewayError(
                    ErrorCode.MISCONFIGURED,
                    f"the header {name[:40]!r} holds a character that no header may hold",
                    hint="a key that was read from a file may end with a line feed",
                )

    def accepting(self, media_type: str) -> Outgoing:
        """The same call, asking for this kind of answer."""
        return replace(self, headers={"Accept": media_type, **self.headers})

"""Google's Files API: a file comes in two steps, stays for 48 hours, and is named in requests."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qs

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Visit
from imageway.emulators.gemini_errors import Row, bad_request, refusal, told
from imageway.emulators.gemini_schema import Message
from imageway.emulators.heard import Heard

KEPT = 48 * 3600.0
LARGE = 8 << 20
# Steps after which a large file has been looked through, where that takes time.
LOOKS = 2


class Described(Message):
    """What the first step says of a file."""

    name: str | None = None
    display_name: str | None = None
    mime_type: str | None = None
    size_bytes: int | None = None


class Start(Message):
    """The body of the first step."""

    file: Described | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """One file."""

    name: str
    title: str | None
    media_type: str
    content: bytes = field(repr=False)
    made: float = 0.0
    looks: int = 0

    def described(self, origin: str) -> dict[str, JsonValue]:
        """The file as the API shows it; int64 are texts in Google's JSON."""
        digest = sha256(self.content).hexdigest().encode()
        return {
            "name": self.name,
            **({"displayName": self.title} if self.title else {}),
            "mimeType": self.media_type,
            "sizeBytes": str(len(self.content)),
            "createTime": _timestamp(self.made),
            "updateTime": _timestamp(self.made),
            "expirationTime": _timestamp(self.made + KEPT),
            "sha256Hash": base64.b64encode(digest).decode(),
            "uri": f"{origin}/v1beta/{self.name}",
            "state": "PROCESSING" if self.looks else "ACTIVE",
            "source": "UPLOADED",
        }


@dataclass(slots=True)
class Files:
    """The files of one account."""

    clock: Callable[[], float]
    begun: dict[str, Start] = field(default_factory=dict[str, Start])
    pieces: dict[str, bytearray] = field(default_factory=dict[str, bytearray])
    kept: dict[str, Stored] = field(default_factory=dict[str, Stored])

    def start(self, visit: Visit, start: Start) -> Answer:
        """The first step answers with the address of the second."""
        heard = visit.heard
        if heard.header("X-Goog-Upload-Command") != "start":
            raise bad_request("Invalid X-Goog-Upload-Command header.")
        number = f"{len(self.begun) + len(self.kept) + 1:08x}"
        self.begun[number] = start
        where = f"{visit.origin}{heard.path}?upload_id={number}&upload_protocol=resumable"
        headers = {"X-Goog-Upload-URL": where, "X-Goog-Upload-Status": "active"}
        return told({}).with_headers(headers)

    def finish(self, visit: Visit, *, slowly: bool) -> Answer:
        """The second step brings the bytes, in one piece or in several."""
        heard, number = visit.heard, upload_of(visit.heard)
        if number not in self.begun:
            raise bad_request("Upload has already been terminated.")
        content = self.pieces.setdefault(number, bytearray())
        if heard.header("X-Goog-Upload-Offset") != str(len(content)):
            raise bad_request("Invalid X-Goog-Upload-Offset header.")
        content += heard.raw
        if heard.header("X-Goog-Upload-Command") == "upload":
            return told({}).with_headers({"X-Goog-Upload-Status": "active"})
        return self._keep(visit, number, bytes(self.pieces.pop(number)), slowly=slowly)

    def _keep(self, visit: Visit, number: str, content: bytes, *, slowly: bool) -> Answer:
        described = self.begun.pop(number).file or Described()
        stored = Stored(
            described.name or f"files/{sha256(number.encode()).hexdigest()[:12]}",
            described.display_name,
            described.mime_type or "",
            content,
            self.clock(),
            LOOKS if slowly and len(content) > LARGE else 0,
        )
        self.kept[stored.name] = stored
        answer = told({"file": stored.described(visit.origin)})
        return answer.with_headers({"X-Goog-Upload-Status": "final"})

    def look(self, visit: Visit) -> Answer:
        """One file; each look brings a slow one nearer to its end."""
        stored = self.find(f"files/{visit.path['file']}")
        stored = replace(stored, looks=max(0, stored.looks - 1))
        self.kept[stored.name] = stored
        return told(stored.described(visit.origin))

    def delete(self, visit: Visit) -> Answer:
        """Forget one file."""
        del self.kept[self.find(f"files/{visit.path['file']}").name]
        return told({})

    def find(self, name: str) -> Stored:
        """A file that is there and not too old; any other may not be seen."""
        stored = self.kept.get(name)
        if stored is None or self.clock() >= stored.made + KEPT:
            short = name.removeprefix("files/")
            message = f"You do not have permission to access the File {short} or it may not exist."
            raise refusal(Row(403, "PERMISSION_DENIED", message))
        return stored

    def clear(self) -> None:
        """Forget everything."""
        self.begun.clear()
        self.pieces.clear()
        self.kept.clear()


def upload_of(heard: Heard) -> str:
    """The upload that a second step belongs to; its address is all the right it needs."""
    return next(iter(parse_qs(heard.query).get("upload_id", [])), "")


def _timestamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

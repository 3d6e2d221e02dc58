"""Large references go through Google's Files API: brought once, then only named."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from pydantic import ValidationError
from yarl import URL

from imageway.adapters.gemini.address import GOOGLES, Address
from imageway.adapters.gemini.errors import Explainer
from imageway.adapters.gemini.wire import (
    Described,
    FileData,
    SaidFile,
    StartUpload,
    UploadedFile,
)
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.picture import Picture
from imageway.core.reply import Reply

# Google keeps a file for 48 hours; one that is named must outlive the request that names it.
KEPT = 46 * 3600.0
ACTIVE, PROCESSING = "ACTIVE", "PROCESSING"
UPLOAD_URL = "X-Goog-Upload-URL"

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Uploads:
    """The files of one account; several parts of a request upload a picture once."""

    http: Http
    memo: Memo
    address: Address
    headers: Callable[[], Awaitable[Headers]]
    explainer: Explainer

    async def bring(self, picture: Picture) -> FileData:
        """The file that holds this picture."""
        content = await picture.read()
        key = _key(sha256(content).hexdigest())

        async def upload() -> SaidFile:
            return await self._upload(content, picture.media_type)

        file = await self.memo.remember(key, KEPT, upload)
        return FileData(mime_type=picture.media_type, file_uri=file.uri)

    async def forget(self, picture: Picture) -> None:
        """Upload it anew the next time: Google does not have it any more."""
        self.memo.forget(_key(sha256(await picture.read()).hexdigest()))

    async def _upload(self, content: bytes, media_type: str) -> SaidFile:
        url = await self._begin(content, media_type)
        reply = await self.http.exchange(
            "POST",
            url,
            body=content,
            headers={
                "X-Goog-Upload-Command": "upload, finalize",
                "X-Goog-Upload-Offset": "0",
                "Content-Type": media_type,
            },
            explain=self.explainer.explain,
        )
        file = self._read(reply)
        if file.state != PROCESSING:
            return file
        return await self.http.poll(lambda: self._look(file.name))

    async def _begin(self, content: bytes, media_type: str) -> str:
        """Announce the file; the answer says where it goes."""
        size = len(content)
        kind = media_type.removeprefix("image/")
        described = Described(
            display_name=f"reference.{kind}", mime_type=media_type, size_bytes=size
        )
        reply = await self.http.exchange(
            "POST",
            self.address.upload,
            send=StartUpload(file=described),
            headers={
                **await self.headers(),
                "X-Goog-Upload-Protocol": "resumable",
                "X-Goog-Upload-Command": "start",
                "X-Goog-Upload-Header-Content-Length": str(size),
                "X-Goog-Upload-Header-Content-Type": media_type,
            },
            explain=self.explainer.explain,
        )
        return self._trusted(reply.headers.get(UPLOAD_URL, ""))

    def _trusted(self, url: str) -> str:
        """A caller's picture goes to nobody but who was asked."""
        try:
            host, home = URL(url).host or "", URL(self.address.root).host
        except ValueError:
            host, home = "", None
        if host != home and not f".{host}".endswith(GOOGLES):
            raise self._bad("names no place of its own for an upload")
        return url

    async def _look(self, name: str) -> SaidFile | None:
        file = await self.http.json(
            "GET",
            self.address.file(name),
            SaidFile,
            headers=await self.headers(),
            explain=self.explainer.explain,
        )
        if file.state not in {ACTIVE, PROCESSING, None}:
            raise self._bad("could not take an uploaded reference")
        return None if file.state == PROCESSING else file

    def _read(self, reply: Reply) -> SaidFile:
        try:
            return UploadedFile.model_validate_json(reply.body).file
        except ValidationError:
            raise self._bad("answered an upload in a way that cannot be read") from None

    def _bad(self, words: str) -> ImagewayError:
        message = f"{self.explainer.who} {words}"
        return ImagewayError(ErrorCode.BAD_ANSWER, message, origin="vendor")


def _key(digest: str) -> tuple[str, str]:
    return "uploaded", digest

"""Signed links: what is signed with the gateway's own secret opens one picture, until a date."""

from __future__ import annotations

import hmac
import logging
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from threading import Lock

from imageway.server.writing import read_privately, write_privately

SECRET_BYTES = 32
SIGN_BYTES = 24

log = logging.getLogger("imageway")


class Signer:
    """Signs names with a secret that is made once and kept in a file for its owner alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._secret: bytes | None = None

    def sign(self, name: str, until: int) -> str:
        """The signature of a name and a date; asks the disk the first time."""
        made = hmac.digest(self._known(), f"{name}\n{until}".encode("utf-8", "replace"), sha256)
        return urlsafe_b64encode(made[:SIGN_BYTES]).decode()

    def is_good(self, name: str, until: int, given: str) -> bool:
        """Whether the signature is ours; the date is the caller's affair."""
        wanted = self.sign(name, until)
        return hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace"))

    def _known(self) -> bytes:
        with self._lock:
            if self._secret is None:
                self._secret = self._kept() or self._fresh()
            return self._secret

    def _kept(self) -> bytes | None:
        """The secret of the file, if it is whole."""
        with suppress(OSError):
            secret = read_privately(self._path, SECRET_BYTES + 1)
            return secret if len(secret) == SECRET_BYTES else None
        return None

    def _fresh(self) -> bytes:
        """A new secret; where it cannot be kept, links end with this process."""
        secret = secrets.token_bytes(SECRET_BYTES)
        try:
            write_privately(self._path, secret)
        except OSError as error:
            log.warning("links end with this process, for %s: %s", self._path, error.strerror)
        return secret

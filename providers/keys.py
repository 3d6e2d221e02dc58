"""The callers' keys: which token belongs to whom, compared in constant time."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from imageway.providers.config import Key
from imageway.providers.loading import Source
from imageway.providers.secrets import MissingSecret

PREFIX = "iw-"
SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: the name of a key, and the models it may use; None means any."""

    name: str
    allow: tuple[str, ...] | None = None

    def may_use(self, model: str) -> bool:
        """Whether the key allows this model."""
        return self.allow is None or model in self.allow


ANYBODY = Caller("anybody")


def new_token() -> str:
    """A fresh token of 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a token; it has too many random bits to need a slow hash."""
    return sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


class Keyring:
    """Every key of the file; a key whose secret is not there lets nobody in, and says so."""

    def __init__(self, source: Source, environment: Mapping[str, str]) -> None:
        self._callers: list[tuple[str, Caller]] = []
        self.disabled: dict[str, str] = {}
        self.demanded = bool(source.config.keys)
        for name, key in source.config.keys.items():
            try:
                wanted = _digest_of(key, source, environment)
            except MissingSecret as missing:
                self.disabled[name] = str(missing)
            else:
                self._callers.append((wanted, Caller(name, key.allow)))

    def caller(self, token: str | None) -> Caller | None:
        """Find who this token belongs to; without keys in the file, anybody may ask."""
        if not self.demanded:
            return ANYBODY
        if not token:
            return None
        given = digest(token)
        found = None
        # Every key is compared, so that the time tells nothing.
        for wanted, caller in self._callers:
            if hmac.compare_digest(wanted, given):
                found = caller
        return found


def _digest_of(key: Key, source: Source, environment: Mapping[str, str]) -> str:
    if key.hash is not None:
        wanted = key.hash.resolve(source.folder, environment).get_secret_value().lower()
        if not SHA256.fullmatch(wanted):
            raise MissingSecret("its hash is no SHA-256; `imageway key new NAME` prints one")
        return wanted
    if key.token is not None:
        return digest(key.token.resolve(source.folder, environment).get_secret_value())
    raise MissingSecret("give the key a hash or a token")

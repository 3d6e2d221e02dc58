"""Access tokens for Vertex AI, from Google credentials, by google-auth and in a thread."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.memo import Memo

# An extra, `imageway[vertex]`: whoever has a key does without.
if TYPE_CHECKING:
    from google.auth.credentials import Credentials

SCOPES = ("https://www.googleapis.com/auth/cloud-platform",)
KEY = "google access token"
# Google's tokens live for an hour or less; when this one ends is asked before each use.
LONGEST = 3600.0
BEFORE_ITS_END = timedelta(minutes=5)
FRESH = timedelta(minutes=1)
INSTALL = 'pip install "imageway[vertex]"'
NO_CREDENTIALS = (
    "write vertex.credentials = { file = PATH }, or log in with"
    " `gcloud auth application-default login`"
)

Fetch = Callable[[], "Token"]


@dataclass(frozen=True, slots=True)
class Token:
    """One access token, when it was fetched, and its end."""

    value: str
    since: datetime
    until: datetime

    def is_good(self, now: datetime) -> bool:
        """Whether it lasts long enough for another call."""
        return now + BEFORE_ITS_END < self.until

    def is_fresh(self, now: datetime) -> bool:
        """Whether another one would be no better."""
        return now < self.since + FRESH


@dataclass(frozen=True, slots=True)
class Tokens:
    """The token of one account, fetched anew before it ends."""

    memo: Memo
    fetch: Fetch
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    async def current(self) -> Token:
        """A token that is good for a while, or the only one that can be had."""
        token = await self.memo.remember(KEY, LONGEST, self._fetched)
        if not (token.is_good(self.now()) or token.is_fresh(self.now())):
            self.memo.forget(KEY)
            token = await self.memo.remember(KEY, LONGEST, self._fetched)
        return token

    def forget(self) -> None:
        """Fetch a new one the next time: Google does not take this one any more."""
        self.memo.forget(KEY)

    async def _fetched(self) -> Token:
        return await asyncio.to_thread(self.fetch)


def fetcher(credentials: str | None) -> Fetch:
    """How tokens are fetched; raises misconfigured where google-auth is not installed."""
    try:
        import google.auth.transport.requests
    except ImportError:
        raise ImagewayError(
            ErrorCode.MISCONFIGURED,
            "vertex.project needs google-auth, which is not installed",
            hint=INSTALL,
        ) from None
    found: list[Credentials] = []

    def fetch() -> Token:
        from google.auth.exceptions import GoogleAuthError, TransportError

        try:
            if not found:
                found.append(_load(credentials))
            found[0].refresh(google.auth.transport.requests.Request())  # type: ignore[no-untyped-call]  # google-auth tells no types here
        except TransportError:
            raise ImagewayError(
                ErrorCode.NETWORK,
                "Google's token server could not be reached",
                origin="vendor",
            ) from None
        except GoogleAuthError as error:
            raise _refused(error) from None
        return _token(found[0])

    return fetch


def _load(text: str | None) -> Credentials:
    import google.auth

    if text is None:
        return google.auth.default(scopes=SCOPES)[0]  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]: google-auth leaves a type open
    info: Mapping[str, str] = json.loads(text)
    found: Credentials
    if info["type"] == "service_account":
        from google.oauth2.service_account import Credentials as ServiceAccount

        found = ServiceAccount.from_service_account_info(info, scopes=SCOPES)  # type: ignore[no-untyped-call]  # as above
    else:
        from google.oauth2.credentials import Credentials as User

        found = User.from_authorized_user_info(info, scopes=SCOPES)  # type: ignore[no-untyped-call]  # as above
    return found


def _token(credentials: Credentials) -> Token:
    # google-auth tells the end in UTC, but without a zone.
    now = datetime.now(UTC)
    end = credentials.expiry or now + timedelta(seconds=LONGEST)
    return Token(str(credentials.token), now, end.replace(tzinfo=UTC))


def _refused(error: Exception) -> ImagewayError:
    return ImagewayError(
        ErrorCode.UNAUTHENTICATED,
        "there are no Google credentials that work for this provider",
        hint=NO_CREDENTIALS,
        origin="vendor",
        vendor_message=" ".join(str(error).split())[:300],
    )

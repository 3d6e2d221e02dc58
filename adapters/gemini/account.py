"""One account at Google: where it is asked, what proves that it is ours, and how it refuses."""

from __future__ import annotations

from dataclasses import dataclass

from imageway.adapters.gemini.address import Address
from imageway.adapters.gemini.config import GeminiConfig
from imageway.adapters.gemini.errors import Explainer
from imageway.adapters.gemini.models import Place
from imageway.adapters.gemini.tokens import Token, Tokens
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.outgoing import CallOptions
from imageway.core.reply import Explain

# How the vendor is called where no provider is asked by its name.
VENDOR = "google"


@dataclass(frozen=True, slots=True)
class Account:
    """What every call to this account shares; without a project there are no tokens."""

    config: GeminiConfig
    http: Http
    memo: Memo
    tokens: Tokens | None

    @property
    def address(self) -> Address:
        """Where it is asked."""
        return self.config.address

    @property
    def place(self) -> Place:
        """At which of the two APIs."""
        return "developer" if self.config.vertex is None else "vertex"

    def explainer(self, who: str | None, model: str = "") -> Explainer:
        """Reads what this account is refused."""
        return Explainer(who or VENDOR, model, secret=self.config.key)

    async def headers(self) -> dict[str, str]:
        """What proves that the account is ours."""
        return self._headers(await self._token())

    async def free(self, explainer: Explainer) -> CallOptions:
        """How a call goes out that costs nothing."""
        token = await self._token()
        return {"headers": self._headers(token), "explain": self._explain(explainer, token)}

    async def _token(self) -> Token | None:
        return None if self.tokens is None else await self.tokens.current()

    def _headers(self, token: Token | None) -> dict[str, str]:
        vertex = self.config.vertex
        named = {
            "x-goog-api-key": self.config.key,
            "Authorization": None if token is None else f"Bearer {token.value}",
            "x-goog-user-project": vertex and vertex.quota_project,
        }
        return {name: value for name, value in named.items() if value}

    def _explain(self, explainer: Explainer, token: Token | None) -> Explain:
        """A token may end early; then the next attempt has another, which is no refusal yet."""
        if token is None or self.tokens is None:
            return explainer.explain
        tokens = self.tokens

        def explain(status: int, headers: object, body: bytes) -> ImagewayError:
            error = explainer.explain(status, {}, body)
            if error.info.code is not ErrorCode.UNAUTHENTICATED:
                return error
            tokens.forget()
            if token.is_fresh(tokens.now()):
                return error
            message = f"{explainer.who} no longer took an access token; a new one is fetched next"
            renewed = error.info.model_copy(
                update={"code": ErrorCode.UNAVAILABLE, "message": message, "hint": None}
            )
            return ImagewayError.carrying(renewed)

        return explain

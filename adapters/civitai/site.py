"""Asking the site: whose key this is, what a version is, and what somebody has bought."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from imageway.adapters.civitai.config import CivitaiConfig
from imageway.adapters.civitai.services import Services
from imageway.adapters.civitai.wire import Enums, Me, Mini, ModelPage, VersionPage, parsed
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.reply import Explain, Reply

Model = TypeVar("Model", bound=BaseModel)
Answer = TypeVar("Answer")

# A gate may appear or end at any time, so that an older answer is but a hint.
FACTS_SECONDS = 60.0
ME_SECONDS = 300.0
ENUMS_SECONDS = 3600.0
# Only a yes is kept; the edge keeps a no too long already.
YES_SECONDS = 300.0

ME = "/me"
PERMISSIONS = TypeAdapter[dict[str, bool]](dict[str, bool])


class Site:
    """The site's REST API, remembered for as long as an answer may be believed."""

    def __init__(
        self,
        config: CivitaiConfig,
        http: Http,
        memo: Memo,
        services: Services,
    ) -> None:
        self._services = services
        self._config = config
        self._http = http
        self._memo = memo

    @property
    def host(self) -> str:
        """Where this site is, as addresses of pages name it."""
        return urlsplit(self._config.base_url).hostname or ""

    async def me(self) -> Me:
        """Whose key it is: the only page that says that a key is bad."""
        return await self._memo.remember("me", ME_SECONDS, self.ask_me)

    async def ask_me(self) -> Me:
        """The same without remembering."""
        return await self._get(ME, Me)

    async def mini(self, version_id: int) -> Mini:
        """What the generator knows of a version."""
        return await self._known(_mini(version_id), Mini)

    async def version(self, version_id: int) -> VersionPage:
        """A version as the site shows it."""
        return await self._known(_version(version_id), VersionPage)

    async def model(self, model_id: int) -> ModelPage:
        """A model with its versions."""
        return await self._known(f"/models/{model_id}", ModelPage)

    async def enums(self) -> Mapping[str, JsonValue]:
        """The words that the site's parameters take today."""

        async def ask() -> Mapping[str, JsonValue]:
            listed = await self._heard("enums", "/enums", lambda reply: parsed(reply, Enums))
            return listed.model_extra or {}

        return await self._memo.remember("enums", ENUMS_SECONDS, ask)

    async def has_bought(self, version_id: int, user_id: int, *, fresh: bool = False) -> bool:
        """Whether a user has an entitlement; a no is asked again each time.

        One version a question: an owner who asks for a mixed list is refused their own.
        """
        key = ("bought", version_id, user_id)

        async def ask() -> bool:
            return await self._ask_permission(version_id, user_id, fresh=fresh)

        if fresh:
            self._memo.forget(key)
        bought = await self._memo.remember(key, YES_SECONDS, ask)
        if not bought:
            self._memo.forget(key)
        return bought

    async def _ask_permission(self, version_id: int, user_id: int, *, fresh: bool) -> bool:
        # A parameter that nobody knows is another page to the edge, which may hold an old no.
        aside = {"fresh": uuid4().hex} if fresh else {}
        asked = {"entityIds": str(version_id), "userId": str(user_id), **aside}
        path = f"/permissions/check?{urlencode(asked)}"
        return (await self._heard("permissions", path, _permissions)).get(str(version_id), False)

    def forget(self, version_id: int) -> None:
        """Ask anew about a version, for somebody has just bought it."""
        for path in (_mini(version_id), _version(version_id)):
            self._memo.forget(path)

    async def _known(self, path: str, model: type[Model]) -> Model:
        async def ask() -> Model:
            return await self._get(path, model)

        return await self._memo.remember(path, FACTS_SECONDS, ask)

    async def _get(self, path: str, model: type[Model]) -> Model:
        service = "account" if path == ME else "versions"
        return await self._heard(service, path, lambda reply: parsed(reply, model))

    async def _heard(self, service: str, path: str, read: Callable[[Reply], Answer]) -> Answer:
        async def call(explain: Explain) -> Reply:
            url = f"{self._config.base_url}/api/v1{path}"
            return await self._http.exchange(
                "GET", url, headers=self._config.headers, explain=explain
            )

        return await self._services.hear(service, call, read)


def _permissions(reply: Reply) -> dict[str, bool]:
    try:
        return PERMISSIONS.validate_json(reply.body)
    except ValidationError:
        message = "CivitAI's answer on what this account has bought cannot be read"
        raise ImagewayError(ErrorCode.BAD_ANSWER, message, origin="vendor") from None


def _mini(version_id: int) -> str:
    return f"/model-versions/mini/{version_id}"


def _version(version_id: int) -> str:
    return f"/model-versions/{version_id}"


def unknown_version(name: str, param: str) -> ImagewayError:
    """A version that is not there, not published, or hidden in this region."""
    details: dict[str, JsonValue] = {"param": param}
    return ImagewayError(
        ErrorCode.NOT_FOUND,
        f"CivitAI has no published version {name[:100]!r}",
        hint="look at the model's page; its creator may have taken it down",
        origin="vendor",
        details=details,
    )

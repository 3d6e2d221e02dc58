"""What plugins.toml may say of an account at CivitAI."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

SITE = "https://civitai.com"
ORCHESTRATOR = "https://orchestration.civitai.com"
NO_KEY = (
    "is missing; make one in the account settings of the site, "
    'and write api_key = { env = "CIVITAI_API_TOKEN" }'
)

EarlyAccess = Literal["check", "public_version", "off"]


class CivitaiConfig(BaseModel):
    """One account; `early_access` says what is done about a version that it has not bought.

    `check` explains the no before anything is sent, `public_version` takes the newest free one of
    the same model instead, `off` asks nothing. A request that would cost more than `max_buzz` is
    not sent. The gallery is asked for at `gallery_fallback_url` while the site itself fails; the
    key goes there only where that host is CivitAI's own, and `gallery_fallback_takes_key` says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = SITE
    orchestrator_url: str = ORCHESTRATOR
    api_key: Annotated[SecretStr, Field(validate_default=True)] = SecretStr("")
    early_access: EarlyAccess = "check"
    max_buzz: Annotated[float | None, Field(ge=0)] = None
    gallery_fallback_url: str | None = None
    gallery_fallback_takes_key: bool = False

    @field_validator("base_url", "orchestrator_url", "gallery_fallback_url")
    @classmethod
    def _is_a_base(cls, url: str | None) -> str | None:
        if url is None:
            return None
        url = url.strip().rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f'must be an http or https address, such as "{SITE}"')
        if parts.username or parts.password:
            raise ValueError("must not hold a name or a password; a key belongs into api_key")
        if parts.path or parts.query or parts.fragment:
            base = f"{parts.scheme}://{parts.netloc}"
            raise ValueError(f'must be a host alone, such as "{base}"; routes are added behind it')
        return url

    @field_validator("api_key")
    @classmethod
    def _is_there(cls, key: SecretStr) -> SecretStr:
        if not key.get_secret_value().strip():
            raise ValueError(NO_KEY)
        return SecretStr(key.get_secret_value().strip())

    @property
    def headers(self) -> dict[str, str]:
        """The key, for both hosts; a query would repeat it in the links of every answer."""
        return {"Authorization": f"Bearer {self.api_key.get_secret_value()}"}

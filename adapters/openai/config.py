"""What plugins.toml may say of OpenAI, or of a server that speaks like it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    StrictBool,
    ValidationInfo,
    field_validator,
)

from imageway.adapters.openai.profiles import COMPATIBLE, OPENAI, Profile, read_profile

HOME = "https://api.openai.com/v1"
HOST = "api.openai.com"
A_ROUTE = re.compile(r"/(?:images|models|chat|responses|completions)(?:/.*)?$")

Word = Annotated[str, Field(min_length=1, max_length=200)]


class OpenAIConfig(BaseModel):
    """One account at OpenAI, or one server; `split` asks for each picture in a call of its own.

    A vendor that gives all of the asked pictures or none loses but one of them that way.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str = HOME
    # Behind base_url, for whether there must be a key depends on it.
    api_key: Annotated[SecretStr | None, Field(validate_default=True)] = None
    organization: Word | None = None
    project: Word | None = None
    profile: Annotated[
        Profile | None,
        BeforeValidator(read_profile, json_schema_input_type=str | Mapping[str, JsonValue] | None),
    ] = None
    split: StrictBool = True

    @field_validator("base_url")
    @classmethod
    def _is_a_base(cls, url: str) -> str:
        url = url.strip().rstrip("/")
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f'must be an http or https address, such as "{HOME}"')
        if parts.username or parts.password:
            raise ValueError("must not hold a name or a password; a key belongs into api_key")
        if parts.query or parts.fragment:
            raise ValueError("must not have a ? or a #; routes are added behind it")
        if route := A_ROUTE.search(parts.path):
            base = url.removesuffix(route[0])
            raise ValueError(f'is the address of one route; the base of all of them is "{base}"')
        if is_openai(url) and (parts.scheme, parts.path) != ("https", "/v1"):
            raise ValueError(f'at OpenAI it is "https://{parts.hostname}/v1"')
        return url

    @field_validator("api_key")
    @classmethod
    def _is_there_where_it_must_be(
        cls, key: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        if key is not None and key.get_secret_value().strip():
            return SecretStr(key.get_secret_value().strip())
        base_url = info.data.get("base_url")
        if isinstance(base_url, str) and is_openai(base_url):
            raise ValueError(
                "is missing, and OpenAI wants one (platform.openai.com/api-keys); "
                'write api_key = { env = "OPENAI_API_KEY" }'
            )
        return None

    @property
    def is_openai(self) -> bool:
        """Whether it is OpenAI itself that answers."""
        return is_openai(self.base_url)

    @property
    def dialect(self) -> Profile:
        """The profile that was named, else the one that fits the address."""
        return self.profile or (OPENAI if self.is_openai else COMPATIBLE)


def is_openai(base_url: str) -> bool:
    """Whether an address is OpenAI's own; its regions have hosts below the usual one."""
    return f".{urlsplit(base_url).hostname}".endswith(f".{HOST}")

"""What plugins.toml may say of Google: a key for the Gemini API, or a project of Vertex AI."""

from __future__ import annotations

import json
import re
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from imageway.adapters.gemini.address import (
    DEVELOPER_HOST,
    DEVELOPER_VERSION,
    VERTEX_HOST,
    VERTEX_VERSION,
    Address,
    Base,
    is_googles,
    read_base,
    vertex_root,
)
from imageway.adapters.gemini.wire import SafetySetting

Version = Literal["v1", "v1beta", "v1beta1", "v1alpha"]
A_NAME = re.compile(r"[\w.:-]{1,200}")


def _name(text: str) -> str:
    if not A_NAME.fullmatch(text):
        raise ValueError("must be a name as Google Cloud has it, of letters, digits and hyphens")
    return text


Word = Annotated[str, AfterValidator(_name)]
KINDS = frozenset({"service_account", "authorized_user"})
WRITE_A_KEY = 'write api_key = { env = "GEMINI_API_KEY" }'


class Vertex(BaseModel):
    """Vertex AI: with a project it is asked with Google credentials, without one with a key.

    `credentials` is the content of a credentials file; without it, those that the machine has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    project: Word | None = None
    location: Word = "global"
    credentials: SecretStr | None = None
    quota_project: Word | None = None
    imagen: bool = False

    @property
    def text(self) -> str | None:
        """The content of the credentials file, for google-auth only."""
        return None if self.credentials is None else self.credentials.get_secret_value()

    @field_validator("credentials")
    @classmethod
    def _is_a_file_of_google(cls, text: SecretStr | None) -> SecretStr | None:
        if text is None:
            return None
        try:
            kind = json.loads(text.get_secret_value())["type"]
        except (ValueError, KeyError, TypeError):
            raise ValueError("must be the JSON of a credentials file that Google made") from None
        if kind not in KINDS:
            known = ", ".join(sorted(KINDS))
            raise ValueError(f"is of the type {str(kind)[:40]!r}; known are {known}")
        return text


class GeminiConfig(BaseModel):
    """One account at Google; `system` and `safety_settings` go with every request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str | None = None
    version: Version | None = None
    vertex: Annotated[Vertex | None, Field(validate_default=True)] = None
    # Behind the others, for whether there must be a key depends on them.
    api_key: Annotated[SecretStr | None, Field(validate_default=True)] = None
    system: str | None = None
    safety_settings: tuple[SafetySetting, ...] = ()

    @field_validator("base_url")
    @classmethod
    def _is_a_base(cls, url: str | None) -> str | None:
        if url is not None:
            read_base(url)
        return url

    @field_validator("vertex")
    @classmethod
    def _is_meant(cls, vertex: Vertex | None, info: ValidationInfo) -> Vertex | None:
        base = _base_of(info)
        if vertex is None and base is not None and base.host.endswith(VERTEX_HOST):
            raise ValueError(
                'is missing, and the base_url is Vertex AI; write vertex = { project = "NAME" },'
                " or vertex = {} with an express key"
            )
        return vertex

    @field_validator("api_key")
    @classmethod
    def _is_there_where_it_must_be(
        cls, key: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        value = key.get_secret_value().strip() if key is not None else ""
        vertex, base = info.data.get("vertex"), _base_of(info)
        has_project = isinstance(vertex, Vertex) and vertex.project is not None
        if has_project and value:
            raise ValueError(
                "is for express mode, and a project is asked with Google credentials; leave out"
                " the key or vertex.project"
            )
        needs_one = not has_project and (base is None or is_googles(base))
        if needs_one and not value and "vertex" in info.data:
            raise ValueError(
                f"is missing, and Google wants one (aistudio.google.com/apikey); {WRITE_A_KEY}"
            )
        return SecretStr(value) if value else None

    @property
    def base(self) -> Base | None:
        """The base URL that was written, taken apart."""
        return None if self.base_url is None else read_base(self.base_url)

    @property
    def key(self) -> str | None:
        """The key, for headers only."""
        return None if self.api_key is None else self.api_key.get_secret_value()

    @property
    def address(self) -> Address:
        """Where the API is."""
        base, vertex = self.base, self.vertex
        if vertex is None:
            root = base.root if base else f"https://{DEVELOPER_HOST}"
            return Address(root, self._version(base, DEVELOPER_VERSION))
        root = base.root if base else vertex_root(vertex.location)
        place = f"/projects/{vertex.project}/locations/{vertex.location}" if vertex.project else ""
        version = self._version(base, VERTEX_VERSION)
        return Address(root, version, f"{place}/publishers/google")

    def _version(self, base: Base | None, usual: str) -> str:
        return self.version or (base and base.version) or usual


def _base_of(info: ValidationInfo) -> Base | None:
    url = info.data.get("base_url")
    return read_base(url) if isinstance(url, str) else None

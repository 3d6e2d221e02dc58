"""What plugins.toml may say of a Qwen service: where it is, or where several alike are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

from imageway.adapters.qwen.errors import explain
from imageway.core.outgoing import CallOptions

Common = Callable[[], CallOptions]

USUAL_URL = "http://127.0.0.1:7860"


def _bare(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"a server's address begins with http:// or https://, got {url!r}")
    return url.rstrip("/")


Address = Annotated[str, AfterValidator(_bare)]


class QwenConfig(BaseModel):
    """One server, or several of which the one with the shortest line is asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: Annotated[Address | None, Field(description=f"{USUAL_URL} unless said")] = None
    instances: Annotated[tuple[Address, ...], Field(description="several servers alike")] = ()
    api_key: Annotated[SecretStr | None, Field(description="where the servers want one")] = None

    @model_validator(mode="after")
    def _names_servers_once(self) -> Self:
        if self.base_url is not None and self.instances:
            raise ValueError("give base_url or instances, not both")
        return self

    @property
    def urls(self) -> tuple[str, ...]:
        """The servers, each once."""
        return tuple(dict.fromkeys(self.instances)) or (self.base_url or USUAL_URL,)

    def common(self) -> CallOptions:
        """What every call has; the key is read here, and kept nowhere else."""
        key = self.api_key
        headers = {} if key is None else {"Authorization": f"Bearer {key.get_secret_value()}"}
        return {"headers": headers, "explain": explain}

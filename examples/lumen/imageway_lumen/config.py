"""What plugins.toml may say of Lumen, and what Lumen can do."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, SecretStr

from imageway.core.capability import Capabilities, SizeRule
from imageway.core.options import Option
from imageway.core.size import Size

CAPABILITIES = Capabilities(
    options=frozenset({Option.SIZE, Option.SEED, Option.FORMAT, Option.REFERENCES}),
    allowed={Option.FORMAT: frozenset({"png", "webp"})},
    operations=frozenset({"generate", "edit"}),
    sizes=SizeRule(multiple_of=64, least_edge=256, most_edge=1024, usual=Size(512, 512)),
    references=2,
    reports_progress=True,
)


class LumenConfig(BaseModel):
    """What plugins.toml may say of Lumen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    api_key: SecretStr
    base_url: str = "https://api.lumen.example/v2"

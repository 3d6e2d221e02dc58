"""What a seeded bug is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["openai", "together", "vllm", "demo", "qwen", "published"]


@dataclass(frozen=True, slots=True)
class Bug:
    """One passage of an adapter's source, what stands there instead, and what it breaks."""

    file: str
    old: str
    new: str
    scenario: str
    kind: Kind = "openai"

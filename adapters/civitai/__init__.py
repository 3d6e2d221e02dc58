"""CivitAI: any of its models, with LoRAs, and the truth about early access."""

from imageway.adapters.civitai.adapter import CivitaiAdapter
from imageway.adapters.civitai.config import CivitaiConfig

__all__ = ["CivitaiAdapter", "CivitaiConfig"]

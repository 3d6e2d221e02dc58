"""OpenAI's Images API, at OpenAI and at every server that speaks like it."""

from imageway.adapters.openai.adapter import OpenAIAdapter
from imageway.adapters.openai.config import OpenAIConfig

__all__ = ["OpenAIAdapter", "OpenAIConfig"]

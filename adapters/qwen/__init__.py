"""A Qwen-Image service on a machine of one's own: one GPU, one queue, one picture at a time."""

from imageway.adapters.qwen.adapter import QwenAdapter
from imageway.adapters.qwen.config import QwenConfig

__all__ = ["QwenAdapter", "QwenConfig"]

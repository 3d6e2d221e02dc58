"""Lumen, an invented vendor that takes jobs, for imageway."""

from imageway_lumen.adapter import LumenAdapter
from imageway_lumen.config import LumenConfig

__all__ = ["LumenAdapter", "LumenConfig"]

"""Google's image models: the Gemini API, and Vertex AI with what it still has of Imagen."""

from imageway.adapters.gemini.adapter import GeminiAdapter
from imageway.adapters.gemini.config import GeminiConfig

__all__ = ["GeminiAdapter", "GeminiConfig"]

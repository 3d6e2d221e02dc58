"""The Gemini adapter keeps every promise: each kind of model, at both APIs, and Imagen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from pydantic import JsonValue

from imageway.adapters.gemini import GeminiAdapter, GeminiConfig
from imageway.core.adapter import Adapter
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from imageway.testing import AdapterConformance


class ImagenEmulator(GeminiEmulator):
    """Vertex AI while it still has Imagen."""

    usual_model = "imagen-4.0-generate-001"
    extras: ClassVar[Mapping[str, JsonValue]] = {"language": "en"}
    facts = Facts(imagen_on_vertex=True)


class TestGemini(AdapterConformance):
    emulator = GeminiEmulator
    config: ClassVar[Mapping[str, object]] = {}

    def build(self, url: str, http: Http, memo: Memo) -> Adapter:
        settings = {"base_url": url, "api_key": "sk-emulated", **self.config}
        return GeminiAdapter(GeminiConfig.model_validate(settings), http, memo)


class TestGeminiFlash(TestGemini):
    model = "gemini-3.1-flash-image"


class TestGeminiPro(TestGemini):
    model = "gemini-3-pro-image"


class TestGemini25(TestGemini):
    model = "gemini-2.5-flash-image"


class TestGeminiOnVertex(TestGemini):
    config: ClassVar[Mapping[str, object]] = {"vertex": {}}


class TestImagen(TestGemini):
    emulator = ImagenEmulator
    config: ClassVar[Mapping[str, object]] = {"vertex": {"imagen": True}}

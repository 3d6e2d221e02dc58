"""The OpenAI adapter keeps every promise: at OpenAI, in one call for all, and at vLLM."""

from __future__ import annotations

from typing import ClassVar

import pytest

from imageway.adapters.openai import OpenAIAdapter, OpenAIConfig
from imageway.core.adapter import Adapter
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.vllm import VllmEmulator
from imageway.testing import AdapterConformance

pytestmark = pytest.mark.slow


class Conformance(AdapterConformance):
    profile: ClassVar[str] = "openai"
    split: ClassVar[bool] = True

    def build(self, url: str, http: Http, memo: Memo) -> Adapter:
        settings = {
            "base_url": f"{url}/v1",
            "api_key": "sk-emulated",
            "profile": self.profile,
            "split": self.split,
        }
        return OpenAIAdapter(OpenAIConfig.model_validate(settings), http, memo)


class TestOpenAI(Conformance):
    emulator = OpenAIEmulator


class TestOpenAIInOneCall(TestOpenAI):
    split = False


class TestOpenAISunburst(TestOpenAI):
    model = "gpt-image-2.6-sunburst"


class TestOpenAIMini(TestOpenAI):
    model = "gpt-image-1-mini"


class TestACompatibleServer(TestOpenAI):
    profile = "compatible"


class TestVllm(Conformance):
    emulator = VllmEmulator
    profile = "vllm"

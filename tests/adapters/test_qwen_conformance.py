"""The Qwen adapter keeps every promise: at the whole service, and at the one first published."""

from __future__ import annotations

import pytest

from imageway.adapters.qwen import QwenAdapter, QwenConfig
from imageway.core.adapter import Adapter
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.emulators.qwen import QwenEmulator
from imageway.emulators.qwen_published import PublishedQwenEmulator
from imageway.testing import AdapterConformance

pytestmark = pytest.mark.slow


class Conformance(AdapterConformance):
    def build(self, url: str, http: Http, memo: Memo) -> Adapter:
        return QwenAdapter(QwenConfig(base_url=url), http, memo)


class TestQwen(Conformance):
    emulator = QwenEmulator


class TestPublishedQwen(Conformance):
    emulator = PublishedQwenEmulator

"""The demo keeps every promise that an adapter without a wire can make."""

from __future__ import annotations

import pytest

from imageway.adapters.demo import DemoAdapter, DemoConfig
from imageway.core.adapter import Adapter
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.testing import AdapterConformance

pytestmark = pytest.mark.slow


class TestDemo(AdapterConformance):
    model = "demo"

    def build(self, url: str, http: Http, memo: Memo) -> Adapter:
        return DemoAdapter(DemoConfig(), http, memo)

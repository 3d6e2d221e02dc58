"""Lumen's adapter keeps every promise."""

from __future__ import annotations

from imageway_lumen import LumenAdapter, LumenConfig
from imageway_lumen.emulator import LumenEmulator
from pydantic import SecretStr

from imageway.core.adapter import Adapter
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.testing import AdapterConformance


class TestLumen(AdapterConformance):
    """One test for each scenario that it needs."""

    emulator = LumenEmulator

    def build(self, url: str, http: Http, memo: Memo) -> Adapter:
        """Built as plugins.toml would, but for the address."""
        config = LumenConfig(api_key=SecretStr("sk-emulated"), base_url=f"{url}/v2")
        return LumenAdapter(config, http, memo)

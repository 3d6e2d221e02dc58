"""The CivitAI adapter keeps every promise: by AIR or number, and with the site unasked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from imageway.adapters.civitai import CivitaiAdapter, CivitaiConfig
from imageway.core.adapter import Adapter
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.emulators.civitai import CivitaiEmulator
from imageway.testing import AdapterConformance


class TestCivitai(AdapterConformance):
    emulator = CivitaiEmulator
    early_access: ClassVar[str] = "check"

    def build(self, url: str, http: Http, memo: Memo) -> Adapter:
        settings = {
            "base_url": url,
            "orchestrator_url": url,
            "api_key": "sk-emulated",
            "early_access": self.early_access,
        }
        return CivitaiAdapter(CivitaiConfig.model_validate(settings), http, memo)


class TestCivitaiWithoutTheSite(TestCivitai):
    early_access = "off"
    known_failures: ClassVar[Mapping[str, str]] = {
        "a_region_block_is_known": "only the site blocks regions, and it is not asked",
        "the_vendor_is_to_blame": "only the site blocks regions, and it is not asked",
    }


class TestCivitaiFlux(TestCivitai):
    model = "urn:air:flux1:checkpoint:civitai:618692@691639"


class TestCivitaiByItsVersion(TestCivitai):
    model = "128078"

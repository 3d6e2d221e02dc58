"""The CivitAI adapter keeps every promise: by AIR or number, and with the site unasked."""

from __future__ import annotations

from typing import ClassVar

from imageway.adapters.civitai import CivitaiAdapter, CivitaiConfig
from imageway.core.adapter import Adapter
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.emulators.civitai import CivitaiEmulator
from imageway.emulators.faults import Fault
from imageway.testing import AdapterConformance


class SitelessEmulator(CivitaiEmulator):
    """Only the site blocks regions, and it is not asked."""

    can_say = CivitaiEmulator.can_say - {Fault.REGION}


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
    emulator = SitelessEmulator
    early_access = "off"


class TestCivitaiFlux(TestCivitai):
    model = "urn:air:flux1:checkpoint:civitai:618692@691639"


class TestCivitaiByItsVersion(TestCivitai):
    model = "128078"

"""The kit's own example keeps every promise, in each of its three ways."""

from __future__ import annotations

from typing import ClassVar

import pytest
from pydantic import SecretStr

from imageway.core.adapter import Adapter
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.testing import AdapterConformance
from tests.testing.house.adapter import HouseAdapter, HouseConfig, Way
from tests.testing.house.emulator import (
    HouseEmulator,
    ListeningHouseEmulator,
    PollingHouseEmulator,
    StreamingHouseEmulator,
)

pytestmark = pytest.mark.slow


class TestHouse(AdapterConformance):
    emulator = HouseEmulator
    way: ClassVar[Way] = "plain"

    def build(self, url: str, http: Http, memo: Memo) -> Adapter:
        key = SecretStr("sk-emulated")
        return HouseAdapter(
            HouseConfig(base_url=f"{url}/v1", api_key=key, way=self.way), http, memo
        )


class TestStreamingHouse(TestHouse):
    emulator = StreamingHouseEmulator
    way = "stream"


class TestPollingHouse(TestHouse):
    emulator = PollingHouseEmulator
    way = "poll"


class TestListeningHouse(TestHouse):
    emulator = ListeningHouseEmulator
    way = "listen"

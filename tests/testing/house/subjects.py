"""House's adapters as subjects of the kit, in each of its three ways."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from imageway.core.adapter import Adapter
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.emulators.base import Emulator
from imageway.testing.subject import Subject
from tests.testing.house.adapter import HouseAdapter, HouseConfig, Way
from tests.testing.house.emulator import (
    HouseEmulator,
    ListeningHouseEmulator,
    PollingHouseEmulator,
    StreamingHouseEmulator,
)

EMULATOR_BY_WAY: Mapping[Way, type[Emulator]] = {
    "plain": HouseEmulator,
    "stream": StreamingHouseEmulator,
    "poll": PollingHouseEmulator,
    "listen": ListeningHouseEmulator,
}


def house(way: Way, kind: type[HouseAdapter] = HouseAdapter) -> Subject:
    """An adapter for House and its emulator."""

    def build(url: str, http: Http, memo: Memo) -> Adapter:
        key = SecretStr("sk-emulated")
        return kind(HouseConfig(base_url=f"{url}/v1", api_key=key, way=way), http, memo)

    return Subject("house", build, EMULATOR_BY_WAY[way], "house-xl")

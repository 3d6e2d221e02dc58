"""A configuration that a test saves again and again, and what is in force of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from imageway.core.errors import ErrorInfo, ImagewayError
from imageway.providers.loading import Source, load
from imageway.providers.registry import Provider
from imageway.providers.reloading.changes import Changes
from imageway.providers.reloading.holding import InForce
from imageway.providers.reloading.reload import Reloader
from imageway.providers.snapshot import provision
from tests.providers.support import PLUGIN

HOUSE = "[providers.house]\nadapter = './plugin.py:House'\n"
GARDEN = HOUSE.replace("house]", "garden]")
ROUTE = "[routes.photo]\ntry = ['house/x']\n"


class Stand:
    """The file, and the gateway's half that looks after it."""

    def __init__(
        self,
        folder: Path,
        text: str = HOUSE,
        check: Callable[[Source], None] = lambda source: None,
    ) -> None:
        shutil.copy(PLUGIN, folder / "plugin.py")
        self.file = folder / "plugins.toml"
        self.environment = {"KEY": "a-key-that-is-long"}
        self.now = 100.0
        self.save(text)
        self.in_force = InForce(provision(load(self.file), self.environment))
        self.reloader = Reloader(self.in_force, check, self.environment, now=lambda: self.now)

    def save(self, text: str) -> None:
        self.file.write_text(text, encoding="utf-8")

    async def taken(self, text: str) -> Changes:
        self.save(text)
        return await self.reloader.reload()

    async def refused(self, text: str | None = None) -> ErrorInfo:
        if text is not None:
            self.save(text)
        with pytest.raises(ImagewayError) as caught:
            await self.reloader.reload()
        return caught.value.info

    def provider(self, name: str = "house") -> Provider:
        return self.in_force.newest.providers[name]

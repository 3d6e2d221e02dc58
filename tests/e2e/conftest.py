"""One stage for all of these tests, and for each a person with an open page."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator

import pytest

from tests.e2e.stage import Stage, opened
from tests.e2e.webui import WebUI, signed_in

# The first test waits until Open WebUI has started.
LONGEST = 400


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker(pytest.mark.timeout(LONGEST))


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Generator[Stage]:
    with opened(tmp_path_factory.mktemp("stage")) as everything:
        yield everything


@pytest.fixture
async def webui(stage: Stage) -> AsyncGenerator[WebUI]:
    for vendor in (stage.shop, stage.slow, stage.civitai):
        vendor.reset()
    async with signed_in(stage.webui) as person:
        yield person

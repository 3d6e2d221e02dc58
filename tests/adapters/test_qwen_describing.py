"""What the Qwen adapter says of its server, and how it is found by a configuration."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import imageway
from imageway.core.adapter import ChecksHealth, ListsModels, Resumes
from imageway.core.errors import ErrorCode
from imageway.core.options import Option, Range
from imageway.core.size import Size
from imageway.emulators.serving import serve
from tests.adapters.qwen_lab import Lab, heard, lab
from tests.emulators.qwen_client import SmallQwen


@pytest.fixture
def server() -> SmallQwen:
    return SmallQwen()


@pytest.fixture
async def at(server: SmallQwen) -> AsyncIterator[Lab]:
    async with lab(server) as opened:
        yield opened


async def test_it_claims_what_the_contract_allows(at: Lab) -> None:
    can = await at.adapter.describe("qwen-image-2512")
    assert can.known
    assert can.options == {
        Option.SIZE,
        Option.ASPECT,
        Option.SEED,
        Option.NEGATIVE_PROMPT,
        Option.GUIDANCE,
        Option.STEPS,
        Option.FORMAT,
        Option.PREVIEWS,
    }
    assert (can.allowed[Option.STEPS], can.allowed[Option.GUIDANCE]) == (
        Range(20, 100),
        Range(1, 20),
    )
    assert can.allowed[Option.FORMAT] == frozenset({"png", "jpeg", "webp"})
    assert Size(112, 64) in can.sizes.choices
    assert (can.images_per_call, can.reports_progress, can.sends_previews) == (1, True, True)


async def test_a_model_of_another_name_is_not_known(at: Lab) -> None:
    assert not (await at.adapter.describe("flux")).known


async def test_its_models_are_the_usual_name_and_the_servers_own() -> None:
    server = SmallQwen()
    server.facts = SmallQwen.named("my/own-qwen")
    async with lab(server) as at:
        listed = [model.name for model in await at.adapter.models()]
        assert listed == ["qwen-image-2512", "my/own-qwen"]
        assert (await at.draw(model="my/own-qwen")).status == "succeeded"


async def test_it_has_the_powers_that_the_server_has(at: Lab) -> None:
    assert isinstance(at.adapter, ListsModels)
    assert isinstance(at.adapter, ChecksHealth)
    assert isinstance(at.adapter, Resumes)


async def test_a_server_is_asked_what_it_is_once_for_many_pictures(
    at: Lab, server: SmallQwen
) -> None:
    await at.draw(count=3)
    await at.draw()
    assert len(heard(server, "GET", "/api/info")) == 1


async def test_its_key_is_not_shown_when_it_is_printed(server: SmallQwen) -> None:
    async with lab(server, key="very-secret") as at:
        shown = [repr(each) for part in vars(at.adapter).values() for each in (part, *held(part))]
    assert not any("very-secret" in each for each in shown)


def held(part: object) -> tuple[object, ...]:
    return tuple(vars(part).values()) if hasattr(part, "__dict__") else ()


async def test_health_is_what_the_server_says(at: Lab, server: SmallQwen) -> None:
    assert (await at.adapter.check()).status == "up"
    server.crowd(2)
    assert (await at.adapter.check()).detail == "1 waiting, about 100 s"
    server.standing = "loading"
    assert (await at.adapter.check()).status == "degraded"
    server.standing = "error"
    assert (await at.adapter.check()).status == "down"
    server.ill = "stuck"
    assert (await at.adapter.check()).detail == "the server says 'stuck' of itself"


async def test_it_is_found_by_its_name(server: SmallQwen, tmp_path: Path) -> None:
    async with serve(server) as url, imageway.open(plugins(tmp_path, url, "private")) as way:
        result = await way.generate("a fox", model="qwen/qwen-image-2512", size="112x64")
        assert await way.models() == ("qwen/qwen-image-2512",)
    [ready] = result.images
    assert (ready.provider, ready.model) == ("qwen", "qwen-image-2512")


async def test_public_addresses_alone_do_not_lead_to_it(server: SmallQwen, tmp_path: Path) -> None:
    async with serve(server) as url, imageway.open(plugins(tmp_path, url, "public")) as way:
        error = (await way.generate("a fox", model="qwen/qwen-image-2512")).error
    assert error is not None
    assert error.code is ErrorCode.FORBIDDEN
    assert (error.hint or "").endswith('network = "private"')
    assert server.heard == []


def plugins(folder: Path, url: str, network: str) -> Path:
    file = folder / "plugins.toml"
    table = {"adapter": "qwen", "base_url": url, "cost": "local", "network": network}
    lines = [f'{key} = "{value}"' for key, value in table.items()]
    file.write_text("\n".join(["[providers.qwen]", *lines, ""]))
    return file

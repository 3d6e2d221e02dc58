"""A whole configuration alive: from a request to whoever draws it."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageway.core.errors import ErrorCode
from imageway.core.request import ImageRequest
from imageway.core.result import ImageResult
from imageway.providers.jobs import Jobs
from imageway.providers.snapshot import Snapshot
from tests.providers.support import HOUSE, living, refusal

DEMO = "[providers.demo]\nadapter = 'demo'\ncost = 'local'\n"
SMALL = ImageRequest.build({"prompt": "a fox", "size": "16x16", "model": "default"})


async def drawn(snapshot: Snapshot, request: ImageRequest) -> ImageResult:
    try:
        return await Jobs().start(snapshot.handler(request), request, "me").result()
    finally:
        await snapshot.close()


async def test_a_request_is_drawn_by_whom_its_route_names(tmp_path: Path) -> None:
    snapshot = living(tmp_path, DEMO + "[routes.default]\ntry = ['demo/demo']\n")
    result = await drawn(snapshot, SMALL)
    (image,) = result.images
    assert (image.provider, image.model, image.picture.width) == ("demo", "demo", 16)


async def test_the_next_of_a_route_makes_up_for_the_first(tmp_path: Path) -> None:
    routes = "[routes.default]\ntry = ['house/x', 'demo/demo']\n"
    result = await drawn(living(tmp_path, HOUSE + DEMO + routes), SMALL)
    assert [image.provider for image in result.images] == ["demo"]
    assert "fallback" in [note.kind for note in result.notes]


async def test_a_provider_that_takes_too_long_is_left_for_the_next(tmp_path: Path) -> None:
    slow = "[providers.slow]\nadapter = 'demo'\npace = 600\ntimeout = { total = '50ms' }\n"
    routes = "[routes.default]\ntry = ['slow/demo', 'demo/demo']\n"
    result = await drawn(living(tmp_path, slow + DEMO + routes), SMALL)
    assert [image.provider for image in result.images] == ["demo"]
    assert "not finished after 0.05 seconds" in result.notes[0].detail


async def test_a_route_s_defaults_reach_the_adapter(tmp_path: Path) -> None:
    routes = (
        "[routes.default]\n"
        "try = [{ model = 'demo/demo', defaults = { size = '32x16', format = 'gif' } }]\n"
    )
    request = ImageRequest(prompt="a fox")
    result = await drawn(living(tmp_path, DEMO + routes), request)
    picture = result.images[0].picture
    assert (picture.width, picture.height, picture.format) == (32, 16, "gif")


async def test_what_an_adapter_refuses_reaches_the_caller_in_its_words(tmp_path: Path) -> None:
    snapshot = living(tmp_path, DEMO + "[routes.default]\ntry = ['demo/none']\n")
    result = await drawn(snapshot, SMALL)
    assert result.error is not None
    assert result.error.code is ErrorCode.NOT_FOUND
    assert result.error.message == "the demo has no model 'none'"
    assert (result.error.provider, result.error.model) == ("demo", "none")


async def test_each_part_of_a_split_request_fails_in_its_own_words(tmp_path: Path) -> None:
    snapshot = living(tmp_path, DEMO + "[routes.default]\ntry = ['demo/none']\n")
    result = await drawn(snapshot, SMALL.having(count=3))
    assert {each.error.code for each in result.failures} == {ErrorCode.NOT_FOUND}
    assert result.notes[1:] == ()


async def test_the_file_s_deadline_holds(tmp_path: Path) -> None:
    text = f"{DEMO}pace = 60\n[defaults.timeout]\ntotal = '1ms'\n"
    result = await drawn(living(tmp_path, text), SMALL.having(model="demo/demo"))
    assert result.error is not None
    assert result.error.code is ErrorCode.TIMEOUT


async def test_an_adapter_gets_its_own_keys_and_no_policy_s(tmp_path: Path) -> None:
    text = HOUSE + "pace = 3\ncost = 'local'\ntimeout = { total = '1s' }\n"
    settings = living(tmp_path, text).providers["house"].own
    assert settings is not None
    assert settings.model_dump(exclude_unset=True) == {"pace": 3}


async def test_two_providers_share_neither_memory_nor_connections(tmp_path: Path) -> None:
    two = living(tmp_path, HOUSE + HOUSE.replace("house]", "garden]")).providers
    assert two["house"].memo is not two["garden"].memo
    assert two["house"].http is not two["garden"].http


async def test_a_disabled_provider_closes_like_any_other(tmp_path: Path) -> None:
    snapshot = living(tmp_path, HOUSE + "api_key = { env = 'NOT_SET' }\n")
    assert snapshot.providers["house"].disabled
    await snapshot.close()


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("base_url = 'refused'", "the adapter cannot be made: RuntimeError: no GPU here"),
        ("base_url = 'bug'", "the adapter's Config broke: KeyError: 'bug'"),
    ],
)
def test_an_adapter_that_cannot_be_made_is_refused_at_its_place(
    tmp_path: Path, key: str, said: str
) -> None:
    message = refusal(tmp_path, f"{HOUSE}{key}\n").message
    assert message == f"plugins.toml, line 2: [providers.house] adapter: {said}"

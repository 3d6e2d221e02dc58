"""Services and galleries in /v1/providers and /metrics."""

from __future__ import annotations

from pathlib import Path

from imageway.providers.report import Reports
from tests.server.test_gallery import HOUR, Stand, stand
from tests.stack.wall import HALF_DOWN, broken


async def numbers(it: Stand) -> str:
    return (await it.get("/metrics")).body.decode()


async def test_providers_tell_services_staleness_and_the_disk(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the way")
    async with stand(tmp_path) as it:
        await it.get("/v1/gallery/wall")
        it.ahead, it.wall.mood, it.wall.known = HOUR, broken(), [HALF_DOWN]
        await it.get("/v1/gallery/wall")
        body = (await it.get("/v1/providers")).body
        wall, demo = Reports.model_validate_json(body).providers
    assert wall.health is not None
    assert wall.health.services == (HALF_DOWN,)
    assert wall.gallery is not None
    assert [each.oldest_stale_seconds for each in wall.gallery.lists] == [HOUR]
    assert wall.gallery.answered.stale == 1
    assert wall.gallery.disk_problem is not None
    assert demo.gallery is None


async def test_the_same_is_numbers_for_prometheus(tmp_path: Path) -> None:
    async with stand(tmp_path) as it:
        for _ in range(2):
            await it.get("/v1/gallery/wall")
        it.ahead, it.wall.mood = HOUR, broken()
        await it.get("/v1/gallery/wall")
        it.ahead += 60
        text = await numbers(it)
    labels = '{list="images",provider="wall"}'
    for outcome, count in (("fresh", 1), ("cached", 1), ("stale", 1), ("refused", 0)):
        line = f'imageway_gallery_answers_total{{outcome="{outcome}",provider="wall"}} {count}.0'
        assert line in _sorted(text)
    assert f"imageway_gallery_failing_seconds{labels} 60.0" in text
    assert f"imageway_gallery_oldest_stale_seconds{labels} 3600.0" in text
    assert 'imageway_gallery_disk_problem{provider="wall"} 0.0' in text
    assert f"imageway_gallery_breaker_open{labels} 0.0" in text
    for place in ("memory", "disk"):
        assert f'imageway_gallery_kept{{place="{place}",provider="wall"}} 1.0' in _sorted(text)


def _sorted(text: str) -> str:
    """Every line with its labels in order."""
    lines: list[str] = []
    for line in text.splitlines():
        name, brace, rest = line.partition("{")
        labels, _, value = rest.partition("}")
        lines.append(f"{name}{{{','.join(sorted(labels.split(',')))}}}{value}" if brace else line)
    return "\n".join(lines)


async def test_a_service_has_a_number_and_a_word(tmp_path: Path) -> None:
    async with stand(tmp_path) as it:
        it.wall.known = [HALF_DOWN]
        text = _sorted(await numbers(it))
    labels = '{code="parametrised_failing",provider="wall",service="images"}'
    assert f"imageway_service_health{labels} 0.5" in text

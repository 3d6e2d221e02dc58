"""Numbers count what happened, and no caller can make new labels."""

from __future__ import annotations

from imageway.core.events import ImageReady
from imageway.core.result import ImageResult
from imageway.server.metrics import MOST_MODELS, Metrics
from tests.server.lab import Lab, picture


async def test_answers_and_pictures_are_counted(it: Lab) -> None:
    await it.draw(n=2)
    await it.draw(n=0)
    text = (await it.ask("/metrics")).body.decode()
    route = 'route="/v1/images/generations"'
    assert f'imageway_http_requests_total{{code="ok",{route},status="200"}} 1.0' in text
    assert f'imageway_http_requests_total{{code="invalid_value",{route},status="400"}} 1.0' in text
    assert 'imageway_pictures_total{model="one",provider="lab"} 2.0' in text
    assert 'imageway_run_seconds_count{status="succeeded"} 1.0' in text
    assert "imageway_jobs_running 0.0" in text


async def test_what_a_caller_writes_is_never_a_label(it: Lab) -> None:
    await it.draw(model="canary-model")
    await it.ask("/canary-path")
    await it.ask("/v1/models/canary-id")
    assert b"canary" not in (await it.ask("/metrics")).body


def test_there_are_only_so_many_models() -> None:
    metrics = Metrics(lambda: 0)
    for number in range(MOST_MODELS + 100):
        ready = ImageReady(0, picture(), "lab", f"m{number}")
        metrics.observe(ImageResult(images=(ready,)), 1.0)
    text = metrics.text().decode()
    assert text.count("imageway_pictures_total{") == MOST_MODELS + 1
    assert 'imageway_pictures_total{model="other",provider="lab"} 100.0' in text

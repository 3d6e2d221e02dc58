"""One line a run, which nobody can forge and which holds no prompt."""

from __future__ import annotations

import logging

import orjson
import pytest

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.server.lab import Lab


async def lines(caplog: pytest.LogCaptureFixture, it: Lab) -> list[dict[str, object]]:
    await it.gateway.close()
    records = [record for record in caplog.records if record.name == "imageway.access"]
    return [orjson.loads(record.getMessage()) for record in records]


async def test_a_run_is_one_line_without_its_prompt(
    it: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    answer = await it.draw(n=2, prompt="canary prompt")
    (line,) = await lines(caplog, it)
    assert line["run"] == answer.headers["X-Request-Id"]
    assert (line["code"], line["pictures"], line["model"]) == ("succeeded", 2, "default")
    assert "canary" not in caplog.text


async def test_a_model_name_cannot_forge_a_line(it: Lab, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await it.draw(model='lab/x"\r\n{"run":"forged"}\x1b[31m')
    (line,) = await lines(caplog, it)
    assert str(line["model"]).startswith('lab/x"\r\n')
    assert "\r" not in caplog.text
    assert "\x1b" not in caplog.text


async def test_a_failure_is_told_by_its_code(it: Lab, caplog: pytest.LogCaptureFixture) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        raise ImagewayError(ErrorCode.REJECTED, "refused")

    caplog.set_level(logging.INFO)
    it.adapter.play = play
    await it.draw()
    (line,) = await lines(caplog, it)
    assert (line["code"], line["pictures"], line["failures"]) == ("rejected", 0, 1)

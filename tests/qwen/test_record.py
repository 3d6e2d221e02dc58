"""The log tells what was asked and what came, and no prompt unless it is told to."""

from __future__ import annotations

import logging
from hashlib import sha256

import orjson
import pytest

from imageway.qwen.record import prompts
from tests.qwen.lab import Lab


async def test_a_request_is_one_line_without_its_prompt(
    it: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "imageway.qwen"):
        answer = await it.generate("a secret fox", seed=7)
    [line] = [record.message for record in caplog.records if '"request_id"' in record.message]
    told = orjson.loads(line)
    assert told["request_id"] == answer.headers["X-Request-Id"]
    assert told["prompt_sha256"] == sha256(b"a secret fox").hexdigest()
    assert (told["state"], told["code"], told["seed"]) == ("done", 0, 7)
    assert "secret" not in caplog.text


async def test_a_failure_has_its_trace_under_the_same_id(
    it: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    it.engine.fails("internal", step=3)
    answer = await it.generate("a secret fox")
    text = "\n".join(record.message for record in caplog.records)
    assert f"{answer.headers['X-Request-Id']}: internal in denoise" in text
    assert "a bug of the engine" in text
    assert "secret fox" not in text


async def test_prompts_are_logged_for_who_asks_for_it(
    it: Lab, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, prompts.name):
        await it.generate("a secret fox")
    assert "'a secret fox'" in caplog.text

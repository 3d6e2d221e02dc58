"""The figures that are promised of the engine; bench/qwen_engine.py prints them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import thread_time

import pytest
import torch

from imageway.qwen.diffusion.engine import DiffusionEngine
from imageway.qwen.metrics import resident_megabytes
from tests.qwen_engine.lab import real_lab
from tests.qwen_engine.tiny import nobody, task

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

EDGE = 192
MOST_MEGABYTES = 24


async def test_memory_is_flat_over_60_requests(quantised: Path) -> None:
    async with real_lab(quantised, result_max_bytes=0) as it:
        for _ in range(10):
            await it.generate(cfg_scale=1)
        before = resident_megabytes()
        for _ in range(60):
            assert (await it.generate(cfg_scale=1)).status == 200
        assert resident_megabytes() - before < MOST_MEGABYTES


def test_the_engine_takes_less_than_three_hundredths_more_than_the_pipeline_itself(
    load: Callable[..., DiffusionEngine],
) -> None:
    engine = load(vae_2d="off")

    def ours() -> None:
        engine.generate(task(width=EDGE, height=EDGE), nobody).decode()

    def own() -> None:
        engine.studio.pipe(
            prompt=task().prompt,
            negative_prompt=" ",
            width=EDGE,
            height=EDGE,
            num_inference_steps=task().steps,
            generator=torch.Generator("cpu").manual_seed(42),
            max_sequence_length=1024,
        )

    # Others use the machine too; a share that was reached once was not reached by luck.
    assert any(share(ours, own) < 1.03 for _ in range(5))


def share(one: Callable[[], None], other: Callable[[], None]) -> float:
    """How much longer the first takes, by the better of two interleaved runs."""
    pairs = [(processor_seconds(one), processor_seconds(other)) for _ in range(2)]
    return min(pair[0] for pair in pairs) / min(pair[1] for pair in pairs)


def processor_seconds(work: Callable[[], None]) -> float:
    """What this thread spent on it."""
    began = thread_time()
    work()
    return thread_time() - began

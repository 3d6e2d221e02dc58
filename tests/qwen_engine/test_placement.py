"""Where the weights lie: chosen from free memory, and the same picture wherever they do.

There is no GPU here. The libraries' own hooks are played with the processor as the device that
weights are brought to, and what depends on free memory with a number in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from imageway.qwen.diffusion import placement
from imageway.qwen.diffusion.engine import DiffusionEngine
from imageway.qwen.diffusion.placement import arrange, choose
from imageway.qwen.diffusion.plan import GIB, WEIGHTS, Placement
from imageway.qwen.engine import Sketch, Stopped
from imageway.qwen.settings import Settings
from tests.qwen_engine.faults import fault, out_of_memory
from tests.qwen_engine.tiny import nobody, task, tiny_settings

CUDA, PROCESSOR = torch.device("cuda"), torch.device("cpu")
AWAY: tuple[Placement, ...] = ("model_offload", "group_offload")


def pixels(engine: DiffusionEngine) -> bytes:
    return engine.generate(task(), nobody).decode().tobytes()


@pytest.fixture(params=AWAY)
def away(load: Callable[..., DiffusionEngine], request: pytest.FixtureRequest) -> DiffusionEngine:
    """An engine whose weights are brought when they are needed."""
    engine = load()
    arrange(engine.studio.pipe, request.param, PROCESSOR)
    return engine


def test_weights_that_are_brought_make_the_same_picture(
    away: DiffusionEngine, engine: DiffusionEngine
) -> None:
    assert pixels(away) == pixels(engine)


def test_with_weights_that_are_brought_a_sketch_moves_nothing_and_changes_nothing(
    away: DiffusionEngine, engine: DiffusionEngine
) -> None:
    def look(step: int, sketch: Sketch | None) -> None:
        if sketch is not None:
            sketch()

    assert away.generate(task(), look).decode().tobytes() == pixels(engine)
    assert not hasattr(away.studio.pipe.vae, "_hf_hook")


def test_with_weights_that_are_brought_a_stop_leaves_it_fit(
    away: DiffusionEngine, engine: DiffusionEngine
) -> None:
    def stop(step: int, sketch: Sketch | None) -> None:
        if step == 3:
            raise Stopped

    with pytest.raises(Stopped):
        away.generate(task(), stop)
    assert pixels(away) == pixels(engine)


def test_with_weights_that_are_brought_a_full_memory_leaves_it_fit(
    away: DiffusionEngine, engine: DiffusionEngine
) -> None:
    with (
        fault(away.studio.pipe.transformer.proj_out, out_of_memory, 5),
        pytest.raises(torch.OutOfMemoryError),
    ):
        away.generate(task(), nobody)
    assert pixels(away) == pixels(engine)


def settings(**changed: object) -> Settings:
    """With the model's own sizes, which the plan is made for."""
    return Settings.model_validate({"model": "x", **changed})


@pytest.mark.parametrize(
    ("free", "expected"),
    [
        (31 * GIB, ("resident", False)),
        (23 * GIB, ("resident", True)),
        (15 * GIB, ("model_offload", True)),
        (11 * GIB, ("group_offload", True)),
    ],
)
def test_free_memory_decides_where_the_weights_lie(free: int, expected: tuple[str, bool]) -> None:
    found = choose(CUDA, free, settings(), WEIGHTS, 2)
    assert (found.placement, found.tiling) == expected


def test_what_was_asked_for_is_not_decided() -> None:
    asked = settings(placement="model_offload", vae_tiling="off")
    found = choose(CUDA, 31 * GIB, asked, WEIGHTS, 2)
    assert (found.placement, found.tiling) == ("model_offload", False)


def test_smaller_shapes_need_no_tiles() -> None:
    sizes = dict.fromkeys(settings().sizes, (512, 512))
    assert not choose(CUDA, 23 * GIB, settings(sizes=sizes), WEIGHTS, 2).tiling


def test_a_processor_with_little_memory_decodes_in_tiles(
    quantised: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(device: torch.device) -> int:
        return 0

    monkeypatch.setattr(placement, "free_bytes", none_left)
    engine = DiffusionEngine(tiny_settings(quantised, sizes={"1:1": (1328, 1328)}))
    engine.load(lambda fraction: None)
    assert engine.studio.layout.tiling
    assert engine.studio.pipe.vae.use_tiling

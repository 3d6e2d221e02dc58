"""One run of the real pipeline: what reaches it, what is heard of it, and how it may end."""

from __future__ import annotations

from collections.abc import Callable
from time import thread_time

import pytest
import torch
from PIL import Image

from imageway.qwen.diffusion.denoising import expected
from imageway.qwen.diffusion.engine import DiffusionEngine
from imageway.qwen.engine import Failure, Sketch, Stopped, Task
from tests.qwen_engine.faults import fault, none
from tests.qwen_engine.tiny import EDGE, nobody, task


def picture(engine: DiffusionEngine, **changed: int | float | str) -> Image.Image:
    return engine.generate(task(**changed), nobody).decode()


def pixels(engine: DiffusionEngine, **changed: int | float | str) -> bytes:
    return picture(engine, **changed).tobytes()


def own_pixels(engine: DiffusionEngine, wanted: Task, negative_prompt: str | None) -> bytes:
    """What diffusers' own call makes, from the prompt to the picture."""
    made = engine.studio.pipe(
        prompt=wanted.prompt,
        negative_prompt=negative_prompt,
        true_cfg_scale=wanted.guidance,
        width=wanted.width,
        height=wanted.height,
        num_inference_steps=wanted.steps,
        generator=torch.Generator("cpu").manual_seed(wanted.seed),
        max_sequence_length=1024,
    )
    return made.images[0].tobytes()


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_picture_is_the_one_that_the_pipeline_itself_makes(
    load: Callable[..., DiffusionEngine], dtype: str
) -> None:
    engine = load(dtype=dtype, vae_2d="off")
    assert pixels(engine) == own_pixels(engine, task(), " ")


def test_the_same_seed_makes_the_same_picture_and_another_seed_another(
    engine: DiffusionEngine,
) -> None:
    assert pixels(engine) == pixels(engine) != pixels(engine, seed=43)


def test_guidance_works_also_without_a_negative_prompt(engine: DiffusionEngine) -> None:
    assert pixels(engine, guidance=2.0) != pixels(engine, guidance=9.0)


def test_without_guidance_a_step_runs_the_model_once(engine: DiffusionEngine) -> None:
    counts: list[int] = []
    for guidance in (1.0, 4.0):
        with fault(engine.studio.pipe.transformer.proj_out, lambda same: same) as made:
            pixels(engine, guidance=guidance)
        counts.append(made[0])
    assert counts == [20, 40]


def test_without_guidance_a_picture_takes_about_half_the_time(engine: DiffusionEngine) -> None:
    def seconds(guidance: float) -> float:
        began = thread_time()
        engine.generate(task(guidance=guidance), nobody)
        return thread_time() - began

    share = min(seconds(1.0) for _ in range(3)) / min(seconds(4.0) for _ in range(3))
    assert 0.3 < share < 0.75


def test_a_prompt_of_more_than_512_tokens_reaches_the_model_whole(engine: DiffusionEngine) -> None:
    tokens: list[int] = []

    def count(returned: torch.Tensor) -> torch.Tensor:
        tokens.append(returned.shape[1])
        return returned

    with fault(engine.studio.pipe.transformer.txt_in, count):
        engine.generate(task(prompt="🦊" * 200, guidance=1.0), nobody)
    # The tiny tokenizer makes a token of each byte.
    assert 4 * 200 < min(tokens) <= 1024


def test_each_step_is_told_once_and_in_order(engine: DiffusionEngine) -> None:
    told: list[int] = []
    engine.generate(task(), lambda step, sketch: told.append(step))
    assert told == [*range(21)]


def test_a_stop_comes_through_at_once_and_the_next_picture_is_the_same_as_before(
    engine: DiffusionEngine,
) -> None:
    before, told = pixels(engine), [0]

    def stop_at_three(step: int, sketch: Sketch | None) -> None:
        told.append(step)
        if step == 3:
            raise Stopped

    with pytest.raises(Stopped):
        engine.generate(task(), stop_at_three)
    assert told[-1] == 3
    assert pixels(engine) == before


def test_a_stop_after_the_prompt_is_encoded_costs_no_step(engine: DiffusionEngine) -> None:
    def stop(step: int, sketch: Sketch | None) -> None:
        raise Stopped

    with (
        fault(engine.studio.pipe.transformer.proj_out, lambda same: same) as made,
        pytest.raises(Stopped),
    ):
        engine.generate(task(), stop)
    assert made == [0]


def test_numbers_that_are_none_are_found_at_their_step(engine: DiffusionEngine) -> None:
    told: list[int] = []
    with (
        fault(engine.studio.pipe.transformer.proj_out, none, 9),
        pytest.raises(Failure, match="step 5 of 20") as raised,
    ):
        engine.generate(task(), lambda step, sketch: told.append(step))
    assert raised.value.reason == "nan"
    assert told == [0, 1, 2, 3, 4]


def test_a_sketch_is_a_small_picture(engine: DiffusionEngine) -> None:
    sizes: set[tuple[int, int]] = set()

    def look(step: int, sketch: Sketch | None) -> None:
        if sketch is not None:
            sizes.add(sketch().size)

    engine.generate(task(width=EDGE, height=2 * EDGE), look)
    assert sizes == {(EDGE // 2, EDGE)}


def test_looking_at_sketches_does_not_change_the_picture(engine: DiffusionEngine) -> None:
    def look(step: int, sketch: Sketch | None) -> None:
        if sketch is not None:
            sketch()

    assert engine.generate(task(), look).decode().tobytes() == pixels(engine)


def test_the_last_sketch_is_of_the_final_latents() -> None:
    before, final = torch.randn(1, 4, 64), torch.randn(1, 4, 64)
    assert torch.equal(expected(before, final, torch.tensor([1.0, 0.5, 0.0]), 1), final)


def test_a_sketch_follows_the_straight_line_of_the_step_to_its_end() -> None:
    noise, target, sigmas = torch.randn(1, 4, 64), torch.randn(1, 4, 64), torch.tensor([0.9, 0.4])

    def at(sigma: float) -> torch.Tensor:
        return target * (1 - sigma) + noise * sigma

    guess = expected(at(0.9), at(0.4), sigmas, 0)
    assert (guess - target).abs().max().item() < 1e-5

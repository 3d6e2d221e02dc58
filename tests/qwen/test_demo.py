"""The demo engine paints step by step, obeys guidance and seed, and says that it is no AI."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image, ImageChops

from imageway.qwen.demo import DemoEngine
from imageway.qwen.engine import Memory, Repair, Sketch, Stopped, Task
from imageway.qwen.settings import Settings

PACE = Settings(backend="demo", demo_step_seconds=0.5)


def picture(steps: int = 20, guidance: float = 4.0, seed: int = 1, size: int = 64) -> Image.Image:
    task = Task("a red fox in snow", " ", size, size, steps, guidance, seed)
    engine = DemoEngine(PACE, sleep=lambda seconds: None)
    return engine.generate(task, lambda number, sketch: None).decode()


def heard(
    guidance: float = 4.0, on: Callable[[int], None] = lambda number: None
) -> tuple[list[int], list[Image.Image], list[float]]:
    numbers: list[int] = []
    sketches: list[Image.Image] = []
    slept: list[float] = []

    def on_step(number: int, sketch: Sketch | None) -> None:
        numbers.append(number)
        on(number)
        if sketch is not None:
            sketches.append(sketch())

    task = Task("a red fox in snow", " ", 256, 256, 20, guidance, 1)
    DemoEngine(PACE, sleep=slept.append).generate(task, on_step)
    return numbers, sketches, slept


def test_every_step_is_told_after_the_encoding_of_the_prompt() -> None:
    assert heard()[0] == list(range(21))


def test_a_step_without_guidance_takes_half_as_long() -> None:
    assert sum(heard(guidance=1.0)[2]) == sum(heard(guidance=4.0)[2]) / 2 == 10.0


def test_sketches_are_small_and_grow_towards_the_picture() -> None:
    sketches = heard()[1]
    assert {sketch.size for sketch in sketches} == {(64, 64)}
    assert sketches[0].tobytes() != sketches[-1].tobytes()


def test_what_the_callback_raises_comes_through() -> None:
    def stop(number: int) -> None:
        if number == 3:
            raise Stopped

    with pytest.raises(Stopped):
        heard(on=stop)


def test_the_same_task_paints_the_same_picture() -> None:
    assert picture().tobytes() == picture().tobytes()


def test_another_seed_paints_another() -> None:
    assert picture(seed=2).tobytes() != picture(seed=1).tobytes()


def test_guidance_shows() -> None:
    assert ImageChops.difference(picture(guidance=2), picture(guidance=9)).getbbox()


def test_guidance_of_one_can_still_be_painted() -> None:
    assert picture(guidance=1).size == (64, 64)


def test_it_says_that_it_is_no_ai() -> None:
    told = DemoEngine(PACE).describe()
    assert (told.title, told.is_ai) == ("imageway-demo (procedural, not AI)", False)


def test_there_is_nothing_to_repair_and_no_device() -> None:
    engine = DemoEngine(PACE)
    assert not any(engine.repair(repair) for repair in Repair)
    assert engine.memory() == Memory()

"""What the Qwen engine adds to diffusers' own pipeline, on a tiny model and a processor.

    .venv-qwen/bin/python bench/qwen_engine.py          (make test-qwen makes the environment)

Interleaved, in processor time of one thread, so that other work on the machine counts little. The
model is the tests' tiny one: shares of time on a GPU, with steps of a second, are smaller still.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

os.environ.setdefault("SDNQ_USE_TORCH_COMPILE", "0")
os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import statistics
import tempfile
from collections.abc import Callable
from time import perf_counter, thread_time

import torch
from diffusers import QwenImagePipeline
from sdnq import SDNQConfig
from transformers import Qwen2_5_VLForConditionalGeneration

from imageway.qwen.diffusion.engine import DiffusionEngine
from imageway.qwen.diffusion.flat_vae import flatten
from imageway.qwen.diffusion.quantisation import layers
from imageway.qwen.diffusion.quantizing import Quantising
from imageway.qwen.engine import Sketch, Stopped
from imageway.qwen.metrics import resident_megabytes
from tests.qwen_engine.lab import RealLab, real_lab
from tests.qwen_engine.tiny import build_pipeline, error_of, matrix, nobody, task, tiny_settings

ROUNDS, REQUESTS, CANCELS = 12, 60, 20
EDGE, STEPS = 256, 20


def main() -> None:
    """Print every figure."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        plain, quantised = Path(folder, "plain"), Path(folder, "quantised")
        build_pipeline().to(torch.bfloat16).save_pretrained(plain)
        show("quantising the tiny model", seconds(lambda: quantise(plain, quantised)), "s")
        engine = DiffusionEngine(tiny_settings(quantised, vae_2d="off"))
        show("loading it", seconds(lambda: engine.load(lambda fraction: None)), "s")
        show_overhead(engine)
        show_cancel(engine)
        show_flat_vae(engine)
        show_error(plain, quantised)
        asyncio.run(show_service(quantised))


def quantise(plain: Path, quantised: Path) -> None:
    """Quantise without a word."""
    Quantising(plain, quantised, lambda told: None).run()


def show_overhead(engine: DiffusionEngine) -> None:
    """The same picture by the pipeline's own call, by the engine, and with each sketch drawn."""
    ways = {
        "the pipeline's own call": lambda: own_call(engine.studio.pipe),
        "the engine": lambda: by_engine(engine, nobody),
        "the engine, every step sketched": lambda: by_engine(engine, look),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            times[name].append(processor_seconds(way))
    usual = statistics.median(times["the pipeline's own call"])
    for name, taken in times.items():
        middle = statistics.median(taken)
        print(f"{name:<36} {middle:8.3f} s   {100 * (middle / usual - 1):+6.2f} %")


def own_call(pipe: QwenImagePipeline) -> None:
    """What diffusers does on its own."""
    pipe(
        prompt=task().prompt,
        negative_prompt=" ",
        true_cfg_scale=4.0,
        width=EDGE,
        height=EDGE,
        num_inference_steps=STEPS,
        generator=torch.Generator("cpu").manual_seed(42),
        max_sequence_length=1024,
    )


def by_engine(engine: DiffusionEngine, on_step: Callable[[int, Sketch | None], None]) -> None:
    """The same by the engine."""
    engine.generate(task(width=EDGE, height=EDGE, steps=STEPS), on_step).decode()


def look(step: int, sketch: Sketch | None) -> None:
    """Draw the sketch of each step."""
    if sketch is not None:
        sketch()


def show_cancel(engine: DiffusionEngine) -> None:
    """How much later than the wish to stop the engine is free, against a step's time."""
    waits: list[float] = []
    steps: list[float] = []
    for number in range(CANCELS):
        stopped = cancelled_at(engine, 2 + number % (STEPS - 3))
        waits.append(stopped[0])
        steps.append(stopped[1])
    show("a step", 1000 * statistics.median(steps), "ms")
    show("from the last step to a free engine", 1000 * statistics.median(waits), "ms")


def cancelled_at(engine: DiffusionEngine, last: int) -> tuple[float, float]:
    """Stop at a step; seconds until the engine is free, and seconds that the step took."""
    told: list[float] = []

    def stop(step: int, sketch: Sketch | None) -> None:
        told.append(perf_counter())
        if step == last:
            raise Stopped

    try:
        engine.generate(task(width=EDGE, height=EDGE, steps=STEPS), stop)
    except Stopped:
        return perf_counter() - told[-1], told[-1] - told[-2]
    raise SystemExit("the engine did not stop")


def show_flat_vae(engine: DiffusionEngine) -> None:
    """Decoding in three dimensions and in two."""
    draft = engine.generate(task(width=EDGE, height=EDGE, steps=STEPS), nobody)
    usual = min(processor_seconds(lambda: draft.decode()) for _ in range(3))
    flatten(engine.studio.pipe.vae)
    flat = min(processor_seconds(lambda: draft.decode()) for _ in range(3))
    print(f"{'decoding in 3-D, in 2-D':<36} {usual:8.3f} s {flat:8.3f} s   x {usual / flat:.1f}")


def show_error(plain: Path, quantised: Path) -> None:
    """How far the quantised weights are from their originals, with the branch and without."""
    load = Qwen2_5_VLForConditionalGeneration.from_pretrained
    usual = load(plain, subfolder="text_encoder", dtype=torch.float32)
    ours = load(quantised, subfolder="text_encoder", dtype=torch.float32)
    config = SDNQConfig(weights_dtype="uint4", group_size=128)
    without = load(plain, subfolder="text_encoder", dtype=torch.float32, quantization_config=config)
    originals = {name: matrix(usual.get_submodule(name)) for name, _ in layers(ours)}
    for said, model in (("uint4 with SVD rank 32", ours), ("uint4 in equal groups", without)):
        errors = [error_of(layer, originals[name]) for name, layer in layers(model)]
        print(f"{'error of ' + said:<36} {statistics.fmean(errors):8.5f} root mean square")


async def show_service(quantised: Path) -> None:
    """Memory and times over many requests to the whole service."""
    async with real_lab(quantised) as it:
        await it.generate()
        before = resident_megabytes()
        taken = [await turn(it) for _ in range(REQUESTS)]
        grown = resident_megabytes() - before
        show(f"memory over {REQUESTS} requests", grown, f"MB more than {before:.0f}")
        show("a request of 64x64, 20 steps", statistics.median(taken), "s")


async def turn(it: RealLab) -> float:
    """One request, with seconds that the client waited."""
    began = perf_counter()
    answer = await it.generate()
    if answer.status != 200:
        raise SystemExit(f"the service answered {answer.body!r}")
    return perf_counter() - began


def processor_seconds(work: Callable[[], object]) -> float:
    """What this thread spent on it."""
    began = thread_time()
    work()
    return thread_time() - began


def seconds(work: Callable[[], object]) -> float:
    """What the clock on the wall says."""
    began = perf_counter()
    work()
    return perf_counter() - began


def show(what: str, figure: float, unit: str) -> None:
    """One line."""
    print(f"{what:<36} {figure:8.3f} {unit}")


if __name__ == "__main__":
    main()

"""One run of the denoiser: prompt in, latents out, and a word after each step."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import torch
from diffusers import QwenImagePipeline

from imageway.qwen.diffusion.decoding import sketch
from imageway.qwen.engine import Failure, OnStep, Task

# The pipeline's own default is half of what the tokenizer takes, and would cut 512 emoji.
MOST_TOKENS = 1024

State = Mapping[str, torch.Tensor]
Changes = dict[str, torch.Tensor]
OnStepEnd = Callable[[QwenImagePipeline, int, torch.Tensor, State], Changes]


@dataclass(frozen=True, slots=True)
class Encoded:
    """A prompt as the denoiser reads it."""

    embeds: torch.Tensor
    mask: torch.Tensor


def denoise(pipe: QwenImagePipeline, task: Task, on_step: OnStep) -> torch.Tensor:
    """Run the model; the callback may end it by raising, and what it raises comes through."""
    with torch.no_grad():
        prompt = _encode(pipe, task.prompt)
        # Without guidance a negative prompt would only be encoded and forgotten.
        negative = _encode(pipe, task.negative_prompt) if task.guidance > 1 else None
        noise = _noise(pipe, task, prompt)
    on_step(0, None)
    return pipe(
        prompt_embeds=prompt.embeds,
        prompt_embeds_mask=prompt.mask,
        negative_prompt_embeds=None if negative is None else negative.embeds,
        negative_prompt_embeds_mask=None if negative is None else negative.mask,
        true_cfg_scale=task.guidance,
        width=task.width,
        height=task.height,
        num_inference_steps=task.steps,
        latents=noise,
        output_type="latent",
        callback_on_step_end=_watched(task, noise, on_step),
        max_sequence_length=MOST_TOKENS,
    ).images


def _encode(pipe: QwenImagePipeline, text: str) -> Encoded:
    embeds, mask = pipe.encode_prompt(text, max_sequence_length=MOST_TOKENS)
    if mask is None:
        # A mask of ones is what the pipeline makes none of; passing none makes it warn.
        mask = torch.ones(*embeds.shape[:2], dtype=torch.long, device=embeds.device)
    return Encoded(embeds, mask)


def _noise(pipe: QwenImagePipeline, task: Task, prompt: Encoded) -> torch.Tensor:
    """The first latents; from a generator on the CPU, which is the same on every device."""
    return pipe.prepare_latents(
        1,
        pipe.transformer.config.in_channels // 4,
        task.height,
        task.width,
        prompt.embeds.dtype,
        pipe._execution_device,
        torch.Generator("cpu").manual_seed(task.seed),
    )


def _watched(task: Task, noise: torch.Tensor, on_step: OnStep) -> OnStepEnd:
    """Look at the latents after each step, then let the service look."""
    before = noise

    def on_step_end(pipe: QwenImagePipeline, index: int, _: torch.Tensor, state: State) -> Changes:
        nonlocal before
        now = state["latents"]
        if not torch.isfinite(now).all():
            raise Failure("nan", f"the latents of step {index + 1} of {task.steps} are not finite")
        guess = partial(expected, before, now, pipe.scheduler.sigmas, index)
        before = now
        on_step(index + 1, lambda: sketch(pipe, guess(), task.width, task.height))
        return {}

    return on_step_end


def expected(
    before: torch.Tensor, now: torch.Tensor, sigmas: torch.Tensor, index: int
) -> torch.Tensor:
    """The final latents as the model expects them now, from its last step."""
    old, new = float(sigmas[index].item()), float(sigmas[index + 1].item())
    if new == 0:
        return now
    now, before = now.to(dtype=torch.float32), before.to(dtype=torch.float32)
    return now - (now - before) * (new / (new - old))

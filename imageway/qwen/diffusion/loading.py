"""From a checkpoint to a pipeline on its device, with its layers counted."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import sdnq
import torch
from diffusers import AutoencoderKLQwenImage, QwenImagePipeline, QwenImageTransformer2DModel
from safetensors import SafetensorError
from transformers import Qwen2_5_VLForConditionalGeneration

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.qwen.configuring import misconfigured
from imageway.qwen.diffusion.checkpoint import (
    WEIGHTED,
    check_checkpoint,
    weight_bytes,
)
from imageway.qwen.diffusion.lightning import become_lightning
from imageway.qwen.diffusion.placement import Layout, place
from imageway.qwen.diffusion.quantisation import (
    can_multiply_quantised,
    count_layers,
    multiplies_quantised,
    multiply_quantised,
)
from imageway.qwen.diffusion.quiet import hide_progress_bars
from imageway.qwen.door import reason_of
from imageway.qwen.settings import Settings

DTYPE_BY_NAME: Mapping[str, torch.dtype] = {"bfloat16": torch.bfloat16, "float32": torch.float32}
# What libraries raise at files and devices; our own refusals are none of these.
FAULTS = (OSError, RuntimeError, ValueError, LookupError, TypeError, MemoryError, SafetensorError)
NO_MEMORY = "there is not enough memory on {} to load {!r}"
UNREADABLE = "{!r} cannot be loaded: {}"
VERIFY = "imageway qwen verify DIR looks a folder through; a name is looked for at the hub"
# What is left to do after all weights are read: to bring them to their device.
SHARE_OF_READING = 0.8

log = logging.getLogger("imageway.qwen")


@dataclass(frozen=True, slots=True)
class Loaded:
    """A pipeline that is ready, how it is laid out, and how many of its layers are quantised."""

    pipe: QwenImagePipeline
    layout: Layout
    counts: Mapping[str, int]


def load(settings: Settings, device: torch.device, report: Callable[[float], None]) -> Loaded:
    """Load and place; raises misconfigured where starting again would be no use."""
    source = source_of(settings)
    try:
        pipe = _read(source, settings, report)
        counts = count_layers(pipe)
        if settings.lora is not None:
            become_lightning(pipe, Path(settings.lora).expanduser())
        _choose_multiplication(pipe, device, settings)
        layout = place(pipe, device, settings)
    except FAULTS as error:
        raise explained(error, device, settings) from error
    report(1.0)
    return Loaded(pipe, layout, counts)


def source_of(settings: Settings) -> str:
    """The checkpoint to load: a folder that was looked through, or a name at the hub."""
    if settings.model is None:
        raise misconfigured("model: name a checkpoint, a folder or an id", "--model DIR")
    folder = Path(settings.model).expanduser()
    is_name = settings.model.count("/") == 1 and not settings.model.startswith((".", "/", "~"))
    if is_name and not folder.exists():
        return settings.model
    check_checkpoint(folder)
    return str(folder)


def explained(error: Exception, device: torch.device, settings: Settings) -> ImagewayError:
    """What a library raised, in one sentence; another start may go better."""
    message, hint = (
        (NO_MEMORY.format(device.type, settings.model), "imageway qwen doctor says what fits")
        if reason_of(error) == "oom"
        else (UNREADABLE.format(settings.model, first_line(error)), VERIFY)
    )
    trace = "".join(traceback.format_exception(error))
    return ImagewayError(ErrorCode.FAILED, message, hint=hint, details={"trace": trace})


def first_line(error: Exception) -> str:
    """A library's complaint without the wall behind it."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0].rstrip('.:') if lines else ''}".rstrip(": ")


def _read(source: str, settings: Settings, report: Callable[[float], None]) -> QwenImagePipeline:
    """Read the components one after the other, so that it can be told how far it is."""
    # Its import alone makes its kind of weights known to transformers; without it the quantised
    # text encoder would be read as a plain one, and fail with a wall of unexpected keys.
    log.info("quantised weights are read by SDNQ %s", sdnq.__version__)
    hide_progress_bars()
    dtype = DTYPE_BY_NAME[settings.dtype]
    is_local = settings.offline or Path(source).is_dir()
    done = _told(source, report)
    vae = AutoencoderKLQwenImage.from_pretrained(
        source, subfolder="vae", dtype=dtype, local_files_only=is_local
    )
    done("vae")
    text_encoder = Qwen2_5_VLForConditionalGeneration.from_pretrained(
        source, subfolder="text_encoder", dtype=dtype, local_files_only=is_local
    )
    done("text_encoder")
    transformer = QwenImageTransformer2DModel.from_pretrained(
        source, subfolder="transformer", dtype=dtype, local_files_only=is_local
    )
    done("transformer")
    pipe = QwenImagePipeline.from_pretrained(
        source,
        vae=vae,
        text_encoder=text_encoder,
        transformer=transformer,
        dtype=dtype,
        local_files_only=is_local,
    )
    pipe.set_progress_bar_config(disable=True)
    return pipe


def _told(source: str, report: Callable[[float], None]) -> Callable[[str], None]:
    """Report after each component; before the first there is nothing that could be told."""
    folder = Path(source)
    sizes = {name: weight_bytes(folder / name) if folder.is_dir() else 1 for name in WEIGHTED}
    read = 0

    def done(name: str) -> None:
        nonlocal read
        read += sizes[name]
        report(SHARE_OF_READING * read / sum(sizes.values()))

    return done


def _choose_multiplication(
    pipe: QwenImagePipeline, device: torch.device, settings: Settings
) -> None:
    """Multiply quantised where it was asked for or is worth it; elsewhere it is only slower."""
    can = can_multiply_quantised(device)
    if settings.quantized_matmul == "on" and not can:
        raise misconfigured(
            f"quantized_matmul: 'on' needs a working Triton, and there is none for {device.type}",
            "leave it at auto",
        )
    wanted = can and settings.quantized_matmul != "off"
    if wanted != multiplies_quantised(pipe):
        multiply_quantised(pipe, wanted)
    log.info("the weights are multiplied %s", "quantised" if wanted else "in full precision")

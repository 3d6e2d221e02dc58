"""A tiny Qwen-Image of the real classes with random weights: nothing is fetched.

The geometry is the real one: eight pixels a latent, two by two packed, sixteen channels, the
Qwen2.5-VL text encoder, the flow-match scheduler with dynamic shifting. Widths and depths are
small; SDNQ leaves layers alone that have less than 16384 weights or 32 input channels.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import torch
from diffusers import (
    AutoencoderKLQwenImage,
    FlowMatchEulerDiscreteScheduler,
    QwenImagePipeline,
    QwenImageTransformer2DModel,
)
from tokenizers import pre_tokenizers
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration, Qwen2Tokenizer

from imageway.qwen.engine import Sketch, Task
from imageway.qwen.settings import Settings
from imageway.qwen.sizes import NATIVE

WIDTH, HEAD, LAYERS = 256, 64, 2
EDGE = 64
# What SDNQ quantises of it.
COUNTS = {"transformer": 27, "text_encoder": 21}


def build_pipeline(seed: int = 0) -> QwenImagePipeline:
    """Make all components; the same seed makes the same weights."""
    torch.manual_seed(seed)
    return QwenImagePipeline(
        scheduler=_scheduler(),
        vae=_vae(),
        text_encoder=_text_encoder(),
        tokenizer=_tokenizer(),
        transformer=_transformer(),
    )


def _scheduler() -> FlowMatchEulerDiscreteScheduler:
    return FlowMatchEulerDiscreteScheduler(
        base_image_seq_len=256,
        base_shift=0.5,
        max_image_seq_len=8192,
        max_shift=0.9,
        shift_terminal=0.02,
        use_dynamic_shifting=True,
    )


def _vae() -> AutoencoderKLQwenImage:
    return AutoencoderKLQwenImage(base_dim=16, num_res_blocks=1).eval()


def _transformer() -> QwenImageTransformer2DModel:
    return QwenImageTransformer2DModel(
        num_layers=LAYERS,
        attention_head_dim=HEAD,
        num_attention_heads=WIDTH // HEAD,
        joint_attention_dim=WIDTH,
        axes_dims_rope=(16, 24, 24),
    ).eval()


def _tokenizer() -> Qwen2Tokenizer:
    """One token a byte."""
    special = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    symbols = [*special, *sorted(pre_tokenizers.ByteLevel.alphabet())]
    return Qwen2Tokenizer(
        vocab={symbol: number for number, symbol in enumerate(symbols)},
        merges=[],
        extra_special_tokens=special[1:],
        model_max_length=131_072,
    )


def _text_encoder() -> Qwen2_5_VLForConditionalGeneration:
    heads = WIDTH // HEAD
    config = Qwen2_5_VLConfig(
        text_config={
            "hidden_size": WIDTH,
            "intermediate_size": 2 * WIDTH,
            "num_hidden_layers": LAYERS,
            "num_attention_heads": heads,
            "num_key_value_heads": heads // 2,
            "vocab_size": 512,
            "bos_token_id": 0,
            "eos_token_id": 2,
            "max_position_embeddings": 4096,
            "rope_scaling": {"mrope_section": [8, 12, 12], "rope_type": "default"},
            "rope_theta": 1_000_000.0,
        },
        vision_config={
            "depth": 1,
            "hidden_size": 128,
            "intermediate_size": 256,
            "num_heads": 2,
            "out_hidden_size": WIDTH,
            "fullatt_block_indexes": [0],
        },
        vision_start_token_id=260,
        vision_end_token_id=261,
        image_token_id=263,
        video_token_id=264,
    )
    return Qwen2_5_VLForConditionalGeneration(config).eval()


def tiny_settings(model: Path, **changed: object) -> Settings:
    """Settings that suit the tiny model."""
    usual: dict[str, object] = {
        "model": str(model),
        "dtype": "float32",
        "offline": True,
        "sizes": dict.fromkeys(NATIVE, (EDGE, EDGE)),
        "warmup_ratios": (),
        "preview_interval_seconds": 0,
        "stop_grace_seconds": 5,
    }
    return Settings.model_validate({**usual, **changed})


def task(**changed: int | float | str) -> Task:
    """A small picture."""
    usual = Task(
        "一只戴墨镜的柴犬在冲浪", " ", width=EDGE, height=EDGE, steps=20, guidance=4.0, seed=42
    )
    return replace(usual, **changed)  # type: ignore[arg-type]  # the names say the types


def nobody(step: int, sketch: Sketch | None) -> None:
    """Look at no step."""


def matrix(layer: torch.nn.Module) -> torch.Tensor:
    """What a layer without its bias multiplies by, quantised or not."""
    width = layer.in_features if isinstance(layer, torch.nn.Linear) else 0
    with torch.no_grad():
        columns = layer(torch.eye(width)) - layer(torch.zeros(1, width))
    return columns.t().contiguous()


def error_of(layer: torch.nn.Module, weight: torch.Tensor) -> float:
    """How far a quantised layer is from its original, as a root mean square."""
    difference = matrix(layer) - weight
    return math.sqrt((difference * difference).mean().item())

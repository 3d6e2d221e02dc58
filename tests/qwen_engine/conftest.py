"""The tiny model, plain and quantised by the real tool, and engines that have loaded it."""

from __future__ import annotations

import os

# Before SDNQ is imported, or it would have a compiler make each of its kernels.
os.environ.setdefault("SDNQ_USE_TORCH_COMPILE", "0")

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from imageway.qwen.diffusion.engine import DiffusionEngine
from imageway.qwen.diffusion.quantizing import Quantising
from tests.qwen_engine.tiny import build_pipeline, tiny_settings

# Two processes with two threads each on two cores are many times slower than with one.
torch.set_num_threads(1)


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint in bfloat16 that is not quantised, as the real one is published."""
    folder = tmp_path_factory.mktemp("tiny") / "plain"
    build_pipeline().to(torch.bfloat16).save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def quantised(plain: Path) -> Path:
    """The same, quantised; nobody may change it."""
    folder = plain.with_name("quantised")
    Quantising(plain, folder, lambda told: None).run()
    return folder


@pytest.fixture
def load(quantised: Path) -> Callable[..., DiffusionEngine]:
    """Load the quantised checkpoint with the settings of a test."""

    def loaded(**changed: object) -> DiffusionEngine:
        engine = DiffusionEngine(tiny_settings(quantised, **changed))
        engine.load(lambda fraction: None)
        return engine

    return loaded


@pytest.fixture
def engine(load: Callable[..., DiffusionEngine]) -> DiffusionEngine:
    """A loaded engine."""
    return load()

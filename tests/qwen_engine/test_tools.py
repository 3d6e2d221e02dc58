"""imageway qwen doctor, quantize and verify, as a person types them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from imageway.cli import main
from imageway.qwen.diffusion import quantizing
from imageway.qwen.door import reason_of

Capture = pytest.CaptureFixture[str]
TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"
LAYER = "transformer_blocks.1.attn.to_k"


@pytest.fixture
def copy(quantised: Path, tmp_path: Path) -> Path:
    """A copy of the quantised checkpoint, to be damaged."""
    return shutil.copytree(quantised, tmp_path / "copy")


def damaged(folder: Path, name: str, tensor: torch.Tensor | None) -> Path:
    """Replace or remove one tensor of the transformer."""
    tensors = load_file(str(folder / TRANSFORMER))
    del tensors[name]
    if tensor is not None:
        tensors[name] = tensor
    save_file(tensors, str(folder / TRANSFORMER), metadata={"format": "pt"})
    return folder


def test_quantize_says_what_it_made(plain: Path, tmp_path: Path, capsys: Capture) -> None:
    target = str(tmp_path / "made")
    assert main(["qwen", "quantize", str(plain), target, "--device", "cpu"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[-1] == f"{target} is ready: 21 layers of text_encoder, 27 layers of transformer"
    assert "transformer: 50 %" in told


def test_quantize_refuses_what_is_no_checkpoint(tmp_path: Path, capsys: Capture) -> None:
    assert main(["qwen", "quantize", str(tmp_path), str(tmp_path / "made")]) == 78
    assert "model_index.json" in capsys.readouterr().err


def test_quantize_with_a_full_disk_ends_with_a_sentence(
    plain: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def save(*given: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(quantizing, "make_readable", save)
    assert main(["qwen", "quantize", str(plain), str(tmp_path / "made")]) == 1
    told = capsys.readouterr().err
    assert f"the disk of {tmp_path / 'made'} is full" in told
    assert "run the same command again" in told


def test_verify_says_that_a_checkpoint_is_whole(quantised: Path, capsys: Capture) -> None:
    assert main(["qwen", "verify", str(quantised)]) == 0
    told = capsys.readouterr().out
    assert "transformer: 27 quantised layers" in told
    assert "is whole" in told


def test_verify_finds_a_scale_that_is_no_number(copy: Path, capsys: Capture) -> None:
    scale = torch.full_like(load_file(str(copy / TRANSFORMER))[f"{LAYER}.scale"], float("nan"))
    assert main(["qwen", "verify", str(damaged(copy, f"{LAYER}.scale", scale))]) == 1
    assert f"{LAYER}.scale holds numbers that are none" in capsys.readouterr().err


def test_verify_finds_a_branch_that_is_missing(copy: Path, capsys: Capture) -> None:
    assert main(["qwen", "verify", str(damaged(copy, f"{LAYER}.svd_up", None))]) == 1
    assert f"transformer.{LAYER} has lost its SVD branch" in capsys.readouterr().err


def test_verify_finds_a_weight_that_is_not_packed(copy: Path, capsys: Capture) -> None:
    weight = torch.zeros(256, 256)
    assert main(["qwen", "verify", str(damaged(copy, f"{LAYER}.weight", weight))]) == 1
    assert f"transformer.{LAYER} is not stored as packed bytes" in capsys.readouterr().err


def test_verify_finds_what_is_not_quantised(plain: Path, capsys: Capture) -> None:
    assert main(["qwen", "verify", str(plain)]) == 1
    assert "is not quantised" in capsys.readouterr().err


def test_verify_finds_every_missing_file_and_not_only_the_first(
    copy: Path, capsys: Capture
) -> None:
    for name in ("transformer", "vae"):
        (copy / name / "diffusion_pytorch_model.safetensors").unlink()
    assert main(["qwen", "verify", str(copy)]) == 1
    assert capsys.readouterr().err.count("there are no weights") == 2


def test_the_doctor_knows_the_device_and_the_versions(capsys: Capture) -> None:
    assert main(["qwen", "doctor"]) == 0
    told = capsys.readouterr().out
    assert "device     cpu" in told
    assert "torch 2.13.0" in told


def test_what_pytorch_says_of_a_full_memory_is_understood() -> None:
    with pytest.raises(RuntimeError) as raised:
        torch.zeros(1 << 50)
    assert reason_of(raised.value) == "oom"

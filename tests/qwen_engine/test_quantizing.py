"""A plain checkpoint becomes a quantised one: counted, readable, gone on with, or refused."""

from __future__ import annotations

import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from sdnq import SDNQConfig
from transformers import Qwen2_5_VLForConditionalGeneration

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.qwen.diffusion.quantisation import layers
from imageway.qwen.diffusion.quantizing import Quantising
from imageway.qwen.diffusion.verifying import verify
from tests.qwen_engine.tiny import COUNTS, error_of, matrix

# More than the estimate for the tiny model, and less than it takes.
ROOM = "12m"


def silent(told: str) -> None:
    """Nobody reads it."""


def test_the_quantised_layers_are_counted(plain: Path, tmp_path: Path) -> None:
    assert Quantising(plain, tmp_path / "made", silent).run() == COUNTS


def test_what_was_made_has_nothing_wrong(quantised: Path) -> None:
    assert [*verify(quantised, silent)] == []


def test_everybody_may_read_what_was_made(quantised: Path) -> None:
    modes = {path.is_dir(): stat.S_IMODE(path.stat().st_mode) for path in quantised.rglob("*")}
    assert modes == {True: 0o755, False: 0o644}


def test_no_file_names_the_folder_that_it_was_made_from(quantised: Path, plain: Path) -> None:
    texts = [path.read_text() for path in quantised.rglob("*.json")]
    assert not any(str(plain.parent) in text for text in texts)


def test_two_runs_make_the_same_weights(plain: Path, quantised: Path, tmp_path: Path) -> None:
    Quantising(plain, tmp_path / "again", silent).run()
    names = ["transformer/diffusion_pytorch_model.safetensors", "text_encoder/model.safetensors"]
    for name in names:
        assert (tmp_path / "again" / name).read_bytes() == (quantised / name).read_bytes()


def test_progress_is_told_in_rising_shares(plain: Path, tmp_path: Path) -> None:
    told: list[str] = []
    Quantising(plain, tmp_path / "made", told.append).run()
    shares = [
        int(line.split()[1]) for line in told if line.startswith("transformer: ") and "%" in line
    ]
    assert shares == sorted(set(shares))
    assert len(shares) > 5


def test_a_run_that_was_ended_goes_on_with_the_component_that_was_not_done(
    plain: Path, tmp_path: Path
) -> None:
    target, told = tmp_path / "made", list[str]()

    def end_in_the_transformer(line: str) -> None:
        if line == "transformer: 50 %":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Quantising(plain, target, end_in_the_transformer).run()
    assert not (target / "model_index.json").exists()
    assert sorted(path.name for path in target.iterdir()) == [
        "scheduler",
        "text_encoder",
        "tokenizer",
    ]
    assert Quantising(plain, target, told.append).run() == COUNTS
    assert "text_encoder: done before" in told
    assert "transformer: 27 layers" in told
    assert [*verify(target, silent)] == []


def test_svd_leaves_no_greater_error_than_plain_uint4_with_equal_groups(
    plain: Path, quantised: Path
) -> None:
    load = Qwen2_5_VLForConditionalGeneration.from_pretrained
    usual = load(plain, subfolder="text_encoder", dtype=torch.float32)
    ours = load(quantised, subfolder="text_encoder", dtype=torch.float32)
    without = load(
        plain,
        subfolder="text_encoder",
        dtype=torch.float32,
        quantization_config=SDNQConfig(weights_dtype="uint4", group_size=128),
    )
    for name, layer in layers(ours):
        weight = matrix(usual.get_submodule(name))
        plain_layer = dict(layers(without))[name]
        assert error_of(layer, weight) <= error_of(plain_layer, weight), name


def refusal(source: Path, target: Path) -> str:
    with pytest.raises(ImagewayError) as raised:
        Quantising(source, target, silent).run()
    assert raised.value.info.code is ErrorCode.MISCONFIGURED
    return raised.value.info.message


def test_a_quantised_checkpoint_is_not_quantised_again(quantised: Path, tmp_path: Path) -> None:
    assert "is quantised already" in refusal(quantised, tmp_path / "made")


def test_what_is_complete_is_not_made_again(plain: Path, quantised: Path) -> None:
    assert "is complete already" in refusal(plain, quantised)


def test_a_folder_inside_the_source_is_refused(plain: Path) -> None:
    assert "name another folder" in refusal(plain, plain / "made")


def test_a_source_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    assert "model_index.json" in refusal(tmp_path, tmp_path.with_name("made"))


def test_a_disk_with_too_little_room_is_refused_before_anything_is_written(
    plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=1 << 20)

    def disk_usage(path: Path) -> object:
        return usage

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    assert "0.0 GiB left" in refusal(plain, tmp_path / "made")
    assert not (tmp_path / "made").exists()


@pytest.mark.slow
def test_a_full_disk_is_said_in_one_sentence_and_what_is_done_is_kept(
    plain: Path, tmp_path: Path
) -> None:
    """A disk of memory that the kernel itself says is full: the estimate finds it large enough."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f"mount -t tmpfs -o size={ROOM} tmpfs {disk}"
    quantize = f"{sys.executable} -m imageway qwen quantize {plain} {disk}/made --device cpu"
    again = f"mount -o remount,size=64m {disk} && {quantize} && ls {disk}/made"
    played = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", f"{mount} && {quantize}; {again}"],
        capture_output=True,
        text=True,
        check=False,
    )
    [said] = [line for line in played.stderr.splitlines() if line.startswith("imageway:")]
    assert said == f"imageway: the disk of {disk}/made is full"
    assert "run the same command again: what is done is kept" in played.stderr
    assert "transformer: done before" in played.stdout
    assert (
        played.stdout.splitlines()[-5:]
        == [
            "model_index.json",
            "scheduler",
            "text_encoder",
            "tokenizer",
            "transformer",
            "vae",
        ][-5:]
    )

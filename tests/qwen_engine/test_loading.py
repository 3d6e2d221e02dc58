"""From a checkpoint to a pipeline: what is checked, what is refused, and in which words."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
import torch
from diffusers import QwenImagePipeline
from safetensors.torch import load_file, save_file
from sdnq import SDNQConfig
from transformers import Qwen2_5_VLForConditionalGeneration

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.qwen.diffusion import loading
from imageway.qwen.diffusion.engine import DiffusionEngine
from imageway.qwen.diffusion.quantisation import count_layers, layers
from imageway.qwen.diffusion.verifying import verify
from imageway.qwen.settings import Settings
from tests.qwen_engine.tiny import COUNTS, nobody, task, tiny_settings

TRANSFORMER = "transformer/diffusion_pytorch_model.safetensors"
LAYER = "transformer_blocks.0.attn.to_q"


@pytest.fixture
def copy(quantised: Path, tmp_path: Path) -> Path:
    """A copy of the quantised checkpoint, to be damaged."""
    return shutil.copytree(quantised, tmp_path / "copy")


def refusal(model: Path, **changed: object) -> ErrorInfo:
    with pytest.raises(ImagewayError) as raised:
        DiffusionEngine(tiny_settings(model, **changed)).load(lambda fraction: None)
    assert "\n" not in raised.value.info.message
    return raised.value.info


def misconfigured(model: Path, **changed: object) -> str:
    info = refusal(model, **changed)
    assert info.code is ErrorCode.MISCONFIGURED
    return info.message


def rewrite(file: Path, **changed: object) -> None:
    file.write_bytes(orjson.dumps({**orjson.loads(file.read_bytes()), **changed}))


def test_the_engine_says_what_it_is_before_and_after_it_is_loaded(quantised: Path) -> None:
    engine = DiffusionEngine(tiny_settings(quantised))
    before = engine.describe()
    assert (before.name, before.is_ai, before.quantised_layers) == (quantised.name, True, {})
    assert before.versions["torch"].startswith("2.13.0")
    engine.load(lambda fraction: None)
    assert (engine.describe().device, engine.describe().quantised_layers) == ("cpu", COUNTS)


def test_loading_tells_how_far_it_is(quantised: Path) -> None:
    told: list[float] = []
    DiffusionEngine(tiny_settings(quantised)).load(told.append)
    assert told == sorted(told)
    assert (len(told), told[-1]) == (4, 1.0)


def test_acceptance_10_every_quantised_layer_is_packed_four_bits_with_a_branch_of_rank_32(
    engine: DiffusionEngine,
) -> None:
    for model in (engine.studio.pipe.transformer, engine.studio.pipe.text_encoder):
        for _, layer in layers(model):
            rows, columns = layer.sdnq_dequantizer.original_shape
            assert layer.weight.dtype == torch.uint8
            assert layer.weight.numel() == rows * columns // 2
            assert layer.svd_up is not None
            assert layer.svd_up.shape == (rows, 32)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "there is no folder" in misconfigured(tmp_path / "none")


def test_a_folder_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    assert "model_index.json" in misconfigured(tmp_path)


def test_another_pipeline_is_refused(copy: Path) -> None:
    rewrite(copy / "model_index.json", _class_name="StableDiffusionPipeline")
    assert "'StableDiffusionPipeline', and not a QwenImagePipeline" in misconfigured(copy)


def test_a_component_of_another_class_is_refused(copy: Path) -> None:
    rewrite(copy / "model_index.json", vae=["diffusers", "AutoencoderKL"])
    assert "its vae is a 'AutoencoderKL'" in misconfigured(copy)


def test_a_missing_component_is_refused(copy: Path) -> None:
    shutil.rmtree(copy / "vae")
    assert str(copy / "vae") in misconfigured(copy)


def test_a_missing_file_of_weights_is_refused(copy: Path) -> None:
    (copy / TRANSFORMER).unlink()
    assert "there are no weights" in misconfigured(copy)


def test_a_missing_shard_is_refused(copy: Path) -> None:
    index = {"weight_map": {"a": "model-00001-of-00002.safetensors"}}
    (copy / "transformer" / "model.safetensors.index.json").write_bytes(orjson.dumps(index))
    assert "model-00001-of-00002.safetensors" in misconfigured(copy)


def test_a_file_that_is_cut_short_is_refused(copy: Path) -> None:
    whole = (copy / TRANSFORMER).read_bytes()
    (copy / TRANSFORMER).write_bytes(whole[:-1000])
    assert "is cut short: 1000 bytes are missing" in misconfigured(copy)


def test_a_file_that_is_something_else_is_refused(copy: Path) -> None:
    (copy / TRANSFORMER).write_bytes(b"<html>not found</html>")
    assert "is no safetensors file" in misconfigured(copy)


def test_a_checkpoint_that_is_not_quantised_is_refused_with_the_command_that_does_it(
    plain: Path,
) -> None:
    info = refusal(plain)
    assert info.code is ErrorCode.MISCONFIGURED
    assert "is not quantised" in info.message
    assert "imageway qwen quantize" in (info.hint or "")


def test_a_text_encoder_may_stay_as_it_is_and_is_counted_as_none(copy: Path, plain: Path) -> None:
    shutil.rmtree(copy / "text_encoder")
    shutil.copytree(plain / "text_encoder", copy / "text_encoder")
    engine = DiffusionEngine(tiny_settings(copy))
    engine.load(lambda fraction: None)
    assert engine.describe().quantised_layers == {"transformer": 27, "text_encoder": 0}
    assert [*verify(copy, lambda told: None)] == []


def test_another_quantisation_is_refused(copy: Path, plain: Path) -> None:
    shutil.rmtree(copy / "text_encoder")
    Qwen2_5_VLForConditionalGeneration.from_pretrained(
        plain, subfolder="text_encoder", quantization_config=SDNQConfig(weights_dtype="int8")
    ).save_pretrained(copy / "text_encoder")
    assert "is quantised as sdnq int8 with no SVD" in misconfigured(copy)


def test_a_layer_that_lost_its_branch_in_silence_is_found(
    engine: DiffusionEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _, layer in layers(engine.studio.pipe.transformer):
        monkeypatch.setattr(layer, "svd_up", None)
        break
    with pytest.raises(ImagewayError, match="has lost its SVD branch"):
        count_layers(engine.studio.pipe)


def test_a_scale_that_is_no_number_loads_and_fails_where_it_is_used(
    copy: Path,
) -> None:
    tensors = load_file(str(copy / TRANSFORMER))
    tensors[f"{LAYER}.scale"].fill_(float("nan"))
    save_file(tensors, str(copy / TRANSFORMER), metadata={"format": "pt"})
    DiffusionEngine(tiny_settings(copy)).load(lambda fraction: None)


def test_no_memory_at_load_is_said_in_one_sentence_and_may_be_tried_again(
    quantised: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def place(*given: object) -> object:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 11.40 GiB.\nGPU 0 …")

    monkeypatch.setattr(loading, "place", place)
    info = refusal(quantised)
    assert info.code is ErrorCode.FAILED
    assert "there is not enough memory on cpu" in info.message
    assert "doctor" in (info.hint or "")
    assert "OutOfMemoryError" in str(info.details["trace"])


def test_weights_of_another_shape_are_said_in_one_sentence(copy: Path) -> None:
    tensors = load_file(str(copy / TRANSFORMER))
    tensors["proj_out.weight"] = torch.zeros(3, 3)
    save_file(tensors, str(copy / TRANSFORMER), metadata={"format": "pt"})
    info = refusal(copy)
    assert info.code is ErrorCode.FAILED
    assert f"{str(copy)!r} cannot be loaded: " in info.message


# diffusers hands the hub's client an argument that this has given up.
@pytest.mark.filterwarnings("ignore:The `local_dir_use_symlinks` argument")
def test_a_name_that_is_neither_here_nor_at_hand_is_said_in_one_sentence() -> None:
    info = refusal(Path("nobody", "none-such"))
    assert info.code is ErrorCode.FAILED
    assert "'nobody/none-such' cannot be loaded: OSError" in info.message


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("device", "cuda", "there is no 'cuda'"),
        ("device", "tpu", "is none of auto, cuda"),
        ("placement", "model_offload", "needs a device beside the cpu"),
        ("placement", "group_offload", "needs a device beside the cpu"),
        ("quantized_matmul", "on", "needs a working Triton"),
    ],
)
def test_what_this_machine_cannot_do_is_refused(
    quantised: Path, name: str, value: str, words: str
) -> None:
    assert words in misconfigured(quantised, **{name: value})


def test_without_a_model_there_is_nothing_to_load() -> None:
    with pytest.raises(ImagewayError, match="there is none to load"):
        DiffusionEngine(Settings())


def fresh(code: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run code in a process that has imported nothing."""
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


READ_TEXT_ENCODER = """
import sys
from transformers import Qwen2_5_VLForConditionalGeneration
Qwen2_5_VLForConditionalGeneration.from_pretrained(sys.argv[1], subfolder="text_encoder")
"""


@pytest.mark.slow
def test_acceptance_10_without_the_import_of_sdnq_the_checkpoint_cannot_be_read(
    quantised: Path,
) -> None:
    """A pipeline reads its components in any order, so that without it some runs would fail."""
    assert fresh(f"import sdnq\n{READ_TEXT_ENCODER}", quantised).returncode == 0
    played = fresh(READ_TEXT_ENCODER, quantised)
    assert played.returncode == 1
    assert "mismatch" in played.stderr.lower()


PAINT = """
import hashlib, sys
from pathlib import Path
from imageway.qwen.diffusion.engine import DiffusionEngine
from tests.qwen_engine.tiny import nobody, task, tiny_settings
engine = DiffusionEngine(tiny_settings(Path(sys.argv[1])))
engine.load(lambda fraction: None)
print(hashlib.sha256(engine.generate(task(), nobody).decode().tobytes()).hexdigest())
print(dict(engine.describe().quantised_layers))
"""


@pytest.mark.slow
def test_acceptance_10_a_fresh_process_loads_it_offline_and_makes_the_same_picture(
    quantised: Path,
) -> None:
    first, second = fresh(PAINT, quantised), fresh(PAINT, quantised)
    assert (first.returncode, first.stdout) == (0, second.stdout), first.stderr
    assert first.stdout.splitlines()[1] == str(COUNTS)


def test_acceptance_10_the_picture_is_near_the_one_of_the_plain_weights(
    engine: DiffusionEngine, plain: Path
) -> None:
    ours = engine.generate(task(), nobody).decode()
    pipe = QwenImagePipeline.from_pretrained(plain, dtype=torch.float32, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    usual = pipe(
        prompt=task().prompt,
        negative_prompt=" ",
        true_cfg_scale=task().guidance,
        width=task().width,
        height=task().height,
        num_inference_steps=task().steps,
        generator=torch.Generator("cpu").manual_seed(task().seed),
        max_sequence_length=1024,
    ).images[0]
    pairs = zip(ours.tobytes(), usual.tobytes(), strict=True)
    squares = [(one - other) ** 2 for one, other in pairs]
    # About 40 dB; a picture of another seed is below 15 dB.
    assert sum(squares) / len(squares) < 255**2 / 10**3

"""A checkpoint quantised by SDNQ: component by component, so that it can be gone on with."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson
import torch
from diffusers import QwenImageTransformer2DModel
from safetensors import SafetensorError
from sdnq import SDNQConfig, quantizer
from sdnq.layers import SDNQLayer
from transformers import Qwen2_5_VLForConditionalGeneration

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.qwen.configuring import misconfigured
from imageway.qwen.diffusion.checkpoint import (
    CLASSES_BY_COMPONENT,
    OBJECT,
    QUANTISED,
    WEIGHTS_DTYPE,
    damages,
    read_config,
    read_header,
    refused,
    weight_bytes,
    weight_files,
)
from imageway.qwen.diffusion.plan import GIB
from imageway.qwen.diffusion.quantisation import fault_of, layers
from imageway.qwen.diffusion.quiet import hide_progress_bars

SVD_RANK = 32
# Sixteen bits become four, a share of the scales and of the branch; embeddings stay as they are.
SHARE_LEFT = 0.33
# The decomposition is randomised; with a seed two runs agree.
SEED = 0
PARTIAL = ".partial"
INDEX = "model_index.json"
FOLDER_MODE, FILE_MODE = 0o755, 0o644
KEPT_BESIDE = ("*.md", "LICENSE*")

Say = Callable[[str], None]
Quantisable = QwenImageTransformer2DModel | Qwen2_5_VLForConditionalGeneration


@dataclass(frozen=True, slots=True)
class Quantising:
    """One checkpoint on its way from a folder to another."""

    source: Path
    target: Path
    say: Say
    device: str = "cpu"

    def run(self) -> Mapping[str, int]:
        """Quantise what is not done yet; returns how many layers each component has."""
        self._check()
        hide_progress_bars()
        self.target.mkdir(parents=True, exist_ok=True)
        with _full_disk_explained(self.target):
            counts = {name: self._make(name) for name in CLASSES_BY_COMPONENT}
            for pattern in KEPT_BESIDE:
                for file in self.source.glob(pattern):
                    shutil.copyfile(file, self.target / file.name)
            # The index comes last: a folder without it is one to go on with.
            _write_json(self.target / INDEX, _without_origin(self.source / INDEX))
        make_readable(self.target)
        return {name: count for name, count in counts.items() if name in QUANTISED}

    def _check(self) -> None:
        for damage in damages(self.source, quantised=False):
            raise refused(damage)
        for name in QUANTISED:
            if read_config(self.source / name).quantization_config is not None:
                raise misconfigured(f"the {name} in {self.source} is quantised already")
        if self.target.resolve().is_relative_to(self.source.resolve()):
            raise misconfigured(f"{self.target} lies in {self.source}; name another folder")
        if (self.target / INDEX).exists():
            raise misconfigured(f"{self.target} is complete already; remove it to make it again")
        self._check_room()

    def _check_room(self) -> None:
        place = next(each for each in (self.target, *self.target.parents) if each.exists())
        free, needed = shutil.disk_usage(place).free, self._bytes_to_write()
        if needed > free:
            raise misconfigured(
                f"{self.target} needs about {needed / GIB:.1f} GiB, "
                f"and its disk has {free / GIB:.1f} GiB left"
            )

    def _bytes_to_write(self) -> int:
        missing = [name for name in CLASSES_BY_COMPONENT if not (self.target / name).exists()]
        sizes = {name: folder_bytes(self.source / name) for name in missing}
        return sum(int(n * SHARE_LEFT) if name in QUANTISED else n for name, n in sizes.items())

    def _make(self, name: str) -> int:
        """Make one component, all or nothing."""
        done, partial = self.target / name, self.target / f"{name}{PARTIAL}"
        if done.exists():
            self.say(f"{name}: done before")
            return count_in_files(done)
        shutil.rmtree(partial, ignore_errors=True)
        try:
            self._fill(name, partial)
        except BaseException:
            # A disk that is full should not stay so because of half a component.
            shutil.rmtree(partial, ignore_errors=True)
            raise
        make_readable(partial)
        partial.rename(done)
        count = count_in_files(done)
        if name in QUANTISED:
            self.say(f"{name}: {count} layers")
        return count

    def _fill(self, name: str, partial: Path) -> None:
        if name not in QUANTISED:
            self.say(f"{name}: copied")
            shutil.copytree(self.source / name, partial, copy_function=shutil.copyfile)
            return
        torch.manual_seed(SEED)
        with _progress(name, self._weights(name), self.say):
            model = self._quantised(name)
        _check_layers(name, model)
        model.save_pretrained(partial)
        _write_json(partial / "config.json", _without_origin(partial / "config.json"))

    def _weights(self, name: str) -> int:
        files = weight_files(self.source / name)
        return sum(_numel(entry.shape) for file in files for entry in read_header(file).values())

    def _quantised(self, name: str) -> Quantisable:
        # One object for each component, for SDNQ writes into it.
        config = SDNQConfig(
            weights_dtype=WEIGHTS_DTYPE,
            use_svd=True,
            svd_rank=SVD_RANK,
            group_size=0,
            quantization_device=self.device,
            return_device="cpu",
        )
        if name == "transformer":
            return QwenImageTransformer2DModel.from_pretrained(
                self.source,
                subfolder=name,
                dtype=torch.bfloat16,
                local_files_only=True,
                quantization_config=config,
            )
        return Qwen2_5_VLForConditionalGeneration.from_pretrained(
            self.source,
            subfolder=name,
            dtype=torch.bfloat16,
            local_files_only=True,
            quantization_config=config,
        )


def _check_layers(component: str, model: Quantisable) -> None:
    found = [(name, fault_of(layer)) for name, layer in layers(model)]
    faults = [f"{component}.{name} {fault}" for name, fault in found if fault]
    if faults or not found:
        raise ImagewayError(ErrorCode.FAILED, faults[0] if faults else f"no layer of {component}")


@contextmanager
def _progress(name: str, total: int, say: Say) -> Generator[None]:
    """Tell of each twentieth; SDNQ quantises layer by layer, through one function."""
    usual = quantizer.sdnq_quantize_layer
    done = told = 0

    def counted(
        layer: torch.nn.Linear, *args: object, **kwargs: object
    ) -> tuple[SDNQLayer | torch.nn.Linear, SDNQConfig]:
        nonlocal done, told
        done += layer.weight.numel()
        if done * 20 // total > told:
            told = done * 20 // total
            say(f"{name}: {5 * told} %")
        return usual(layer, *args, **kwargs)

    say(f"{name}: quantised as {WEIGHTS_DTYPE} with SVD rank {SVD_RANK}")
    quantizer.sdnq_quantize_layer = counted
    try:
        yield
    finally:
        quantizer.sdnq_quantize_layer = usual


@contextmanager
def _full_disk_explained(target: Path) -> Generator[None]:
    try:
        yield
    except (OSError, SafetensorError) as error:
        is_full = "no space left" in str(error).lower() or (
            isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
        )
        if not is_full:
            raise
        raise ImagewayError(
            ErrorCode.FAILED,
            f"the disk of {target} is full",
            hint="make room and run the same command again: what is done is kept",
        ) from error


def count_in_files(component: Path) -> int:
    """How many layers with an SVD branch the files of a component hold."""
    names = [name for file in _weights_in(component) for name in read_header(file)]
    return sum(name.endswith(".svd_up") for name in names)


def _weights_in(component: Path) -> list[Path]:
    return weight_files(component) if any(component.glob("*.safetensors")) else []


def folder_bytes(folder: Path) -> int:
    """How much a folder takes on disk."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def make_readable(folder: Path) -> None:
    """Let another user serve what this one made; safetensors writes files for their owner alone."""
    folder.chmod(FOLDER_MODE)
    for path in folder.rglob("*"):
        path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)


def _without_origin(file: Path) -> Mapping[str, object]:
    """A configuration without the path of the machine that it was made on."""
    read = OBJECT.validate_json(file.read_bytes())
    return {name: value for name, value in read.items() if name != "_name_or_path"}


def _write_json(file: Path, value: Mapping[str, object]) -> None:
    file.write_bytes(orjson.dumps(value, option=orjson.OPT_INDENT_2) + b"\n")


def _numel(shape: tuple[int, ...]) -> int:
    product = 1
    for edge in shape:
        product *= edge
    return product


__all__ = ["Quantising", "count_in_files", "folder_bytes", "make_readable", "weight_bytes"]

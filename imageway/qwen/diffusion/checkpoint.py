"""A checkpoint's folder as it lies on disk: what it should hold, and what is wrong with it."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from imageway.core.errors import ImagewayError
from imageway.qwen.configuring import misconfigured

PIPELINE = "QwenImagePipeline"
CLASSES_BY_COMPONENT: Mapping[str, tuple[str, ...]] = {
    "scheduler": ("FlowMatchEulerDiscreteScheduler",),
    "text_encoder": ("Qwen2_5_VLForConditionalGeneration",),
    "tokenizer": ("Qwen2Tokenizer", "Qwen2TokenizerFast"),
    "transformer": ("QwenImageTransformer2DModel",),
    "vae": ("AutoencoderKLQwenImage",),
}
# The components that have weights, in the order in which they are loaded.
WEIGHTED = ("vae", "text_encoder", "transformer")
QUANTISED = ("text_encoder", "transformer")
# The text encoder may stay as it is, for whoever has 10 GiB more.
ALWAYS_QUANTISED = frozenset({"transformer"})
WEIGHTS_DTYPE = "uint4"
QUANTIZE_HINT = "quantise it first: imageway qwen quantize SRC DST"
LENGTH = struct.Struct("<Q")
LONGEST_HEADER = 100_000_000


class Quantisation(BaseModel):
    """How SDNQ says that a component was quantised."""

    model_config = ConfigDict(frozen=True)

    quant_method: str = ""
    weights_dtype: str = ""
    use_svd: bool = False
    svd_rank: int = 0

    @property
    def is_ours(self) -> bool:
        """Whether it is uint4 with an SVD branch."""
        return (self.quant_method, self.weights_dtype, self.use_svd) == (
            "sdnq",
            WEIGHTS_DTYPE,
            True,
        )

    def __str__(self) -> str:
        svd = f"SVD rank {self.svd_rank}" if self.use_svd else "no SVD"
        return f"{self.quant_method or 'unknown'} {self.weights_dtype} with {svd}"


class ComponentConfig(BaseModel):
    """The config.json of one component."""

    model_config = ConfigDict(frozen=True)

    quantization_config: Quantisation | None = None


class ShardIndex(BaseModel):
    """The file that names the shard of each tensor."""

    model_config = ConfigDict(frozen=True)

    weight_map: dict[str, str]


class Entry(BaseModel):
    """One tensor, as the header of a file describes it."""

    model_config = ConfigDict(frozen=True)

    dtype: str
    shape: tuple[int, ...]
    data_offsets: tuple[int, int] = Field(repr=False)


OBJECT = TypeAdapter(dict[str, object])
ENTRIES = TypeAdapter(dict[str, Entry])


class Damage(Exception):
    """What is wrong with a file or a folder, in one sentence."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        self.message, self.hint = message, hint
        super().__init__(message)


def check_checkpoint(folder: Path) -> None:
    """Raise misconfigured for the first thing that is wrong with a quantised checkpoint."""
    for damage in damages(folder):
        raise refused(damage)


def refused(damage: Damage) -> ImagewayError:
    """The same as the service says it."""
    return misconfigured(damage.message, damage.hint)


def damages(folder: Path, *, quantised: bool = True) -> Iterator[Damage]:
    """Everything that is wrong, as far as it can be told without reading the weights."""
    try:
        check_index(folder)
    except Damage as damage:
        yield damage
        return
    for name in WEIGHTED:
        yield from _damages_of(folder / name)
    for name in QUANTISED if quantised else ():
        yield from _unquantised(folder / name)


def check_index(folder: Path) -> None:
    """Raise for a folder that is no checkpoint of Qwen-Image."""
    if not folder.is_dir():
        raise Damage(f"there is no folder {str(folder)!r}", "name the folder with model_index.json")
    index = _read_object(folder / "model_index.json")
    found = index.get("_class_name")
    if found != PIPELINE:
        raise Damage(f"{folder} holds a {found!r}, and not a {PIPELINE}")
    for name, classes in CLASSES_BY_COMPONENT.items():
        _check_class(folder, name, index.get(name), classes)


def _check_class(folder: Path, name: str, entry: object, classes: tuple[str, ...]) -> None:
    match entry:
        case [str(), str(found)]:
            pass
        case _:
            raise Damage(f"{folder / 'model_index.json'} names no {name}")
    if found not in classes:
        raise Damage(f"{folder}: its {name} is a {found!r}, and not a {classes[0]}")
    if not (folder / name).is_dir():
        raise Damage(f"there is no folder {str(folder / name)!r}")


def _damages_of(component: Path) -> Iterator[Damage]:
    try:
        files = weight_files(component)
    except Damage as damage:
        yield damage
        return
    for file in files:
        try:
            read_header(file)
        except Damage as damage:
            yield damage


def _unquantised(component: Path) -> Iterator[Damage]:
    try:
        quantisation = read_config(component).quantization_config
    except Damage as damage:
        yield damage
        return
    if quantisation is None and component.name not in ALWAYS_QUANTISED:
        return
    if quantisation is None:
        yield Damage(f"the {component.name} in {component.parent} is not quantised", QUANTIZE_HINT)
    elif not quantisation.is_ours:
        wrong = f"is quantised as {quantisation}, and not as {WEIGHTS_DTYPE} with SVD"
        yield Damage(f"the {component.name} in {component.parent} {wrong}", QUANTIZE_HINT)


def read_config(component: Path) -> ComponentConfig:
    """Read a component's config.json."""
    file = component / "config.json"
    try:
        return ComponentConfig.model_validate(_read_object(file))
    except ValidationError as error:
        raise Damage(f"{file} cannot be read: {error.errors()[0]['msg'].lower()}") from error


def weight_files(component: Path) -> list[Path]:
    """The files of a component's weights; raises for one that is missing."""
    indices = sorted(component.glob("*.safetensors.index.json"))
    if not indices:
        found = sorted(component.glob("*.safetensors"))
        if not found:
            raise Damage(f"there are no weights (*.safetensors) in {str(component)!r}")
        return found
    try:
        shards = ShardIndex.model_validate(_read_object(indices[0])).weight_map
    except ValidationError as error:
        raise Damage(f"{indices[0]} is no index of shards") from error
    files = [component / name for name in sorted(set(shards.values()))]
    for file in files:
        if not file.is_file():
            raise Damage(f"there is no file {str(file)!r}, which the index of shards names")
    return files


def weight_bytes(component: Path) -> int:
    """How much the weights take on disk."""
    return sum(file.stat().st_size for file in weight_files(component))


def read_header(file: Path) -> Mapping[str, Entry]:
    """The tensors of a file, by name; raises for one that is cut short or no such file at all."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        start = opened.read(LENGTH.size)
        length = LENGTH.unpack(start)[0] if len(start) == LENGTH.size else LONGEST_HEADER + 1
        if length > min(LONGEST_HEADER, size):
            raise Damage(f"{file} is no safetensors file")
        entries = _entries(file, opened.read(length))
    end = max((entry.data_offsets[1] for entry in entries.values()), default=0)
    missing = LENGTH.size + length + end - size
    if missing > 0:
        raise Damage(f"{file} is cut short: {missing} bytes are missing", "copy it again")
    return entries


def _entries(file: Path, header: bytes) -> Mapping[str, Entry]:
    try:
        read = OBJECT.validate_json(header)
        described = {name: entry for name, entry in read.items() if name != "__metadata__"}
        return ENTRIES.validate_python(described)
    except ValidationError as error:
        raise Damage(f"{file} is no safetensors file") from error


def _read_object(file: Path) -> Mapping[str, object]:
    try:
        return OBJECT.validate_json(file.read_bytes())
    except FileNotFoundError as error:
        raise Damage(f"there is no file {str(file)!r}") from error
    except OSError as error:
        raise Damage(f"{file} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise Damage(f"{file} holds no JSON object") from error

"""What each kind of step takes: the orchestrator's tree of engines, as tables with their limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_kinds import (
    Anything,
    Flag,
    Kind,
    Networks,
    Number,
    OneOf,
    Resource,
    Resources,
    Text,
    Weights,
)
from imageway.emulators.civitai_words import METHODS, SCHEDULERS, SCHEDULES

FORMATS = ("png", "jpeg", "webP")
LARGEST_SEED = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Leaf:
    """The fields of one kind of step, what it starts from where a field is left out."""

    fields: Mapping[str, Kind]
    required: frozenset[str]
    usual: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])


COMMON: Mapping[str, Kind] = {"outputFormat": OneOf(FORMATS), "imageMetadata": Text()}
SEED = Number(0, LARGEST_SEED)

TEXT_TO_IMAGE = Leaf(
    {
        **COMMON,
        "model": Resource(),
        "prompt": Text(least=1),
        "negativePrompt": Text(),
        "scheduler": OneOf(SCHEDULERS),
        "steps": Number(1, 150),
        "cfgScale": Number(1, 30, False),
        "width": Number(64, 4084),
        "height": Number(64, 4084),
        "seed": SEED,
        "clipSkip": Number(-1, 12),
        "quantity": Number(1, 100),
        "batchSize": Number(1, 100),
        "additionalNetworks": Networks(),
        "controlNets": Anything(),
        "sourceImage": Text(50_000_000),
        "sourceImageDenoiseStrenght": Number(0, 1, False),
    },
    frozenset({"prompt", "cfgScale", "seed"}),
    {
        "model": "urn:air:sd1:checkpoint:civitai:4384@128713",
        "steps": 30,
        "width": 512,
        "height": 512,
        "quantity": 1,
        "batchSize": 1,
        "outputFormat": "jpeg",
    },
)

# Both sdcpp families of Stable Diffusion.
_DIFFUSION: Mapping[str, Kind] = {
    **COMMON,
    "prompt": Text(10_000),
    "negativePrompt": Text(10_000),
    "sampleMethod": OneOf(METHODS),
    "schedule": OneOf(SCHEDULES),
    "steps": Number(1, 150),
    "cfgScale": Number(0, 30, False),
    "seed": SEED,
    "quantity": Number(1, 12),
    "model": Resource(),
    "vaeModel": Resource(),
    "loras": Weights(),
    "embeddings": Resources(),
    "uCache": Anything(),
    "width": Number(64, 2048),
    "height": Number(64, 2048),
}
_FLUX: Mapping[str, Kind] = {
    **COMMON,
    "prompt": Text(1000),
    "width": Number(832, 1216),
    "height": Number(832, 1216),
    "seed": SEED,
    "quantity": Number(1, 4),
    "cfgScale": Number(1, 20, False),
    "steps": Number(4, 50),
    "sampleMethod": OneOf(METHODS),
    "schedule": OneOf(SCHEDULES),
    "negativePrompt": Text(),
    "loras": Weights(),
    "diffuserModel": Resource(),
    "vaeModel": Resource(),
    "clipLModel": Resource(),
    "t5XXLModel": Resource(),
}
_NEEDED = frozenset({"prompt", "model"})
_ONE: Mapping[str, JsonValue] = {"quantity": 1, "outputFormat": "png"}
_LARGE: Mapping[str, JsonValue] = {**_ONE, "steps": 20, "width": 1024, "height": 1024}
_SMALL: Mapping[str, JsonValue] = {**_ONE, "steps": 20, "width": 512, "height": 512}
FLUX_PARTS = frozenset({"vaeModel", "clipLModel", "t5XXLModel"})

# engine, ecosystem or model, operation.
LEAF_BY_PATH: Mapping[tuple[str, str, str], Leaf] = {
    ("sdcpp", "sd1", "createImage"): Leaf(
        {**_DIFFUSION, "clipSkip": Number(-1, 12)}, _NEEDED, _SMALL
    ),
    ("sdcpp", "sdxl", "createImage"): Leaf(_DIFFUSION, _NEEDED, _LARGE),
    ("sdcpp", "flux1", "createImage"): Leaf(
        _FLUX, frozenset({"prompt", "diffuserModel"}), {**_LARGE, "steps": 28}
    ),
    ("google", "imagen4", ""): Leaf(
        {
            **COMMON,
            "prompt": Text(1000),
            "negativePrompt": Text(1000),
            "aspectRatio": OneOf(("1:1", "16:9", "9:16", "3:4", "4:3")),
            "numImages": Number(1, 4),
            "seed": SEED,
            "enhance": Flag(),
        },
        frozenset({"prompt"}),
        {"numImages": 1, "width": 1024, "height": 1024, "outputFormat": "png"},
    ),
}
DISCRIMINATORS = frozenset({"engine", "ecosystem", "model", "operation"})


@dataclass(frozen=True, slots=True)
class Read:
    """A step's input that was understood, with what was left out filled in."""

    given: Mapping[str, JsonValue]

    def number(self, name: str, usual: int = 1) -> int:
        """A whole number of the input."""
        value = self.given.get(name)
        return int(value) if isinstance(value, int | float) else usual

    @property
    def pictures(self) -> int:
        """How many pictures it makes."""
        each = self.number("numImages") if "numImages" in self.given else self.number("quantity")
        return each * self.number("batchSize")

    @property
    def format(self) -> str:
        """The format of its pictures, as a file's ending."""
        return str(self.given.get("outputFormat", "png")).lower()

    @property
    def prompt(self) -> str:
        """The prompt."""
        return str(self.given.get("prompt", ""))

    def resources(self) -> list[str]:
        """Every AIR that it uses."""
        found = [self.given.get(name) for name in RESOURCE_FIELDS]
        for name in ("loras", "additionalNetworks"):
            inner = self.given.get(name)
            found += [*inner] if isinstance(inner, dict) else []
        listed = self.given.get("embeddings")
        found += listed if isinstance(listed, list) else []
        return [each for each in found if isinstance(each, str) and ":" in each]


RESOURCE_FIELDS = ("model", "diffuserModel", "vaeModel", "clipLModel", "t5XXLModel")


def read(
    kind: str, given: Mapping[str, JsonValue], place: str, facts: Facts
) -> Read | dict[str, list[str]]:
    """Understand an input, or say by path what is wrong with it."""
    leaf = TEXT_TO_IMAGE if kind == "textToImage" else _leaf(given)
    if kind not in {"textToImage", "imageGen"}:
        return {f"{place}.$type": [f"The value '{kind}' is not valid for $type."]}
    if leaf is None:
        return {f"{place}.input": ["The discriminator of the input is missing or unknown."]}
    wrong = dict(_wrong(leaf, given, facts))
    if wrong:
        return {f"{place}.input.{name}": [text] for name, text in wrong.items()}
    return Read({**leaf.usual, **given})


def _leaf(given: Mapping[str, JsonValue]) -> Leaf | None:
    second = given.get("ecosystem", given.get("model", ""))
    path = (str(given.get("engine", "")), str(second), str(given.get("operation", "")))
    return LEAF_BY_PATH.get(path)


def _wrong(leaf: Leaf, given: Mapping[str, JsonValue], facts: Facts) -> list[tuple[str, str]]:
    has_parts = facts.flux1_needs_parts and leaf.fields.keys() >= FLUX_PARTS
    needed = leaf.required | FLUX_PARTS if has_parts else leaf.required
    found = [(name, f"The {name} field is required.") for name in sorted(needed - given.keys())]
    for name, value in given.items():
        kind = leaf.fields.get(name)
        if kind is not None and (told := kind.wrong(name, value)):
            found.append((name, told))
        elif kind is None and name not in DISCRIMINATORS and facts.refuses_unknown_fields:
            found.append((name, f"The property '{name}' is not part of the schema."))
    return found

"""CivitAI's models in small: versions, gates and files, and who owns them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

# Child families share the ecosystem of their root.
ECOSYSTEM_BY_BASE: Mapping[str, str] = {
    "SD 1.5": "sd1",
    "SDXL 1.0": "sdxl",
    "Pony": "sdxl",
    "Illustrious": "sdxl",
    "NoobAI": "sdxl",
    "Flux.1 D": "flux1",
    "Flux.1 S": "flux1",
    "SD 3.5": "sd3",
    "Qwen": "qwen",
}
AIR_TYPE_BY_TYPE: Mapping[str, str] = {
    "Checkpoint": "checkpoint",
    "LORA": "lora",
    "DoRA": "dora",
    "LoCon": "lycoris",
    "TextualInversion": "embedding",
    "VAE": "vae",
    "Upscaler": "upscaler",
    "Controlnet": "controlnet",
}

DAY = 86_400.0
# The fixed moment from which gates are counted where nobody brings a clock of their own.
PUBLISHED = 1_785_578_400.0


@dataclass(frozen=True, slots=True)
class Tier:
    """Generation that is sold by itself, with so many free trials; None: the usual ten."""

    price: int | None = None
    trials: int | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """Paid access: until a time or for ever; generation is free, a tier, or sold with download."""

    ends_at: float | None = None
    download_price: int = 500
    generation: Literal["free"] | Tier | None = field(default_factory=Tier)

    def is_active(self, now: float) -> bool:
        """Whether it is still closed."""
        return self.ends_at is None or self.ends_at > now

    @property
    def trials(self) -> int | None:
        """Free generations for everybody; None where generation is sold with the download."""
        if not isinstance(self.generation, Tier):
            return None
        return 10 if self.generation.trials is None else self.generation.trials

    @property
    def price(self) -> int:
        """What generating costs to unlock."""
        tier = self.generation
        own = tier.price if isinstance(tier, Tier) else None
        return self.download_price if own is None else own


@dataclass(frozen=True, slots=True)
class Version:
    """One release of a model, the unit that is gated and bought."""

    id: int
    name: str
    base: str = "SDXL 1.0"
    gate: Gate | None = None
    is_private: bool = False
    is_published: bool = True
    is_covered: bool = True
    usage: str = "Download"
    fee: float = 0.0
    published_at: float = PUBLISHED

    @property
    def ecosystem(self) -> str:
        """The root family as AIRs spell it."""
        return ECOSYSTEM_BY_BASE.get(self.base, "other")


@dataclass(frozen=True, slots=True)
class Model:
    """A page of the site, its versions from the newest to the oldest."""

    id: int
    name: str
    type: str
    owner: int
    versions: tuple[Version, ...]
    level: int = 1

    def air(self, version: Version) -> str:
        """The identifier of one version."""
        kind = AIR_TYPE_BY_TYPE.get(self.type, "other")
        return f"urn:air:{version.ecosystem}:{kind}:civitai:{self.id}@{version.id}"


@dataclass(frozen=True, slots=True)
class Found:
    """A version with the model it belongs to."""

    model: Model
    version: Version

    @property
    def air(self) -> str:
        """The version's identifier."""
        return self.model.air(self.version)


class Catalogue:
    """Every model there is."""

    def __init__(self, models: Iterable[Model]) -> None:
        self._models = {model.id: model for model in models}

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models.values())

    def model(self, model_id: int) -> Model | None:
        """A model by its id."""
        return self._models.get(model_id)

    def version(self, version_id: int) -> Found | None:
        """A version by its id."""
        for model in self._models.values():
            for version in model.versions:
                if version.id == version_id:
                    return Found(model, version)
        return None

    def add(self, model: Model) -> None:
        """Publish a model, or another state of one."""
        self._models[model.id] = model

    def change(self, version_id: int, **fields: object) -> None:
        """Change one version: a creator opens a gate, or moves its end."""
        found = self.version(version_id)
        if found is None:
            raise LookupError(f"there is no version {version_id}")
        changed = tuple(
            replace(each, **fields) if each.id == version_id else each  # type: ignore[arg-type]  # fields of Version, by name
            for each in found.model.versions
        )
        self.add(replace(found.model, versions=changed))


def hashes(version: Version) -> dict[str, str]:
    """The hashes of a version's one file."""
    text = f"{version.id:064X}"
    return {"AutoV2": text[-10:], "SHA256": text}


LAMPLIGHTER, HARBOURMASTER = 4242, 9001


def usual_models(now: float) -> list[Model]:
    """The models of a fresh emulator: free and gated ones of each family, and every odd case."""
    timed = Gate(now + 14 * DAY, generation=Tier(price=150, trials=0))
    trial = Gate(now + 7 * DAY, generation=Tier(price=150, trials=3))
    bundled = Gate(now + 7 * DAY, generation=None)
    free = Gate(now + 7 * DAY, generation="free")
    old = now - 400 * DAY
    return [
        _one(101055, "SD XL", "Checkpoint", Version(128078, "v1.0 VAE fix", published_at=old)),
        _one(4384, "DreamShaper", "Checkpoint", Version(128713, "8", "SD 1.5", published_at=old)),
        _one(107842, "Old Town", "Checkpoint", Version(275408, "v3", "SD 1.5", published_at=old)),
        _one(618692, "FLUX", "Checkpoint", Version(691639, "Dev", "Flux.1 D", published_at=old)),
        _one(878387, "SD3.5", "Checkpoint", Version(983309, "Large", "SD 3.5", published_at=old)),
        _one(257749, "Pony V6", "Checkpoint", Version(290640, "V6", "Pony", published_at=old)),
        _one(
            555001,
            "Harbour Lights XL",
            "Checkpoint",
            Version(777002, "v2.0 EA", gate=timed, published_at=now - DAY),
            Version(777001, "v1.0", published_at=old),
        ),
        _one(555002, "Night Ferry XL", "Checkpoint", Version(777010, "v1", gate=trial)),
        _one(555003, "Breakwater XL", "Checkpoint", Version(777020, "v1", gate=Gate())),
        _one(555004, "Tide Table XL", "Checkpoint", Version(777030, "v1", gate=bundled)),
        _one(555005, "Open Pier XL", "Checkpoint", Version(777040, "v1", gate=free)),
        _one(555006, "Own Boat XL", "Checkpoint", Version(777050, "v1", is_private=True)),
        _one(555007, "Dry Dock XL", "Checkpoint", Version(777060, "v1", is_covered=False)),
        _one(555008, "Not Yet XL", "Checkpoint", Version(777070, "v1", is_published=False)),
        _one(555009, "Licensed XL", "Checkpoint", Version(777080, "v1", fee=2.0)),
        Model(
            555010,
            "My Own XL",
            "Checkpoint",
            HARBOURMASTER,
            (Version(777090, "v1", gate=timed), Version(777091, "secret", is_private=True)),
        ),
        _one(123456, "Lantern Glow", "LORA", Version(789012, "v1", published_at=old)),
        _one(
            123457,
            "Fog Bank",
            "LORA",
            Version(789101, "v2 EA", gate=timed),
            Version(789100, "v1", published_at=old),
        ),
        _one(162141, "Old Rope", "LORA", Version(182559, "v1", "SD 1.5", published_at=old)),
        _one(162142, "Flux Sails", "LORA", Version(182560, "v1", "Flux.1 D", published_at=old)),
        _one(222, "Bad Hands XL", "TextualInversion", Version(333, "v1", published_at=old)),
        _one(223, "Sharp VAE", "VAE", Version(334, "v1", published_at=old)),
    ]


def _one(model_id: int, name: str, kind: str, *versions: Version) -> Model:
    return Model(model_id, name, kind, LAMPLIGHTER, versions)

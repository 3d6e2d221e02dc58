"""Google's image models as data: how each is asked, what it takes, and when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from imageway.adapters.gemini.shapes import (
    ALL,
    CLASSIC,
    FIVE,
    IMAGEN,
    NEW,
    OLD,
    Shapes,
)

Method = Literal["generateContent", "predict"]
Place = Literal["developer", "vertex"]
EVERYWHERE: frozenset[Place] = frozenset({"developer", "vertex"})
ON_VERTEX: frozenset[Place] = frozenset({"vertex"})

# How deeply a model thinks, by the words for quality; `auto` leaves it to the model.
THREE_LEVELS: Mapping[str, str] = {"low": "MINIMAL", "medium": "MEDIUM", "high": "HIGH"}


@dataclass(frozen=True, slots=True)
class Model:
    """One family of names; of several pictures that come, `last_is_final` takes the last.

    A model that `thinks` can show drafts on its way. `levels` are empty where nobody documents
    which it takes.
    """

    names: tuple[str, ...]
    shapes: Shapes
    method: Method = "generateContent"
    format: str = "jpeg"
    per_call: int = 1
    references: int = 14
    thinks: bool = True
    levels: Mapping[str, str] = field(default_factory=dict[str, str])
    last_is_final: bool = False
    at: frozenset[Place] = EVERYWHERE
    edits_with_mask: bool = False
    upscales: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class End:
    """When a model was or will be shut down, and a living one in its place.

    A model whose end the sources disagree on is `deprecated` only, and asked all the same.
    """

    on: date | None
    instead: str
    deprecated: date | None = None
    month_only: bool = False

    def is_over(self, today: date) -> bool:
        """Whether Google refuses the model by now."""
        return self.on is not None and today >= self.on

    @property
    def told(self) -> str:
        """The day, or the month where no more is known."""
        if self.on is None:
            return "an unknown day"
        return f"{self.on:%B %Y}" if self.month_only else f"{self.on}"


# https://ai.google.dev/gemini-api/docs/image-generation and /models, read in November 2026.
NANO_BANANA = Model(
    ("gemini-nano-banana-2.1",), Shapes(NEW, ALL, ("1K", "2K", "4K")), levels=THREE_LEVELS
)
FLASH = Model(("gemini-3.1-flash-image",), Shapes(NEW, ALL, ("512", "1K", "2K", "4K")))
LITE = Model(("gemini-3.1-flash-lite-image",), Shapes(NEW, ALL, ("1K",)), thinks=False)
PRO = Model(
    ("gemini-3-pro-image", "nano-banana-pro-preview"),
    Shapes(NEW, CLASSIC, ("1K", "2K", "4K")),
    last_is_final=True,
)
OLD_FLASH = Model(
    ("gemini-2.5-flash-image",),
    Shapes(OLD, CLASSIC, ("1K",), says_size=False),
    format="png",
    thinks=False,
    remark="1K only; another size is not refused but ignored",
)
IMAGEN_4 = Model(
    ("imagen-4.0-generate-001", "imagen-4.0-ultra-generate-001"),
    Shapes(IMAGEN, FIVE, ("1K", "2K")),
    method="predict",
    format="png",
    per_call=4,
    references=0,
    thinks=False,
    at=ON_VERTEX,
)
IMAGEN_ONE_SIZE = Model(
    (
        "imagen-4.0-fast-generate-001",
        "imagen-3.0-generate-002",
        "imagen-3.0-generate-001",
        "imagen-3.0-fast-generate-001",
    ),
    Shapes(IMAGEN, FIVE, ("1K",), says_size=False),
    method="predict",
    format="png",
    per_call=4,
    references=0,
    thinks=False,
    at=ON_VERTEX,
)
IMAGEN_EDIT = Model(
    ("imagen-3.0-capability-001",),
    Shapes(IMAGEN, (), (), says_size=False),
    method="predict",
    format="png",
    per_call=4,
    references=4,
    thinks=False,
    at=ON_VERTEX,
    edits_with_mask=True,
    remark="edits the first reference, which it keeps in shape",
)
IMAGEN_UPSCALE = Model(
    ("imagen-4.0-upscale-preview",),
    Shapes(IMAGEN, (), (), says_size=False),
    method="predict",
    format="png",
    references=1,
    thinks=False,
    at=ON_VERTEX,
    upscales=True,
    remark="enlarges the one reference, `upscale_factor` x2 or x4",
)
MODELS = (
    NANO_BANANA,
    FLASH,
    LITE,
    PRO,
    OLD_FLASH,
    IMAGEN_4,
    IMAGEN_ONE_SIZE,
    IMAGEN_EDIT,
    IMAGEN_UPSCALE,
)
MODEL_BY_NAME: Mapping[str, Model] = {name: model for model in MODELS for name in model.names}

# A model that is not in the table is taken for one of these two, by how it is asked.
UNKNOWN = Model((), Shapes(NEW, ALL, ("1K", "2K", "4K")))
UNKNOWN_IMAGEN = replace(IMAGEN_4, names=())

LIVING, LIVING_PRO = "gemini-nano-banana-2.1", "gemini-3-pro-image"
# Of the last Imagen models on the Gemini API; on Vertex AI the pages name two other days.
IMAGEN_END = date(2026, 8, 17)

# https://ai.google.dev/gemini-api/docs/deprecations
END_BY_NAME: Mapping[str, End] = {
    "gemini-3.1-flash-image": End(None, LIVING, deprecated=date(2026, 10, 6)),
    "gemini-2.5-flash-image": End(None, LIVING, deprecated=date(2026, 9, 18)),
    "gemini-2.5-flash-image-preview": End(date(2026, 1, 15), LIVING),
    "gemini-3-pro-image-preview": End(date(2026, 6, 25), LIVING_PRO),
    "gemini-3.1-flash-image-preview": End(date(2026, 6, 25), LIVING),
    "gemini-2.0-flash-preview-image-generation": End(date(2025, 11, 30), LIVING, month_only=True),
    "gemini-2.0-flash-exp-image-generation": End(date(2025, 11, 30), LIVING, month_only=True),
    "gemini-2.0-flash-exp": End(date(2025, 11, 30), LIVING, month_only=True),
}


def bare(name: str) -> str:
    """The name without the prefix that Google's lists put before it."""
    return name.removeprefix("publishers/google/").removeprefix("models/")


def is_imagen(name: str) -> bool:
    """Whether a name is one of Imagen's, known or not."""
    return name.startswith(("imagen-", "imagegeneration@"))


def draws(name: str) -> bool:
    """Whether a listed model draws: the list does not say, so the name must."""
    is_named_so = "-image" in name or "nano-banana" in name
    return name in MODEL_BY_NAME or is_named_so or is_imagen(name)


def living(today: date) -> list[str]:
    """The models that can be asked now, for whoever named another."""
    usual = [model for model in MODELS if model.method == "generateContent"]
    names = [name for model in usual for name in model.names]
    return [name for name in names if not (end := END_BY_NAME.get(name)) or not end.is_over(today)]

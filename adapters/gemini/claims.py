"""What each model can do at each of Google's two APIs: what is claimed is what is sent."""

from __future__ import annotations

from imageway.adapters.gemini.models import Model, Place
from imageway.core.capability import Capabilities, Operation, SizeRule
from imageway.core.options import Option, Range

GENERATING = frozenset(
    {Option.SIZE, Option.ASPECT, Option.SEED, Option.NEGATIVE_PROMPT, Option.REFERENCES}
)
PREDICTING = frozenset({Option.SEED, Option.NEGATIVE_PROMPT, Option.GUIDANCE, Option.FORMAT})
SEEDS = Range(0, 2**31 - 1)
IMAGEN_SEEDS = Range(0, 2**32 - 1)
# Google cannot be told how many; one is shown, for it costs nothing.
PREVIEWS = Range(0, 1)
# What Google documents; there, only Vertex lets one choose.
FORMATS = frozenset({"png", "jpeg"})


def capabilities(model: Model, place: Place, *, known: bool) -> Capabilities:
    """The claims of a model; of one that is not in the table, what such models usually take."""
    options = _predicting(model) if model.method == "predict" else _generating(model, place)
    sizes = tuple(model.shapes.sizes)
    return Capabilities(
        known=known,
        options=options,
        allowed={option: values for option, values in _allowed(model).items() if option in options},
        operations=_operations(model),
        sizes=SizeRule(choices=sizes) if sizes else SizeRule(),
        images_per_call=model.per_call,
        references=model.references,
        sends_previews=Option.PREVIEWS in options,
    )


def _generating(model: Model, place: Place) -> frozenset[Option]:
    return GENERATING | {
        *([Option.QUALITY] if model.levels else []),
        *([Option.PREVIEWS] if model.thinks else []),
        *([Option.FORMAT] if place == "vertex" else []),
    }


def _predicting(model: Model) -> frozenset[Option]:
    if model.upscales:
        return frozenset({Option.REFERENCES, Option.FORMAT})
    if model.edits_with_mask:
        return PREDICTING | {Option.REFERENCES, Option.MASK}
    return PREDICTING | {Option.SIZE, Option.ASPECT}


def _allowed(model: Model) -> dict[Option, Range | frozenset[str]]:
    is_imagen = model.method == "predict"
    return {
        Option.ASPECT: frozenset(model.shapes.aspects),
        Option.SEED: IMAGEN_SEEDS if is_imagen else SEEDS,
        Option.FORMAT: FORMATS,
        Option.PREVIEWS: PREVIEWS,
        Option.QUALITY: frozenset({"auto", *model.levels}),
    }


def _operations(model: Model) -> frozenset[Operation]:
    if model.edits_with_mask or model.upscales:
        return frozenset({"edit"})
    return frozenset({"generate", "edit"}) if model.references else frozenset({"generate"})

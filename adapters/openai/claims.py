"""What each model can do at each kind of server: what is claimed is what is sent."""

from __future__ import annotations

from imageway.adapters.openai.models import MODEL_BY_NAME, Model
from imageway.adapters.openai.profiles import Profile
from imageway.core.capability import Capabilities, SizeRule
from imageway.core.options import Option, Range

MOST_AT_ONCE = 10
MOST_PREVIEWS = 3
EDITING = frozenset({Option.REFERENCES, Option.MASK})
OPENAIS_OWN = frozenset({Option.SIZE, Option.QUALITY, Option.BACKGROUND, Option.FORMAT})


def known_model(name: str, profile: Profile) -> Model | None:
    """The table's model of this name, where names mean OpenAI's models."""
    return MODEL_BY_NAME.get(name) if profile.knows_models else None


def capabilities(name: str, profile: Profile, *, split: bool) -> Capabilities:
    """What is claimed is what is sent: the model's part of what the profile can say."""
    model = known_model(name, profile)
    options = {*profile.parameters} if model is None else OPENAIS_OWN & profile.parameters.keys()
    return Capabilities(
        known=model is not None or (profile.is_sure and not profile.knows_models),
        options=frozenset(options | _besides(profile)),
        allowed={**_ranges(profile, model), **(_words(model) if model else {})},
        operations=frozenset({"generate", *(("edit",) if profile.edits else ())}),
        sizes=model.sizes if model else SizeRule(),
        images_per_call=1 if split else MOST_AT_ONCE,
        references=16 if profile.edits else 0,
        sends_previews=profile.stream,
    )


def _besides(profile: Profile) -> frozenset[Option]:
    """The options that are no parameters."""
    editing = EDITING if profile.edits else frozenset[Option]()
    return editing | {Option.PREVIEWS} if profile.stream else editing


def _ranges(profile: Profile, model: Model | None) -> dict[Option, Range | frozenset[str]]:
    most = model.partials if model else MOST_PREVIEWS
    previews = {Option.PREVIEWS: Range(0, most)} if profile.stream else {}
    return {**previews, **{option: Range(*ends) for option, ends in profile.ranges.items()}}


def _words(model: Model) -> dict[Option, Range | frozenset[str]]:
    return {
        Option.QUALITY: frozenset({"auto", *model.qualities}),
        Option.BACKGROUND: frozenset({"auto", "opaque", "transparent"}),
        Option.FORMAT: frozenset(model.formats),
    }

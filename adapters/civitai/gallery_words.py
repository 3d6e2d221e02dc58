"""The words that the site's lists take, and how near a wrong one is to a right one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Literal, get_args

Kind = Literal["images", "models"]
Period = Literal["Day", "Week", "Month", "Year", "AllTime"]
ImageSort = Literal[
    "Most Reactions", "Most Comments", "Most Collected", "Newest", "Oldest", "Random"
]
ModelSort = Literal[
    "Highest Rated",
    "Most Downloaded",
    "Most Liked",
    "Most Discussed",
    "Most Collected",
    "Most Images",
    "Newest",
    "Oldest",
]
Medium = Literal["image", "video", "audio"]
CheckpointType = Literal["Trained", "Merge"]
Availability = Literal["Public", "Unsearchable", "Private", "EarlyAccess"]
KINDS: tuple[Kind, ...] = get_args(Kind)
# With imageId, or modelId alone, an older back end answers, which has these orders only.
SORTS_OF_THE_OLD_BACK_END = frozenset({"Newest", "Oldest"})

# These two lists grow; a word that is not here is looked for in the site's own list before it is
# refused (https://developer.civitai.com/site/reference).
MODEL_TYPES = (
    "Checkpoint",
    "TextualInversion",
    "Hypernetwork",
    "AestheticGradient",
    "LORA",
    "LoCon",
    "DoRA",
    "Controlnet",
    "Upscaler",
    "MotionModule",
    "VAE",
    "Poses",
    "Wildcards",
    "Workflows",
    "Detection",
    "Other",
)
BASE_MODELS = (
    "AuraFlow",
    "Chroma",
    "CogVideoX",
    "Flux.1 S",
    "Flux.1 D",
    "Flux.1 Krea",
    "Flux.1 Kontext",
    "HiDream",
    "Hunyuan 1",
    "Hunyuan Video",
    "Illustrious",
    "Kolors",
    "LTXV",
    "Lumina",
    "Mochi",
    "NoobAI",
    "ODOR",
    "Other",
    "PixArt a",
    "PixArt E",
    "Playground v2",
    "Pony",
    "Qwen",
    "SD 1.4",
    "SD 1.5",
    "SD 1.5 LCM",
    "SD 1.5 Hyper",
    "SD 2.0",
    "SD 2.1",
    "SD 3",
    "SD 3.5",
    "SD 3.5 Medium",
    "SD 3.5 Large",
    "SD 3.5 Large Turbo",
    "SDXL 0.9",
    "SDXL 1.0",
    "SDXL 1.0 LCM",
    "SDXL Distilled",
    "SDXL Hyper",
    "SDXL Lightning",
    "SDXL Turbo",
    "SVD",
    "SVD XT",
    "Stable Cascade",
    "Wan Video",
)

TRUE_WORDS = frozenset({"true", "1", "yes", "on", "y", "enabled"})
FALSE_WORDS = frozenset({"false", "0", "no", "off", "n", "disabled"})

NOT_PLAIN = re.compile(r"[^a-z0-9]")
MANY = 12


def nearest(wrong: str, words: Sequence[str]) -> str | None:
    """The word that was probably meant, whatever its case and what stands between its letters."""
    word_by_plain = {_plain(word): word for word in words}
    near = get_close_matches(_plain(wrong[:100]), word_by_plain, 1, 0.5)
    return word_by_plain[near[0]] if near else None


def offered(wrong: str, words: Sequence[str]) -> str:
    """What to write instead: the nearest word, and the others where they are few."""
    near = nearest(wrong, words)
    guess = f"did you mean {near!r}? " if near else ""
    shown = ", ".join(words[:MANY])
    more = f" and {len(words) - MANY} more" if len(words) > MANY else ""
    return f"{guess}there is {shown}{more}"


def _plain(word: str) -> str:
    return NOT_PLAIN.sub("", word.lower())

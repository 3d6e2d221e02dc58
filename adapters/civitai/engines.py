"""The engines that draw, as rows of data: what each takes, and within which limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from imageway.core.capability import Capabilities, SizeRule
from imageway.core.options import Option, Range
from imageway.core.request import MAX_COUNT
from imageway.core.size import Size

EngineName = Literal["sdcpp", "textToImage"]

# The pictures of one call are drawn with the seed and its successors.
SEEDS = Range(0, 2**32 - 1 - MAX_COUNT)
FORMAT_BY_WORD: Mapping[str, Literal["png", "jpeg", "webP"]] = {
    "png": "png",
    "jpeg": "jpeg",
    "webp": "webP",
}
CLAIMED = frozenset(
    {
        Option.SIZE,
        Option.SEED,
        Option.NEGATIVE_PROMPT,
        Option.FORMAT,
        Option.GUIDANCE,
        Option.STEPS,
    }
)
# https://developer.civitai.com/orchestration/recipes: the words of sdcpp, and of textToImage.
METHODS = (
    "euler",
    "euler_a",
    "heun",
    "dpm2",
    "dpm++2s_a",
    "dpm++2m",
    "dpm++2mv2",
    "ipndm",
    "ipndm_v",
    "ddim_trailing",
    "lcm",
    "res_multistep",
    "res_2s",
    "tcd",
    "er_sde",
)
SCHEDULES = (
    "simple",
    "discrete",
    "karras",
    "exponential",
    "ays",
    "bong_tangent",
    "gits",
    "sgm_uniform",
    "smoothstep",
    "kl_optimal",
    "lcm",
)
SCHEDULERS = (
    "euler",
    "eulerA",
    "lms",
    "heun",
    "dpM2",
    "dpM2A",
    "dpM2SA",
    "dpM2M",
    "dpmsde",
    "dpmFast",
    "dpmAdaptive",
    "lmsKarras",
    "dpM2Karras",
    "dpM2AKarras",
    "dpM2SAKarras",
    "dpM2MKarras",
    "dpmsdeKarras",
    "ddim",
    "plms",
    "uniPC",
    "lcm",
    "ddpm",
    "deis",
    "dpM3MSDE",
)


@dataclass(frozen=True, slots=True)
class Engine:
    """One way of drawing; a row without a family takes any that looks like Stable Diffusion."""

    name: EngineName
    family: str | None
    sizes: SizeRule
    steps: Range
    guidance: Range
    quantity: int
    prompt: int
    samplers: tuple[str, ...]
    schedules: tuple[str, ...] = ()
    has_clip_skip: bool = False
    has_embeddings: bool = True
    has_parts: bool = False

    @property
    def spoken(self) -> str:
        """The engine in a message."""
        return f"{self.name}/{self.family}" if self.family else self.name

    def capabilities(self, *, known: bool = True) -> Capabilities:
        """What is claimed is what is sent."""
        return Capabilities(
            known=known,
            options=CLAIMED,
            allowed={
                Option.SEED: SEEDS,
                Option.STEPS: self.steps,
                Option.GUIDANCE: self.guidance,
                Option.FORMAT: frozenset(FORMAT_BY_WORD),
            },
            sizes=self.sizes,
            images_per_call=self.quantity,
            reports_progress=True,
        )


def _edges(least: int, most: int, usual: int, multiple: int = 16) -> SizeRule:
    square = Size(usual, usual)
    return SizeRule(multiple_of=multiple, least_edge=least, most_edge=most, usual=square)


SD1 = Engine(
    name="sdcpp",
    family="sd1",
    sizes=_edges(64, 2048, 512),
    steps=Range(1, 150),
    guidance=Range(0, 30),
    quantity=12,
    prompt=10_000,
    samplers=METHODS,
    schedules=SCHEDULES,
    has_clip_skip=True,
)
SDXL = replace(SD1, family="sdxl", sizes=_edges(64, 2048, 1024), has_clip_skip=False)
FLUX1 = Engine(
    name="sdcpp",
    family="flux1",
    sizes=_edges(832, 1216, 1024),
    steps=Range(4, 50),
    guidance=Range(1, 20),
    quantity=4,
    prompt=1000,
    samplers=METHODS,
    schedules=SCHEDULES,
    has_embeddings=False,
    has_parts=True,
)
# It takes a hundred pictures, but one that is lost should not take so many with it.
TEXT_TO_IMAGE = Engine(
    name="textToImage",
    family=None,
    sizes=_edges(64, 4080, 1024, 8),
    steps=Range(1, 150),
    guidance=Range(1, 30),
    quantity=12,
    prompt=10_000,
    samplers=SCHEDULERS,
    has_clip_skip=True,
)
TEXT_TO_SMALL_IMAGE = replace(TEXT_TO_IMAGE, family="sd1", sizes=_edges(64, 4080, 512, 8))
ENGINES = (SD1, SDXL, FLUX1, TEXT_TO_SMALL_IMAGE, TEXT_TO_IMAGE)


def engine_for(family: str | None, wanted: EngineName | None = None) -> Engine | None:
    """The first row that fits; None where a wanted engine does not draw this family."""
    for engine in ENGINES:
        fits = engine.family is None or engine.family == family
        if fits and wanted in (None, engine.name):
            return engine
    return None


def is_known(family: str | None) -> bool:
    """Whether a row was made for just this family."""
    return any(engine.family == family for engine in ENGINES if engine.family is not None)

"""OpenAI's image models as data: what each takes, what it costs, and when it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from imageway.core.capability import SizeRule
from imageway.core.size import Size

# https://developers.openai.com/api/docs/guides/image-generation#size-and-quality-options
ANY_SIZE = SizeRule(
    multiple_of=16,
    least_edge=16,
    most_edge=3840,
    least_pixels=655_360,
    most_pixels=3840 * 2160,
    widest=3.0,
    usual=Size(1024, 1024),
)
THREE_SIZES = SizeRule(choices=(Size(1024, 1024), Size(1536, 1024), Size(1024, 1536)))

PLAIN = ("low", "medium", "high")
FINE = (*PLAIN, "xhigh", "max")
RASTER = ("png", "jpeg", "webp")
WARNED = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens; None where the vendor has no such price."""

    text_in: Decimal
    cached_text_in: Decimal
    image_in: Decimal
    cached_image_in: Decimal
    image_out: Decimal
    text_out: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One model with its dated snapshots; `square` is the price of 1024x1024 by quality.

    `newer` are the parameters that came with 2.5: complexity, and gif with its frames.
    """

    names: tuple[str, ...]
    prices: Prices
    qualities: tuple[str, ...] = PLAIN
    formats: tuple[str, ...] = RASTER
    sizes: SizeRule = ANY_SIZE
    transparent: Literal["yes", "in preview"] = "yes"
    fidelities: tuple[str, ...] = ()
    partials: int = 3
    newer: bool = False
    shares: Mapping[int, float] = field(default_factory=dict[int, float])
    square: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])


@dataclass(frozen=True, slots=True)
class End:
    """When a model ends, and a living one in its place."""

    on: date
    instead: str

    def is_over(self, today: date) -> bool:
        """Whether the vendor refuses the model by now."""
        return today >= self.on

    def is_near(self, today: date) -> bool:
        """Whether it is time to move."""
        return today < self.on <= today + WARNED


PRICED_ON = date(2026, 11, 1)
PRICED_BY = (
    "OpenAI's model pages and LiteLLM's price map (1.109.1); a picture by 2.5 is of a reseller's "
    "list, and of 2.6 and chatgpt-image-latest only the tokens have a published price"
)
NEW_PRICES = Prices(Decimal(5), Decimal("1.25"), Decimal(8), Decimal(2), Decimal(30))
OLD_PRICES = Prices(Decimal(5), Decimal("1.25"), Decimal(8), Decimal(2), Decimal(32), Decimal(10))
MINI_PRICES = Prices(Decimal(2), Decimal("0.2"), Decimal("2.5"), Decimal("0.25"), Decimal(8))
PARTIAL_TOKENS = 100

# By pixels, against 1024x1024; a reseller's list, by which 1024x1536 is cheaper indeed.
NEW_SHARES: Mapping[int, float] = {
    1024 * 1024: 1.0,
    1024 * 1536: 0.8,
    1920 * 1080: 0.75,
    2560 * 1440: 1.05,
    3840 * 2160: 1.9,
}
OLD_SHARES: Mapping[int, float] = {1024 * 1024: 1.0, 1024 * 1536: 1.5}


def _dollars(**by_quality: str) -> Mapping[str, Decimal]:
    return {quality: Decimal(amount) for quality, amount in by_quality.items()}


NEWEST = Model(
    ("gpt-image-2.6-sunburst", "gpt-image-2.6-flare"),
    NEW_PRICES,
    qualities=FINE,
    formats=(*RASTER, "gif"),
    newer=True,
)
FINEST = Model(
    (
        "gpt-image-2.5-sunburst",
        "gpt-image-2.5-sunburst-2026-09-08",
        "gpt-image-2.5-flare",
        "gpt-image-2.5-flare-2026-09-08",
    ),
    NEW_PRICES,
    qualities=FINE,
    formats=(*RASTER, "gif"),
    newer=True,
    shares=NEW_SHARES,
    square=_dollars(low="0.0059", medium="0.0132", high="0.0527", xhigh="0.0937", max="0.2107"),
)
SECOND = Model(
    ("gpt-image-2", "gpt-image-2-2026-04-21"),
    NEW_PRICES,
    shares=NEW_SHARES,
    square=_dollars(low="0.006", medium="0.053", high="0.211"),
    transparent="in preview",
)
FIFTH = Model(
    ("gpt-image-1.5",),
    OLD_PRICES,
    sizes=THREE_SIZES,
    fidelities=("high", "low"),
    shares=OLD_SHARES,
    square=_dollars(low="0.009", medium="0.034", high="0.133"),
)
LATEST = Model(
    ("chatgpt-image-latest",),
    OLD_PRICES,
    sizes=THREE_SIZES,
)
MINI = Model(
    ("gpt-image-1-mini",),
    MINI_PRICES,
    sizes=THREE_SIZES,
    fidelities=("low",),
    shares=OLD_SHARES,
    square=_dollars(low="0.005", medium="0.011", high="0.036"),
)
MODELS = (NEWEST, FINEST, SECOND, FIFTH, LATEST, MINI)
MODEL_BY_NAME: Mapping[str, Model] = {name: model for model in MODELS for name in model.names}

# The first three as OpenAI's SDK 3.54 says; the others by LiteLLM's map of prices (1.109.1).
END_BY_NAME: Mapping[str, End] = {
    "dall-e-2": End(date(2026, 5, 12), "gpt-image-2.5-flare"),
    "dall-e-3": End(date(2026, 5, 12), "gpt-image-2.5-sunburst"),
    "gpt-image-1": End(date(2026, 10, 23), "gpt-image-2.5-sunburst"),
    "gpt-image-1.5": End(date(2026, 12, 1), "gpt-image-2.5-sunburst"),
    "gpt-image-1-mini": End(date(2026, 12, 1), "gpt-image-2.5-flare"),
    "chatgpt-image-latest": End(date(2026, 12, 1), "gpt-image-2.6-sunburst"),
}
IMAGE_MODEL_PREFIXES = ("gpt-image-", "chatgpt-image-", "dall-e-")


def is_image_model(name: str) -> bool:
    """Whether a name in OpenAI's list of all its models is one that draws."""
    return name.startswith(IMAGE_MODEL_PREFIXES)


def answers_in_base64(name: str) -> bool:
    """Whether a model refuses `response_format`, for GPT image models have but one.

    Gateways write the vendor before the name, as in openai/gpt-image-2.
    """
    return name.rpartition("/")[2].startswith(("gpt-image-", "chatgpt-image-"))

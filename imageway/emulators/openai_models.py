"""OpenAI's image models: what each takes, the tokens of its pictures, the prices of its tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

MILLION = Decimal(1_000_000)
PARTIAL_TOKENS = 100
# Not published: the tokens of an input picture and of a character of the prompt are made up.
INPUT_IMAGE_TOKENS = 256
CHARACTERS_PER_TOKEN = 4

FIXED_SIZES = ("1024x1024", "1536x1024", "1024x1536")
PLAIN = ("low", "medium", "high")
FINE = (*PLAIN, "xhigh", "max")
RASTER = ("png", "jpeg", "webp")


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens."""

    text_in: Decimal
    image_in: Decimal
    image_out: Decimal


@dataclass(frozen=True, slots=True)
class Model:
    """What one family of models takes; no `sizes` means any that keeps the rules."""

    qualities: tuple[str, ...]
    tokens: tuple[int, ...]
    prices: Prices
    sizes: tuple[str, ...] = ()
    formats: tuple[str, ...] = RASTER
    fidelities: tuple[str, ...] = ()
    newer: bool = False

    def output_tokens(self, quality: str, width: int, height: int) -> int:
        """The tokens of one picture."""
        square = self.tokens[self.qualities.index(quality)]
        return round(square * self._share(width * height))

    def _share(self, pixels: int) -> float:
        shares = SHARE_BY_PIXELS if not self.sizes else FIXED_SHARE_BY_PIXELS
        return shares[min(shares, key=lambda known: abs(known - pixels))]

    def bill(self, text: int, image: int, output: int) -> Decimal:
        """The price of some tokens in US dollars."""
        prices = self.prices
        owed = text * prices.text_in + image * prices.image_in + output * prices.image_out
        return owed / MILLION


# Relative to 1024x1024 at the same quality; a reseller's list, so 1024x1536 is cheaper indeed.
SHARE_BY_PIXELS: Mapping[int, float] = {
    1024 * 1024: 1.0,
    1024 * 1536: 0.79,
    1920 * 1080: 0.75,
    2560 * 1440: 1.05,
    3840 * 2160: 1.9,
}
FIXED_SHARE_BY_PIXELS: Mapping[int, float] = {1024 * 1024: 1.0, 1024 * 1536: 1.5}

_NEW_PRICES = Prices(Decimal(5), Decimal(8), Decimal(30))
_OLD_PRICES = Prices(Decimal(5), Decimal(8), Decimal(32))
_MINI_PRICES = Prices(Decimal(2), Decimal("2.5"), Decimal(8))

_NEWEST = Model(
    FINE, (196, 439, 1756, 3122, 7024), _NEW_PRICES, formats=(*RASTER, "gif", "svg"), newer=True
)
_SECOND = Model(PLAIN, (196, 1756, 7024), _NEW_PRICES)
_LATEST = Model(PLAIN, (272, 1056, 4160), _OLD_PRICES, FIXED_SIZES)
_FIFTH = Model(PLAIN, (272, 1056, 4160), _OLD_PRICES, FIXED_SIZES, fidelities=("high", "low"))
_MINI = Model(PLAIN, (625, 1375, 4500), _MINI_PRICES, FIXED_SIZES, fidelities=("low",))

MODEL_BY_NAME: Mapping[str, Model] = {
    "gpt-image-2.6-sunburst": _NEWEST,
    "gpt-image-2.6-flare": _NEWEST,
    "gpt-image-2.5-sunburst": _NEWEST,
    "gpt-image-2.5-sunburst-2026-09-08": _NEWEST,
    "gpt-image-2.5-flare": _NEWEST,
    "gpt-image-2.5-flare-2026-09-08": _NEWEST,
    "gpt-image-2": _SECOND,
    "gpt-image-2-2026-04-21": _SECOND,
    "gpt-image-1.5": _FIFTH,
    "gpt-image-1-mini": _MINI,
    "chatgpt-image-latest": _LATEST,
}
RETIRED = frozenset({"gpt-image-1", "dall-e-2", "dall-e-3"})

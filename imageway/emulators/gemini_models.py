"""Google's models: what each takes and draws, the tokens of its pictures, the prices of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

MILLION = Decimal(1_000_000)
# Not published for all models: measured once, as were the tokens beside those of a picture.
INPUT_IMAGE_TOKENS = 258
CHARACTERS_PER_TOKEN = 4
SURPLUS_TOKENS = 88
THOUGHT_TOKENS = 180

CLASSIC = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
EXTREME = ("1:4", "1:8", "4:1", "8:1")
ALL = (*CLASSIC, *EXTREME)
FIVE = ("1:1", "3:4", "4:3", "9:16", "16:9")

Pixels = tuple[int, int]

# At 1K; 2K and 4K are twice and four times as wide and high.
NEW_PIXELS: Mapping[str, Pixels] = {
    "1:1": (1024, 1024),
    "2:3": (848, 1264),
    "3:2": (1264, 848),
    "3:4": (896, 1200),
    "4:3": (1200, 896),
    "4:5": (928, 1152),
    "5:4": (1152, 928),
    "9:16": (768, 1376),
    "16:9": (1376, 768),
    "21:9": (1584, 672),
    "1:4": (512, 2064),
    "4:1": (2064, 512),
    "1:8": (352, 2928),
    "8:1": (2928, 352),
}
OLD_PIXELS: Mapping[str, Pixels] = {
    "1:1": (1024, 1024),
    "2:3": (832, 1248),
    "3:2": (1248, 832),
    "3:4": (864, 1184),
    "4:3": (1184, 864),
    "4:5": (896, 1152),
    "5:4": (1152, 896),
    "9:16": (768, 1344),
    "16:9": (1344, 768),
    "21:9": (1536, 672),
}
IMAGEN_PIXELS: Mapping[str, Pixels] = {
    "1:1": (1024, 1024),
    "3:4": (896, 1280),
    "4:3": (1280, 896),
    "9:16": (768, 1408),
    "16:9": (1408, 768),
}
SCALE_BY_SIZE: Mapping[str, Decimal] = {
    "512": Decimal("0.5"),
    "1K": Decimal(1),
    "2K": Decimal(2),
    "4K": Decimal(4),
}


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens."""

    text_in: Decimal
    text_out: Decimal
    image_out: Decimal

    def bill(self, prompt: int, text: int, image: int) -> Decimal:
        """The price of some tokens; thoughts are text."""
        return (prompt * self.text_in + text * self.text_out + image * self.image_out) / MILLION


@dataclass(frozen=True, slots=True)
class Model:
    """A model that draws by generateContent; a fixed size ignores what is asked."""

    title: str
    ratios: tuple[str, ...]
    tokens_by_size: Mapping[str, int]
    prices: Prices
    pixels: Mapping[str, Pixels] = field(default_factory=lambda: NEW_PIXELS)
    format: str = "jpeg"
    thinks: bool = True
    fixed_size: bool = False

    def measure(self, ratio: str, size: str) -> Pixels:
        """The pixels of a picture."""
        width, height = self.pixels[ratio]
        scale = SCALE_BY_SIZE["1K" if self.fixed_size else size]
        return int(width * scale), int(height * scale)

    def tokens(self, size: str) -> int:
        """The tokens of one picture."""
        return self.tokens_by_size["1K" if self.fixed_size else size]


@dataclass(frozen=True, slots=True)
class Imagen:
    """A model that draws by predict; it is paid by the picture."""

    title: str
    price: Decimal
    sizes: tuple[str, ...] = ("1K", "2K")


def _prices(text_in: str, text_out: str, image_out: str) -> Prices:
    return Prices(Decimal(text_in), Decimal(text_out), Decimal(image_out))


_LITE_TOKENS = {"512": 747, "1K": 1120, "2K": 1680, "4K": 2520}
_PRO_TOKENS = {"1K": 1120, "2K": 1120, "4K": 2000}
_PRO = Model("Gemini 3 Pro Image", CLASSIC, _PRO_TOKENS, _prices("2.00", "12.00", "120"))

MODEL_BY_NAME: Mapping[str, Model] = {
    "gemini-nano-banana-2.1": Model(
        "Nano Banana 2.1",
        ALL,
        {"1K": 1120, "2K": 1680, "4K": 2520},
        _prices("1.50", "7.50", "30"),
    ),
    "gemini-3.1-flash-image": Model(
        "Gemini 3.1 Flash Image", ALL, _LITE_TOKENS, _prices("0.50", "3.00", "60")
    ),
    "gemini-3.1-flash-lite-image": Model(
        "Gemini 3.1 Flash-Lite Image",
        ALL,
        {"1K": 1120},
        _prices("0.25", "1.50", "30"),
        thinks=False,
    ),
    "gemini-3-pro-image": _PRO,
    "nano-banana-pro-preview": _PRO,
    "gemini-2.5-flash-image": Model(
        "Gemini 2.5 Flash Image",
        CLASSIC,
        {"1K": 1290},
        _prices("0.30", "2.50", "30"),
        pixels=OLD_PIXELS,
        format="png",
        thinks=False,
        fixed_size=True,
    ),
}
# Models of several pictures, of which the last is the answer.
DRAFTING = frozenset({"gemini-3-pro-image", "nano-banana-pro-preview"})

IMAGEN_BY_NAME: Mapping[str, Imagen] = {
    "imagen-4.0-generate-001": Imagen("Imagen 4", Decimal("0.04")),
    "imagen-4.0-ultra-generate-001": Imagen("Imagen 4 Ultra", Decimal("0.06")),
    "imagen-4.0-fast-generate-001": Imagen("Imagen 4 Fast", Decimal("0.02"), ("1K",)),
    "imagen-3.0-generate-002": Imagen("Imagen 3", Decimal("0.04")),
    "imagen-3.0-capability-001": Imagen("Imagen 3 Editing", Decimal("0.04")),
    "imagen-4.0-upscale-preview": Imagen("Imagen 4 Upscaling", Decimal("0.06")),
}
EDITING, UPSCALING = "imagen-3.0-capability-001", "imagen-4.0-upscale-preview"

# Models that draw nothing, with the methods that they have.
METHODS_BY_OTHER: Mapping[str, tuple[str, ...]] = {
    "gemini-3.1-flash": ("generateContent", "countTokens", "batchGenerateContent"),
    "veo-3.1-generate-preview": ("predictLongRunning",),
    "gemini-embedding-001": ("embedContent",),
}
GENERATING = ("generateContent", "countTokens", "batchGenerateContent")

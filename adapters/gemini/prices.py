"""What pictures cost: before, by the dated table; after, by the tokens that Google counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from imageway.adapters.gemini.shapes import Shape
from imageway.adapters.gemini.wire import Usage
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.powers import Quote

MILLION = Decimal(1_000_000)
# Google's price page of this day, compared with LiteLLM's map of prices (1.109.1).
PRICED_BY = "Google's price page and LiteLLM's price map (1.109.1)"
PRICED_ON = date(2026, 9, 24)
FRESH = timedelta(days=90)
# These tiers are what the table speaks of.
USUAL_TIERS = frozenset({None, "standard", "STANDARD", "ON_DEMAND"})


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens, and the tokens of a picture by its size class."""

    text_in: Decimal
    text_out: Decimal
    image_out: Decimal
    tokens: Mapping[str, int]

    def of_picture(self, size: str) -> Decimal | None:
        """The price of one picture, without the words around it."""
        tokens = self.tokens.get(size)
        return None if tokens is None else tokens * self.image_out / MILLION


def _prices(text_in: str, text_out: str, image_out: str, **tokens: int) -> Prices:
    by_size = {name.removeprefix("at_"): count for name, count in tokens.items()}
    return Prices(Decimal(text_in), Decimal(text_out), Decimal(image_out), by_size)


PRO = _prices("2.00", "12.00", "120", at_1K=1120, at_2K=1120, at_4K=2000)
PRICES_BY_NAME: Mapping[str, Prices] = {
    "gemini-nano-banana-2.1": _prices("1.50", "7.50", "30", at_1K=1120, at_2K=1680, at_4K=2520),
    "gemini-3.1-flash-image": _prices(
        "0.50", "3.00", "60", at_512=747, at_1K=1120, at_2K=1680, at_4K=2520
    ),
    "gemini-3.1-flash-lite-image": _prices("0.25", "1.50", "30", at_1K=1120),
    "gemini-3-pro-image": PRO,
    "nano-banana-pro-preview": PRO,
    "gemini-2.5-flash-image": _prices("0.30", "2.50", "30", at_1K=1290),
}
# Of one picture, whatever its size.
IMAGEN_BY_NAME: Mapping[str, Decimal] = {
    "imagen-4.0-fast-generate-001": Decimal("0.02"),
    "imagen-4.0-generate-001": Decimal("0.04"),
    "imagen-4.0-ultra-generate-001": Decimal("0.06"),
}


def is_stale(today: date) -> bool:
    """Whether the table is too old to be told without a word."""
    return today - PRICED_ON > FRESH


def dollars(usage: Usage, name: str) -> float | None:
    """The price of what was used; None where the table or the answer does not say enough."""
    prices = PRICES_BY_NAME.get(name)
    total, prompt = usage.total_token_count, usage.prompt_token_count or 0
    is_usual = {usage.service_tier, usage.traffic_type} <= USUAL_TIERS
    if prices is None or total is None or not is_usual:
        return None
    image = image_tokens(usage)
    # The total is right where the candidates' count repeats the thoughts, as refusals do.
    text = max(0, total - prompt - image)
    owed = prompt * prices.text_in + text * prices.text_out + image * prices.image_out
    return float(owed / MILLION)


def image_tokens(usage: Usage) -> int:
    """The tokens of pictures; the details often list nothing else."""
    listed = filter(None, usage.candidates_tokens_details)
    return sum(each.token_count or 0 for each in listed if each.modality == "IMAGE")


def quote(name: str, shape: Shape, count: int) -> Quote:
    """The price of the pictures, without the words around them and what is sent along."""
    prices = PRICES_BY_NAME.get(name)
    each = prices.of_picture(shape.size or "1K") if prices else IMAGEN_BY_NAME.get(name)
    if each is None:
        raise ImagewayError(
            ErrorCode.UNSUPPORTED,
            f"no price of a picture by {name!r} is known",
            hint="the tokens that the answer counts tell it afterwards",
        )
    return Quote(amount=float(round(each * count, 4)), unit="USD", firm=False)

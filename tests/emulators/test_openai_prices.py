"""What OpenAI's pictures cost, in tokens and in dollars, against the published tables."""

from __future__ import annotations

from decimal import Decimal

import pytest

from imageway.emulators.openai_models import MODEL_BY_NAME

NEWEST, SECOND, FIFTH = "gpt-image-2.5-flare", "gpt-image-2", "gpt-image-1.5"


@pytest.mark.parametrize(
    ("model", "quality", "size", "tokens"),
    [
        (SECOND, "low", (1024, 1024), 196),
        (SECOND, "medium", (1024, 1024), 1756),
        (SECOND, "high", (1024, 1024), 7024),
        (SECOND, "high", (1024, 1536), 5549),
        (SECOND, "high", (3840, 2160), 13346),
        (NEWEST, "xhigh", (1024, 1024), 3122),
        (FIFTH, "medium", (1024, 1024), 1056),
        (FIFTH, "medium", (1536, 1024), 1584),
    ],
)
def test_a_picture_costs_the_tokens_of_the_table(
    model: str, quality: str, size: tuple[int, int], tokens: int
) -> None:
    assert MODEL_BY_NAME[model].output_tokens(quality, *size) == tokens


@pytest.mark.parametrize(
    ("model", "quality", "size", "price"),
    [
        (SECOND, "low", (1024, 1024), "0.006"),
        (SECOND, "medium", (1024, 1024), "0.053"),
        (SECOND, "high", (1024, 1024), "0.211"),
        (NEWEST, "medium", (1024, 1024), "0.0132"),
        (NEWEST, "xhigh", (1024, 1024), "0.0937"),
        (FIFTH, "low", (1024, 1024), "0.009"),
        (FIFTH, "high", (1024, 1024), "0.133"),
        (FIFTH, "high", (1536, 1024), "0.200"),
        ("gpt-image-1-mini", "medium", (1024, 1024), "0.011"),
    ],
)
def test_a_picture_costs_the_price_of_the_table(
    model: str, quality: str, size: tuple[int, int], price: str
) -> None:
    known = MODEL_BY_NAME[model]
    bill = known.bill(0, 0, known.output_tokens(quality, *size))
    assert bill.quantize(Decimal(price)) == Decimal(price)

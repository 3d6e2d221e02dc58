"""What pictures cost: before, by the dated table; after, by the tokens that the vendor counted."""

from __future__ import annotations

from decimal import Decimal

from imageway.adapters.openai.models import PARTIAL_TOKENS, Model, Prices
from imageway.adapters.openai.wire import CachedDetails, Usage
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.powers import Quote
from imageway.core.request import ImageRequest

MILLION = Decimal(1_000_000)


def dollars(usage: Usage, prices: Prices) -> float | None:
    """The price of what was used; None where the vendor did not say what its tokens were.

    Cached tokens are cheaper only where the vendor says which they were.
    """
    came, made = usage.input_tokens_details, usage.output_tokens_details
    if came is None and usage.input_tokens:
        return None
    text, image = (came.text_tokens, came.image_tokens) if came else (0, 0)
    cached = (came and came.cached_tokens_details) or CachedDetails()
    text_out = made.text_tokens if made else 0
    owed = (
        (text - cached.text_tokens) * prices.text_in
        + cached.text_tokens * prices.cached_text_in
        + (image - cached.image_tokens) * prices.image_in
        + cached.image_tokens * prices.cached_image_in
        + (usage.output_tokens - text_out) * prices.image_out
        + text_out * (prices.text_out or prices.image_out)
    )
    return float(owed / MILLION)


def quote(request: ImageRequest, model: Model | None) -> Quote:
    """The price of the pictures, without what is sent along; a quality left open is the dearest."""
    if model is None or not model.square:
        raise ImagewayError(
            ErrorCode.UNSUPPORTED,
            f"no price of a picture by {request.model!r} is known",
            hint="the tokens that the answer counts tell it afterwards",
        )
    previews = (request.previews or 0) * PARTIAL_TOKENS * model.prices.image_out / MILLION
    each = _of_one(request, model) + previews
    return Quote(amount=float(round(each * request.count, 4)), unit="USD", firm=False)


def _of_one(request: ImageRequest, model: Model) -> Decimal:
    pixels = (request.size or model.sizes.usual).pixels
    share = model.shares[min(model.shares, key=lambda known: abs(known - pixels))]
    square = model.square.get(request.quality or "") or max(model.square.values())
    return square * Decimal(str(share))

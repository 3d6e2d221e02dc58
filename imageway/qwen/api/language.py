"""Which of the two languages a caller would rather read."""

from __future__ import annotations

import re

from aiohttp import web

from imageway.qwen.codes import Language

RANGE = re.compile(r"\s*([A-Za-z-]+|\*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?))?\s*")


def language_of(request: web.BaseRequest) -> Language:
    """Chinese where Accept-Language likes it better than English and all others."""
    weights = {
        found[1].lower(): float(found[2] or 1)
        for each in request.headers.get("Accept-Language", "")[:500].split(",")
        if (found := RANGE.fullmatch(each))
    }
    chinese = max((weight for name, weight in weights.items() if name[:2] == "zh"), default=0.0)
    others = max((weight for name, weight in weights.items() if name[:2] != "zh"), default=0.0)
    return "zh" if chinese > others or (chinese == others > 0 and _first(weights) == "zh") else "en"


def _first(weights: dict[str, float]) -> str:
    """Of those liked best, the one that was named first."""
    return max(weights, key=lambda name: weights[name])[:2]

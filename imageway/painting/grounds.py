"""All land and water by name, and where each begins."""

from __future__ import annotations

from imageway.painting.city import city
from imageway.painting.heights import forest, mountains
from imageway.painting.land import desert, meadow, snow
from imageway.painting.view import Backdrop
from imageway.painting.water import beach, sea, underwater

# The share of the height where each begins, those at the back first.
HORIZON_BY_GROUND = {
    "underwater": 0.0,
    "mountains": 0.66,
    "city": 0.82,
    "forest": 0.74,
    "sea": 0.6,
    "desert": 0.64,
    "snow": 0.66,
    "meadow": 0.68,
    "beach": 0.82,
}

GROUNDS: dict[str, Backdrop] = {
    "underwater": underwater,
    "mountains": mountains,
    "sea": sea,
    "city": city,
    "desert": desert,
    "snow": snow,
    "meadow": meadow,
    "forest": forest,
    "beach": beach,
}

"""Whether a gate stands before a version, read from the marks of three eras."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from imageway.adapters.civitai.dates import Unreadable, read_date
from imageway.adapters.civitai.wire import Marks
from imageway.core.powers import Quote


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate as far as it shows; closed is None where nothing is said of it.

    Without an end it is closed for good. Unreadable is the text that no date could be made of.
    """

    closed: bool | None
    ends_at: datetime | None = None
    price: Quote | None = None
    unreadable: str | None = None


OPEN, UNSAID = Gate(closed=False), Gate(closed=None)


def gate_of(marks: Marks, now: datetime) -> Gate:
    """Read whatever marks there are; the newest kind counts first."""
    try:
        return _gate(marks, now)
    except Unreadable as error:
        return Gate(closed=None, unreadable=str(error))


def _gate(marks: Marks, now: datetime) -> Gate:
    said = marks.model_fields_set
    if "paid_access" in said:
        return _paid(marks.paid_access, now)
    if marks.availability == "EarlyAccess":
        end = read_date(marks.early_access_ends_at)
        return Gate(_is_closed(end, now), end, _price(marks.early_access_config))
    if "early_access_deadline" in said and marks.early_access_deadline:
        end = read_date(marks.early_access_deadline)
        return Gate(_is_closed(end, now), end)
    is_said = {"availability", "early_access_time_frame", "early_access_ends_at"} & said
    return OPEN if is_said else UNSAID


def _paid(access: JsonValue, now: datetime) -> Gate:
    if access is None:
        return OPEN
    if not isinstance(access, dict):
        raise Unreadable(repr(access)[:60])
    end = None if access.get("permanent") is True else read_date(access.get("endsAt"))
    return Gate(_is_closed(end, now), end)


def _is_closed(end: datetime | None, now: datetime) -> bool:
    """A gate without an end never opens."""
    return end is None or end > now


def _price(config: JsonValue) -> Quote | None:
    """The second era told its prices; the third does not."""
    if not isinstance(config, dict) or config.get("chargeForGeneration") is not True:
        return None
    price = config.get("generationPrice")
    is_price = isinstance(price, int | float) and not isinstance(price, bool)
    return Quote(amount=float(price), unit="buzz", firm=False) if is_price else None  # type: ignore[arg-type]  # seen above

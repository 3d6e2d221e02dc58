"""What the optional powers of an adapter speak of: models, health, prices, rights, lost calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

from imageway.core.request import ImageRequest


class Frozen(BaseModel):
    """A value that crosses a border."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelInfo(Frozen):
    """One model of a provider, by the vendor's own name."""

    name: str
    title: str | None = None
    shutdown: date | None = None


class ServiceHealth(Frozen):
    """How one of a vendor's services is, in a word that a rule can test and in words for people."""

    name: str
    status: Literal["up", "degraded", "down", "unknown"]
    code: str
    detail: str = ""


class Health(Frozen):
    """What one free question to the vendor showed; how its services are, where it has several."""

    status: Literal["up", "degraded", "down"]
    detail: str = ""
    services: tuple[ServiceHealth, ...] = ()


class Quote(Frozen):
    """A price before the work, in the vendor's unit; `firm` when the vendor itself said it."""

    amount: float
    unit: str
    firm: bool = True


Verdict = Literal[
    "free", "owner", "purchased", "trial_possible", "missing", "not_generatable", "unknown"
]


class Entitlement(Frozen):
    """The vendor's word on whether this account may use a model now, and if not, why.

    `allowed` is None where nobody can say; `until` is when the gate opens, unless it is permanent;
    the trial limit is what everybody has, and `where` is the page to buy at.
    """

    allowed: bool | None
    verdict: Verdict = "unknown"
    reason: str = ""
    model: str | None = None
    title: str | None = None
    until: datetime | None = None
    permanent: bool = False
    trial_limit: int | None = None
    price: Quote | None = None
    where: str | None = None
    vendor_message: str | None = None

    def told(self) -> dict[str, JsonValue]:
        """The whole as data, the same wherever it is shown."""
        data: dict[str, JsonValue] = self.model_dump(mode="json", exclude_none=True)
        return {"allowed": None, **data}


@dataclass(frozen=True, slots=True)
class Lost:
    """A call that was sent before a crash and is to be picked up again."""

    call_id: str
    ticket: str | None
    request: ImageRequest
    sent_at: datetime


class GalleryPage(Frozen):
    """Some items of a vendor's gallery in the vendor's words, and where the next ones are."""

    items: tuple[dict[str, JsonValue], ...]
    cursor: str | None = None


class Recipe(Frozen):
    """How a gallery picture was made, as wishes; `left_out` tells what could not be taken over."""

    prompt: str
    model: str | None = None
    wishes: dict[str, JsonValue] = {}
    left_out: tuple[str, ...] = ()

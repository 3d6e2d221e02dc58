"""What a scenario needs to be played, read from the adapter and its emulator alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from imageway.core.adapter import Adapter
from imageway.core.capability import Capabilities
from imageway.core.options import Option
from imageway.emulators.base import Emulator
from imageway.emulators.faults import Fault, Spot


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of an adapter before anything is asked: it decides what is played."""

    can: Capabilities
    adapter: Adapter
    emulator: Emulator | None

    @property
    def says(self) -> frozenset[Fault]:
        """The faults that the vendor can say."""
        return frozenset() if self.emulator is None else self.emulator.can_say

    @property
    def spots(self) -> frozenset[Spot]:
        """The steps that the vendor's API has."""
        routes = () if self.emulator is None else self.emulator.routes()
        return frozenset(route.spot for route in routes)


# Says why a scenario is not needed; None when it is.
Need = Callable[[Facts], str | None]


def wire(facts: Facts) -> str | None:
    """A vendor that is spoken to over HTTP."""
    return None if facts.emulator is not None else "it has no wire"


def key(facts: Facts) -> str | None:
    """A vendor that asks for a key."""
    has_key = facts.emulator is not None and facts.emulator.key is not None
    return None if has_key else "its vendor asks for no key"


def says(*faults: Fault) -> Need:
    """A vendor that can say each of these."""

    def need(facts: Facts) -> str | None:
        missing = [fault for fault in faults if fault not in facts.says]
        return f"its vendor cannot say {missing[0].value!r}" if missing else None

    return need


def step(spot: Spot) -> Need:
    """A vendor whose API has this step."""

    def need(facts: Facts) -> str | None:
        return None if spot in facts.spots else f"its vendor has no {spot.value}"

    return need


def claims(option: Option) -> Need:
    """A model that takes this option."""

    def need(facts: Facts) -> str | None:
        return None if option in facts.can.options else f"it claims no {option.value}"

    return need


def previews(facts: Facts) -> str | None:
    """A model that shows unfinished pictures, and can be asked to."""
    shows = facts.can.sends_previews and Option.PREVIEWS in facts.can.options
    return None if shows else "it claims no previews"


def progress(facts: Facts) -> str | None:
    """A model that says how far it is."""
    return None if facts.can.reports_progress else "it claims no progress"


def several(facts: Facts) -> str | None:
    """A model that makes more than one picture in a call."""
    return None if facts.can.images_per_call > 1 else "it makes one picture a call"


def power(protocol: type) -> Need:
    """An adapter that has this optional power."""

    def need(facts: Facts) -> str | None:
        has = isinstance(facts.adapter, protocol)
        return None if has else f"it has no {protocol.__name__}"

    return need


def tells_cost(facts: Facts) -> str | None:
    """A vendor that tells what a call cost."""
    tells = facts.emulator is not None and facts.emulator.tells_cost
    return None if tells else "its vendor does not tell what a call cost"


def has_extras(facts: Facts) -> str | None:
    """A vendor with fields of its own, of which the emulator names one."""
    has = facts.emulator is not None and facts.emulator.extras
    return None if has else "its emulator names no field that only this vendor knows"

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

    def spot_of(self, fault: Fault) -> Spot:
        """The step at which the vendor says a fault."""
        found = None if self.emulator is None else self.emulator.spots.get(fault)
        return found or Spot.WORK

    @property
    def spots(self) -> frozenset[Spot]:
        """The steps that the vendor's API has."""
        routes = () if self.emulator is None else self.emulator.routes()
        return frozenset(route.spot for route in routes)


@dataclass(frozen=True, slots=True)
class Need:
    """A fact that must hold, and what is said where it does not."""

    words: str
    lacking: str
    holds: Callable[[Facts], bool]
    of_vendor: bool = False

    def why_not(self, facts: Facts) -> str | None:
        """Why a scenario is not needed; None when it is."""
        if self.of_vendor and facts.emulator is None:
            return NO_WIRE
        return None if self.holds(facts) else self.lacking


NO_WIRE = "it has no wire"
wire = Need("a wire", NO_WIRE, lambda facts: facts.emulator is not None)
no_wire = Need("no wire", "it has a wire", lambda facts: facts.emulator is None)
key = Need(
    "a key",
    "its vendor asks for no key",
    lambda facts: facts.emulator is not None and facts.emulator.key is not None,
    of_vendor=True,
)
previews = Need(
    "previews",
    "it claims no previews",
    lambda facts: facts.can.sends_previews and Option.PREVIEWS in facts.can.options,
)
progress = Need("progress", "it claims no progress", lambda facts: facts.can.reports_progress)
several = Need(
    "several pictures a call",
    "it makes one picture a call",
    lambda facts: facts.can.images_per_call > 1,
)
tells_cost = Need(
    "a vendor that tells its price",
    "its vendor does not tell what a call cost",
    lambda facts: facts.emulator is not None and facts.emulator.tells_cost,
    of_vendor=True,
)
has_extras = Need(
    "a field of the vendor's own",
    "its emulator names no field that only this vendor knows",
    lambda facts: facts.emulator is not None and bool(facts.emulator.extras),
    of_vendor=True,
)
provable = Need(
    "a wire or a seed",
    "it has neither a wire nor a seed, so nothing can be compared",
    lambda facts: facts.emulator is not None or Option.SEED in facts.can.options,
)


def says(fault: Fault) -> Need:
    """A vendor that can say this."""
    name = fault.value
    return Need(
        f"fault {name}",
        f"its vendor cannot say {name!r}",
        lambda facts: fault in facts.says,
        of_vendor=True,
    )


def says_at_work(fault: Fault) -> Need:
    """A vendor that can say this to the call that costs, and not of its jobs alone."""
    name = fault.value
    return Need(
        f"fault {name} at work",
        f"its vendor cannot say {name!r} to the call that costs",
        lambda facts: fault in facts.says and facts.spot_of(fault) is Spot.WORK,
        of_vendor=True,
    )


def says_of_jobs(fault: Fault) -> Need:
    """A vendor that says this of a job that is followed."""
    name = fault.value
    return Need(
        f"fault {name} of jobs",
        f"its vendor cannot say {name!r} of a job",
        lambda facts: fault in facts.says and facts.spot_of(fault) is Spot.POLL,
        of_vendor=True,
    )


def step(spot: Spot) -> Need:
    """A vendor whose API has this step."""
    name = spot.value
    return Need(
        f"step {name}",
        f"its vendor has no {name}",
        lambda facts: spot in facts.spots,
        of_vendor=True,
    )


def claims(option: Option) -> Need:
    """A model that takes this option."""
    name = option.value
    return Need(f"option {name}", f"it claims no {name}", lambda facts: option in facts.can.options)


def power(protocol: type) -> Need:
    """An adapter that has this optional power."""
    name = protocol.__name__
    return Need(
        f"power {name}", f"it has no {name}", lambda facts: isinstance(facts.adapter, protocol)
    )

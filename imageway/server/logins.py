"""How often somebody may come with a wrong key, or none, from one address."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from time import monotonic

MOST = 20
MINUTE = 60.0
ADDRESSES = 10_000


@dataclass(slots=True, eq=False)
class Logins:
    """The failures of the last minute by address; a right key is always let in."""

    clock: Callable[[], float] = monotonic
    _failures: OrderedDict[str, deque[float]] = field(
        default_factory=OrderedDict[str, deque[float]]
    )

    @property
    def addresses(self) -> int:
        """How many are remembered."""
        return len(self._failures)

    def failed(self, address: str | None) -> float | None:
        """Count one; returns the seconds to wait where there were too many already."""
        place = neighbourhood(address)
        failures = self._failures.setdefault(place, deque(maxlen=MOST))
        self._failures.move_to_end(place)
        while len(self._failures) > ADDRESSES:
            self._failures.popitem(last=False)
        now = self.clock()
        if len(failures) == MOST and failures[0] > now - MINUTE:
            return failures[0] + MINUTE - now
        failures.append(now)
        return None


def neighbourhood(address: str | None) -> str:
    """Whom an address stands for: of IPv6 everybody owns a whole /64."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(ip_network((found, 64), strict=False))
    return str(found.ipv4_mapped if isinstance(found, IPv6Address) else found)

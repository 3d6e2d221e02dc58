"""Who may generate with what: the origin's truth, and what the orchestrator believes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from imageway.emulators.civitai_catalogue import Catalogue, Found, Model, Version
from imageway.emulators.civitai_people import DOWNLOAD, GENERATION, People, User


@dataclass(slots=True, eq=False)
class Belief:
    """What the orchestrator takes for bought, and from when on."""

    since: float


@dataclass(slots=True, eq=False)
class Rights:
    """The gates of a catalogue, for the accounts there are."""

    catalogue: Catalogue
    people: People
    clock: Callable[[], float]
    _believed: dict[tuple[int, int], Belief] = field(default_factory=dict[tuple[int, int], Belief])

    def is_gated(self, version: Version) -> bool:
        """Whether an active gate stands before a version, whatever it sells."""
        return version.gate is not None and version.gate.is_active(self.clock())

    def needs_permission(self, version: Version) -> bool:
        """What `mini` calls checkPermission: a gate whose generation is not free, or private."""
        gate = version.gate
        sells = gate is not None and gate.is_active(self.clock()) and gate.generation != "free"
        return sells or version.is_private

    def can_generate(self, found: Found, user: User | None) -> bool:
        """Whether the generator runs it at all; purchases play no part in it."""
        version = found.version
        may_see = not version.is_private or self._rules(found.model, user)
        is_usable = version.usage != "InternalGeneration" or bool(user and user.is_moderator)
        return version.is_covered and version.is_published and is_usable and may_see

    def has_access(self, found: Found, user: User | None) -> bool:
        """The access record's word on generating, at the origin and without any delay."""
        if self._rules(found.model, user):
            return True
        return user is not None and bool(user.access.get(found.version.id, 0) & GENERATION)

    def check(self, versions: list[int], user: User | None) -> dict[str, bool]:
        """What permissions/check answers; an owner passes only with what is all their own."""
        found = {each: self.catalogue.version(each) for each in versions}
        known = [each for each in found.values() if each is not None]
        owns_all = len(known) == len(found) and all(self._rules(x.model, user) for x in known)
        return {str(each): owns_all or self._is_open(found[each], user) for each in versions}

    def _is_open(self, found: Found | None, user: User | None) -> bool:
        if found is None:
            return False
        if not (self.is_gated(found.version) or found.version.is_private):
            return True
        is_moderator = user is not None and user.is_moderator
        bought = user is not None and bool(user.access.get(found.version.id, 0) & GENERATION)
        return is_moderator or bought

    def _rules(self, model: Model, user: User | None) -> bool:
        """Owners and moderators always pass."""
        return user is not None and (user.is_moderator or user.id == model.owner)

    def buy(self, user: User, version_id: int, what: str, *, seen_after: float = 0.0) -> None:
        """Sell access on the website; the orchestrator learns of it so many seconds later."""
        found = self.catalogue.version(version_id)
        if found is None or found.version.gate is None:
            raise LookupError(f"version {version_id} sells nothing")
        gate = found.version.gate
        price = gate.price if what == "generation" else gate.download_price
        lines = user.split(price, ("yellow", "green", "blue"))
        if lines is None:
            raise LookupError(f"{user.name} has not enough Buzz")
        user.debit(lines)
        mask = GENERATION if what == "generation" else GENERATION | DOWNLOAD
        user.access[version_id] = user.access.get(version_id, 0) | mask
        self._believed[user.id, version_id] = Belief(self.clock() + seen_after)

    def is_believed(self, found: Found, user: User) -> bool:
        """Whether the orchestrator lets this user generate, trials aside."""
        if not self.needs_permission(found.version):
            return True
        if self._rules(found.model, user):
            return True
        belief = self._believed.get((user.id, found.version.id))
        late = belief is not None and belief.since > self.clock()
        return self.has_access(found, user) and not late

    def trials_left(self, found: Found, user: User) -> int:
        """How many free generations are left; nobody is told."""
        gate = found.version.gate
        limit = gate.trials if gate is not None else None
        if limit is None or found.version.is_private:
            return 0
        return max(0, limit - user.trials.get(found.version.id, 0))

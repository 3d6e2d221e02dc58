"""The truth about early access: who may use a version, until when, at what price, where to buy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from imageway.adapters.civitai.dates import Unreadable, read_date, spoken
from imageway.adapters.civitai.gate import UNSAID, Gate, gate_of
from imageway.adapters.civitai.site import Site
from imageway.adapters.civitai.wire import Mini
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.powers import Entitlement

# The site being down is no reason to refuse what the orchestrator may well draw.
PASSES_BY = frozenset(
    {
        ErrorCode.NETWORK,
        ErrorCode.TIMEOUT,
        ErrorCode.UNAVAILABLE,
        ErrorCode.RATE_LIMITED,
        ErrorCode.BAD_ANSWER,
    }
)
ASK_AGAIN = "if you have just bought it, ask again with recheck"


@dataclass(frozen=True, slots=True)
class Release:
    """A version that is asked about."""

    version_id: int
    mini: Mini
    pages: str

    @property
    def title(self) -> str:
        """Its name on the site."""
        return " ".join(filter(None, (self.mini.model_name, self.mini.version_name)))

    @property
    def page(self) -> str:
        """Where it is bought."""
        model = self.mini.air.rpartition("@")[0].rpartition(":")[2]
        return f"{self.pages}/models/{model}?modelVersionId={self.version_id}"

    def verdict(self, **told: object) -> Entitlement:
        """An entitlement that speaks of this version."""
        named = {"model": self.mini.air, "title": self.title or None, "where": self.page}
        return Entitlement.model_validate({**named, **told})


@dataclass(frozen=True, slots=True)
class Entitlements:
    """Asks the site step by step, and no further than it must."""

    site: Site
    pages: str
    now: Callable[[], datetime]

    async def of(self, version_id: int, *, recheck: bool = False) -> Entitlement:
        """The verdict on one version; raises for a bad key, a muted account, an unknown version."""
        if recheck:
            self.site.forget(version_id)
        me = await self.site.me()
        if me.status in {"muted", "banned"}:
            raise _account(me.status)
        release = Release(version_id, await self.site.mini(version_id), self.pages)
        if (known := await self._without_a_purchase(release, me.id)) is not None:
            return known
        if await self.site.has_bought(version_id, me.id, fresh=recheck):
            return release.verdict(allowed=True, verdict="purchased", reason="it has been bought")
        return await self._missing(release)

    async def _without_a_purchase(self, release: Release, user_id: int) -> Entitlement | None:
        """What is decided before anybody asks what was bought; None when that has to be asked."""
        mini = release.mini
        if mini.can_generate is False:
            return _not_generatable(release)
        needs = mini.check_permission
        if needs is None:
            gate = await self._gate(release.version_id)
            if gate.unreadable is not None:
                return _unreadable(release, gate.unreadable)
            needs = gate.closed
        if needs is None:
            reason = "CivitAI does not say whether it is in early access"
            return release.verdict(allowed=None, verdict="unknown", reason=reason)
        if not needs:
            return release.verdict(allowed=True, verdict="free", reason="it is free to use")
        if mini.user_id is not None and mini.user_id == user_id:
            return release.verdict(allowed=True, verdict="owner", reason="it is this account's own")
        return self._by_its_end(release)

    def _by_its_end(self, release: Release) -> Entitlement | None:
        """Free when the end has passed since; unknown when its date is none."""
        try:
            end = read_date(release.mini.early_access_ends_at)
        except Unreadable as error:
            return _unreadable(release, str(error))
        if end is not None and end <= self.now():
            reason = f"its early access ended on {spoken(end)}"
            return release.verdict(allowed=True, verdict="free", reason=reason)
        return None

    async def _missing(self, release: Release) -> Entitlement:
        """Not bought: a trial may be left, which only the generator itself knows."""
        mini = release.mini
        gate = await self._gate(release.version_id)
        end = read_date(mini.early_access_ends_at) or gate.ends_at
        told = {
            "until": end,
            "permanent": end is None,
            "trial_limit": mini.free_trial_limit,
            "price": gate.price,
        }
        if mini.free_trial_limit:
            reason = (
                f"{_state(mini, end)}, and this account has not bought it; "
                f"of {mini.free_trial_limit} free trials only the generator knows what is left"
            )
            return release.verdict(allowed=None, verdict="trial_possible", reason=reason, **told)
        reason = f"{_state(mini, end)}, and this account has not bought it"
        return release.verdict(allowed=False, verdict="missing", reason=reason, **told)

    async def _gate(self, version_id: int) -> Gate:
        """The marks of the version's own page; without them only the price is not known."""
        try:
            return gate_of(await self.site.version(version_id), self.now())
        except ImagewayError:
            return UNSAID


def _state(mini: Mini, end: datetime | None) -> str:
    if mini.availability == "Private":
        return "it is private"
    if end is None:
        return "it is sold for good, without an end of early access"
    return f"it is in early access until {spoken(end)}"


def _not_generatable(release: Release) -> Entitlement:
    private = release.mini.availability == "Private"
    reason = (
        "it is private to its creator"
        if private
        else "CivitAI's generator does not run it; buying it would not change that"
    )
    return release.verdict(allowed=False, verdict="not_generatable", reason=reason, where=None)


def _unreadable(release: Release, text: str) -> Entitlement:
    reason = f"the end of its early access reads {text}, which is no date"
    return release.verdict(allowed=None, verdict="unknown", reason=reason)


def _account(status: str) -> ImagewayError:
    return ImagewayError(
        ErrorCode.FORBIDDEN,
        f"this account at CivitAI is {status} and cannot generate",
        hint="look at the account on the site",
        origin="vendor",
        vendor_code=status,
    )


def refused(verdict: Entitlement) -> ErrorInfo:
    """The error that carries a verdict whole."""
    name = repr(verdict.title or verdict.model or "this model")
    told = {"entitlement": verdict.told()}
    if verdict.verdict == "not_generatable" and verdict.where is None:
        private = "private" in verdict.reason
        code = ErrorCode.NOT_ENTITLED if private else ErrorCode.UNSUPPORTED
        hint = "choose another model or another version of it"
        message = f"{name}: {verdict.reason}"
        return ErrorInfo(code=code, message=message, hint=hint, origin="vendor", details=told)
    price = f" for {verdict.price.amount:g} Buzz" if verdict.price else ""
    hint = f"buy it{price} at {verdict.where}; {ASK_AGAIN}"
    return ErrorInfo(
        code=ErrorCode.NOT_ENTITLED,
        message=f"{name}: {verdict.reason}",
        hint=hint,
        origin="vendor",
        vendor_message=verdict.vendor_message,
        details=told,
    )

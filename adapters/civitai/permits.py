"""The policy of early access: explain a no, swap in a version that is free, or ask nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from imageway.adapters.civitai.air import Broken, read_air
from imageway.adapters.civitai.config import EarlyAccess
from imageway.adapters.civitai.entitlement import PASSES_BY, Entitlements, refused
from imageway.adapters.civitai.gate import gate_of
from imageway.adapters.civitai.resources import Resource
from imageway.adapters.civitai.site import Site
from imageway.adapters.civitai.wire import ModelPage
from imageway.core.errors import ImagewayError
from imageway.core.powers import Entitlement
from imageway.core.run import Run

# So many versions of a model are looked at for one that is free.
MOST_VERSIONS = 10
SWAPPED = frozenset({"missing", "trial_possible", "not_generatable"})


@dataclass(frozen=True, slots=True)
class Permitted:
    """What may be drawn with; of the doubtful only the generator itself knows."""

    resources: tuple[Resource, ...]
    doubtful: tuple[Entitlement, ...] = ()


@dataclass(frozen=True, slots=True)
class Permits:
    """Looks at every resource of a request."""

    policy: EarlyAccess
    entitlements: Entitlements
    site: Site

    async def of(self, resources: Sequence[Resource], run: Run, *, recheck: bool) -> Permitted:
        """Let through what may be used; raises not_entitled that carries each verdict whole."""
        if self.policy == "off":
            return Permitted(tuple(resources))
        used: list[Resource] = []
        doubtful: list[Entitlement] = []
        refusals: list[Entitlement] = []
        for resource in resources:
            verdict = await self._verdict(resource, run, recheck=recheck)
            instead = None if recheck else await self._instead(resource, verdict, run)
            used.append(instead or resource)
            if instead is None and is_doubtful(verdict, recheck=recheck):
                doubtful.append(verdict)
            elif instead is None and verdict.allowed is False:
                refusals.append(verdict)
        if refusals:
            raise _refusal(refusals)
        return Permitted(tuple(used), tuple(doubtful))

    async def _instead(self, resource: Resource, verdict: Entitlement, run: Run) -> Resource | None:
        """What is used in the place of a version that is not free, where the policy says so."""
        if verdict.verdict not in SWAPPED or self.policy != "public_version":
            return None
        try:
            return await self._free_version(resource, run)
        except ImagewayError:
            # The verdict stands, and tells more than that no other version could be looked for.
            return None

    async def _verdict(self, resource: Resource, run: Run, *, recheck: bool) -> Entitlement:
        version_id = resource.air.version_id
        if version_id is None:
            return Entitlement(allowed=True, verdict="free", reason="it is not of the site")
        try:
            return await self.entitlements.of(version_id, recheck=recheck)
        except ImagewayError as error:
            if error.info.code not in PASSES_BY:
                raise
            reason = "the site could not be asked whether it is in early access"
            run.note("degraded", f"{resource.title!r}: {reason}; the generator decides")
            return Entitlement(
                allowed=None, verdict="unknown", reason=reason, model=str(resource.air)
            )

    async def _free_version(self, resource: Resource, run: Run) -> Resource | None:
        """The newest version of the same model and family that is free; says so with both names."""
        model_id = resource.air.model_id
        if model_id is None:
            return None
        page = await self.site.model(model_id)
        for version_id in _candidates(page, resource, self.entitlements):
            verdict = await self.entitlements.of(version_id)
            if not verdict.allowed:
                continue
            swapped = await self._as_resource(version_id, resource)
            if swapped is not None and swapped.air.family == resource.air.family:
                detail = (
                    f"{resource.title!r} is in early access; {swapped.title!r} is used in its place"
                )
                run.note("adjusted", detail)
                return swapped
        return None

    async def _as_resource(self, version_id: int, resource: Resource) -> Resource | None:
        mini = await self.site.mini(version_id)
        try:
            return replace(resource, air=read_air(mini.air), mini=mini)
        except Broken:
            return None


def is_doubtful(verdict: Entitlement, *, recheck: bool) -> bool:
    """Whether only the generator can say: not decided yet, or bought just now."""
    return verdict.allowed is None or (recheck and verdict.verdict == "missing")


def _candidates(page: ModelPage, resource: Resource, entitlements: Entitlements) -> list[int]:
    """The other versions whose marks do not say that they are gated, the newest first."""
    now = entitlements.now()
    found = [
        version.id
        for version in page.versions
        if version.id != resource.air.version_id
        and version.covered is not False
        and not gate_of(version, now).closed
    ]
    return found[:MOST_VERSIONS]


def _refusal(verdicts: Sequence[Entitlement]) -> ImagewayError:
    """The error of the first; the others stand beside it."""
    info = refused(verdicts[0])
    if len(verdicts) > 1:
        others = {"others": [verdict.told() for verdict in verdicts[1:]]}
        info = info.model_copy(update={"details": {**info.details, **others}})
    return ImagewayError.carrying(info)

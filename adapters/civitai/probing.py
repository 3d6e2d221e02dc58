"""Asking the generator itself whether it would draw with one resource, for this account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from imageway.adapters.civitai.air import read_air
from imageway.adapters.civitai.extras import ADAPTER, Extras
from imageway.adapters.civitai.orchestrator import Orchestrator
from imageway.adapters.civitai.order import Order, order_of
from imageway.adapters.civitai.proving import MAY_MEAN_A_RIGHT, REASON_BY_VERDICT
from imageway.adapters.civitai.resources import TYPES_BY_ROLE, Resource, Role
from imageway.core.errors import ImagewayError
from imageway.core.powers import Entitlement
from imageway.core.request import ImageRequest
from imageway.core.run import fresh_id

# The orchestrator's own default, and the first of the documents' examples.
CHECKPOINT_BY_FAMILY: Mapping[str, str] = {
    "sd1": "urn:air:sd1:checkpoint:civitai:4384@128713",
    "sdxl": "urn:air:sdxl:checkpoint:civitai:101055@128078",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """Asks what the smallest picture would cost; nothing is begun."""

    orchestrator: Orchestrator

    async def decide(self, verdict: Entitlement, resource: Resource) -> Entitlement:
        """The same verdict, decided where the generator decides it."""
        order = _order(resource)
        if order is None:
            return verdict
        try:
            await self.orchestrator.price(order)
        except ImagewayError as error:
            if error.info.code not in MAY_MEAN_A_RIGHT or "path" in error.info.details:
                return verdict
            return verdict.model_copy(
                update={
                    "allowed": False,
                    "verdict": "missing",
                    "reason": REASON_BY_VERDICT.get(verdict.verdict, verdict.reason),
                    "vendor_message": error.info.vendor_message,
                }
            )
        return _granted(verdict)


def _granted(verdict: Entitlement) -> Entitlement:
    if verdict.verdict == "missing":
        told = {"verdict": "purchased", "reason": "the generator lets this account use it now"}
    elif verdict.verdict == "trial_possible":
        limit = verdict.trial_limit
        told = {
            "reason": f"this account has not bought it; of {limit} free trials at least one is left"
        }
    else:
        told = {"reason": f"{verdict.reason}; the generator lets this account use it now"}
    return verdict.model_copy(update={"allowed": True, **told})


def _order(resource: Resource) -> Order | None:
    """The smallest order with this resource; None where it goes with nothing that we know."""
    role = _role(resource)
    family = resource.air.family
    if role is None:
        return None
    resources = [replace(resource, role=role)]
    if role != "checkpoint":
        base = CHECKPOINT_BY_FAMILY.get(family or "")
        if base is None:
            return None
        resources.insert(0, Resource("checkpoint", "model", read_air(base)))
    request = ImageRequest(prompt="a probe", model=str(resources[0].air))
    return order_of(request, resources, Extras(), ADAPTER, fresh_id("ask"))


def _role(resource: Resource) -> Role | None:
    kinds = TYPES_BY_ROLE.items()
    return next((role for role, types in kinds if resource.air.type in types), None)

"""CivitAI, step by step: find, check, ask the price, order once, follow to the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from pydantic import JsonValue

from imageway.adapters.civitai.config import CivitaiConfig
from imageway.adapters.civitai.engines import TEXT_TO_IMAGE, engine_for, is_known
from imageway.adapters.civitai.entitlement import PASSES_BY, Entitlements
from imageway.adapters.civitai.errors import Explainer
from imageway.adapters.civitai.extras import Extras, place_of, read_extras
from imageway.adapters.civitai.following import Following, lost
from imageway.adapters.civitai.gallery import Gallery
from imageway.adapters.civitai.naming import read_name
from imageway.adapters.civitai.orchestrator import Orchestrator
from imageway.adapters.civitai.order import Order, order_of, seed_of
from imageway.adapters.civitai.permits import Permits, is_doubtful
from imageway.adapters.civitai.probing import Probe
from imageway.adapters.civitai.proving import Proving
from imageway.adapters.civitai.recipe import recall
from imageway.adapters.civitai.resources import (
    Resource,
    Wanted,
    check_together,
    found,
    wanted_of,
)
from imageway.adapters.civitai.services import Services
from imageway.adapters.civitai.site import Site
from imageway.adapters.civitai.wire import Begun
from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.powers import (
    Entitlement,
    GalleryPage,
    Health,
    Lost,
    Quote,
    Recipe,
    ServiceHealth,
)
from imageway.core.request import ImageRequest
from imageway.core.run import Run, fresh_id

WHO = "CivitAI"
SICK = frozenset({"degraded", "down"})
TURNED_OFF = "the check of early access is turned off"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class CivitaiAdapter:
    """Draws with any model of CivitAI that its generator runs and this account may use."""

    Config = CivitaiConfig

    def __init__(
        self,
        config: CivitaiConfig,
        http: Http,
        memo: Memo,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        explainer = Explainer(WHO, config.api_key.get_secret_value())
        self._config = config
        self._http = http
        self._services = Services(memo.now, explainer.explain)
        self._site = Site(config, http, memo, self._services)
        self._gallery = Gallery(config, http, memo, self._site, self._services)
        self._orchestrator = Orchestrator(config, http, explainer)
        self._proving = Proving(self._orchestrator, config.max_buzz)
        self._entitlements = Entitlements(self._site, config.base_url, now)
        self._permits = Permits(config.early_access, self._entitlements, self._site)
        self._probe = Probe(self._orchestrator)

    async def describe(self, model: str) -> Capabilities:
        """By the family in an AIR; where only a number is given the site is asked for it."""
        try:
            wanted = Wanted("checkpoint", read_name(model, "model", (self._site.host,)))
            family = (await found(wanted, self._site, asks=False)).air.family
        except ImagewayError:
            return Capabilities.permissive()
        engine = engine_for(family) or TEXT_TO_IMAGE
        return engine.capabilities(known=is_known(family))

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Order once, and hand over each picture the moment it is here."""
        extras, place = read_extras(request, run.provider), place_of(request, run.provider)
        resources = await self._resources(request.model, extras, place)
        permitted = await self._permits.of(resources, run, recheck=request.recheck)
        order = order_of(request, permitted.resources, extras, place, run.call_id)
        await self._proving.before(order, permitted.doubtful)
        _mention_trials(permitted.doubtful, run)
        try:
            workflow = await self._orchestrator.submit(order, run)
        except ImagewayError as error:
            if error.info.charged != "no" or error.info.origin != "vendor":
                raise
            raise await self._proving.after(order, error, permitted.doubtful) from error
        await self._following(workflow, run, order.count, order.seed).to_the_end()

    def _following(self, workflow: Begun, run: Run, count: int, seed: int) -> Following:
        return Following(run, self._http, self._orchestrator, count, seed, workflow)

    async def _resources(self, model: str, extras: Extras, place: str) -> list[Resource]:
        """Everything that is drawn with, found and fit for each other."""
        wanted = wanted_of(model, extras, place, self._site.host)
        resources = [await self._found(each) for each in wanted]
        check_together(resources)
        return resources

    async def _found(self, wanted: Wanted) -> Resource:
        """A resource; where the site is down its AIR says enough."""
        asks = self._config.early_access != "off"
        try:
            return await found(wanted, self._site, asks=asks)
        except ImagewayError as error:
            if not asks or wanted.name.air is None or error.info.code not in PASSES_BY:
                raise
        return await found(wanted, self._site, asks=False)

    async def resume(self, lost_call: Lost, run: Run) -> None:
        """Bring what a lost call made: by its workflow's id, else by its tag and date."""
        workflow = await self._lost_workflow(lost_call)
        run.settled("yes")
        seed = seed_of(lost_call.request, lost_call.call_id)
        await self._following(workflow, run, len(run.indices), seed).to_the_end()

    async def _lost_workflow(self, lost_call: Lost) -> Begun:
        if lost_call.ticket is not None:
            return await self._orchestrator.look(lost_call.ticket, 0)
        workflow = await self._orchestrator.find(lost_call.call_id, lost_call.sent_at)
        if workflow is None:
            raise ImagewayError.carrying(lost(lost_call.call_id))
        return workflow

    async def check(self) -> Health:
        """Ask whose key it is, which is free; how the services are is known from their calls."""
        health = await self._account()
        services = tuple(self.services())
        sick = [each for each in services if each.status in SICK and each.name != "account"]
        status = "degraded" if sick and health.status == "up" else health.status
        told = "; ".join([health.detail, *(f"{each.name}: {each.detail}" for each in sick)])
        return Health(status=status, detail=told, services=services)

    async def _account(self) -> Health:
        try:
            me = await self._site.ask_me()
        except ImagewayError as error:
            status = "degraded" if error.info.code is ErrorCode.RATE_LIMITED else "down"
            return Health(status=status, detail=error.info.message)
        if me.status in {"muted", "banned"}:
            return Health(status="down", detail=f"the account is {me.status}")
        return Health(status="up", detail=f"the key is {me.username or me.id}'s")

    def services(self) -> Sequence[ServiceHealth]:
        """How each list and page of the site is, from the calls that were made."""
        return [*self._services.told(), *self._gallery.services()]

    async def browse(self, query: Mapping[str, JsonValue]) -> GalleryPage:
        """A page of pictures, or of models with `kind`."""
        return await self._gallery.browse(query)

    def check_query(self, query: Mapping[str, JsonValue]) -> None:
        """Refuse a wrong query, which can be told while the site is down."""
        self._gallery.check(query)

    async def recipe(self, item: str) -> Recipe:
        """How a picture of the gallery was made, by its number or its page's address."""
        return await recall(item, self._gallery, self._site)

    async def quote(self, request: ImageRequest) -> Quote:
        """What the orchestrator itself says it would cost; it does not bind it."""
        order = await self._order(request)
        answer = await self._orchestrator.price(order)
        if answer.cost is None:
            raise ImagewayError(
                ErrorCode.BAD_ANSWER, f"{WHO} told no price for this request", origin="vendor"
            )
        return Quote(amount=answer.cost.total, unit="buzz")

    async def _order(self, request: ImageRequest) -> Order:
        """The same order without leave of anybody, for questions."""
        extras, place = read_extras(request, None), place_of(request, None)
        resources = await self._resources(request.model, extras, place)
        return order_of(request, resources, extras, place, fresh_id("ask"))

    async def entitlement(self, model: str, *, recheck: bool = False) -> Entitlement:
        """The whole truth about one version; what the site cannot say the generator is asked."""
        name = read_name(model, "model", (self._site.host,))
        if self._config.early_access == "off":
            return Entitlement(allowed=None, reason=TURNED_OFF, model=model)
        resource = await found(Wanted("checkpoint", name), self._site, asks=True)
        version_id = resource.air.version_id
        if version_id is None:
            reason = "it is not a model of the site"
            return Entitlement(allowed=None, reason=reason, model=str(resource.air))
        verdict = await self._entitlements.of(version_id, recheck=recheck)
        if not is_doubtful(verdict, recheck=recheck):
            return verdict
        return await self._probe.decide(verdict, resource)


def _mention_trials(doubtful: Sequence[Entitlement], run: Run) -> None:
    """Say that a free trial is used, for nobody tells how many are left."""
    for verdict in doubtful:
        if verdict.verdict == "trial_possible":
            detail = (
                f"{verdict.title!r} is not bought: one of its {verdict.trial_limit} free trials"
            )
            run.note("degraded", f"{detail} is used")

"""Speaking to the orchestrator: order once, look up by the same key, wait, find, end."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import quote

from imageway.adapters.civitai.config import CivitaiConfig
from imageway.adapters.civitai.errors import Explainer
from imageway.adapters.civitai.order import Order, tag_of
from imageway.adapters.civitai.rows import REFUSALS
from imageway.adapters.civitai.sent import StatusChange
from imageway.adapters.civitai.wire import Begun, Found, Refreshed, Workflow
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.run import Run

ROUTE = "/v2/consumer/workflows"
BLOBS = "/v2/consumer/blobs"
# Seconds before the same key is sent once more, and before a list is asked again.
PAUSE, LAG = 0.5, 2.0
LOOKS = 3
# A clock may be wrong, and an index may lag behind.
LEEWAY = timedelta(minutes=5)


class Orchestrator:
    """The second API, for the account of one key."""

    def __init__(self, config: CivitaiConfig, http: Http, explainer: Explainer) -> None:
        self._config = config
        self._http = http
        self._explainer = explainer

    async def submit(self, order: Order, run: Run) -> Begun:
        """Order; where the answer is lost the same key and bytes once more are a look-up.

        CivitAI promises that a key brings the workflow that it began, and begins no other.
        """
        try:
            workflow = await self._order(order, run)
        except ImagewayError as error:
            if error.info.charged == "no":
                raise
            workflow = await self._look_up(order, run, error)
        _check_echo(workflow, order)
        return workflow

    async def _order(self, order: Order, run: Run) -> Begun:
        return await self._http.json(
            "POST",
            f"{self._config.orchestrator_url}{ROUTE}",
            Begun,
            params={"wait": "0"},
            send=order.template,
            headers=self._config.headers,
            explain=self._explainer.explain,
            refusals=REFUSALS,
            paid=run,
        )

    async def _look_up(self, order: Order, run: Run, lost: ImagewayError) -> Begun:
        """Ask once more after a pause; what is not found so remains as unknown as it was."""
        paused = False

        async def ask() -> Begun | None:
            nonlocal paused
            if not paused:
                paused = True
                return None
            return await self._order(order, run)

        try:
            return await self._http.poll(ask, every=PAUSE, most=PAUSE)
        except ImagewayError:
            raise lost from None

    async def price(self, order: Order) -> Workflow:
        """What the same would cost; nothing is begun, and no key is used up."""
        return await self._http.json(
            "POST",
            f"{self._config.orchestrator_url}{ROUTE}",
            Workflow,
            params={"whatif": "true"},
            send=order.question,
            headers=self._config.headers,
            explain=self._explainer.explain,
        )

    async def look(self, workflow_id: str, wait: int) -> Begun:
        """A workflow as it is, or as soon as it is done within so many seconds."""
        waiting = {"wait": str(wait)} if wait else {}
        return await self._http.json(
            "GET",
            self._url(workflow_id),
            Begun,
            params={**waiting, "hideMatureContent": "false"},
            headers=self._config.headers,
            explain=self._explainer.explain,
        )

    async def find(self, call_id: str, sent_at: datetime) -> Begun | None:
        """The workflow of a call whose answer was lost; its absence proves nothing."""
        looks = 0

        async def ask() -> Found | None:
            nonlocal looks
            looks += 1
            found = await self._listed(call_id, sent_at)
            return found if found.items or looks >= LOOKS else None

        found = await self._http.poll(ask, every=LAG, most=LAG)
        mine = (each for each in found.items if is_of(each, call_id))
        return next(mine, None)

    async def _listed(self, call_id: str, sent_at: datetime) -> Found:
        return await self._http.json(
            "GET",
            f"{self._config.orchestrator_url}{ROUTE}",
            Found,
            params={
                "tags": tag_of(call_id),
                "fromDate": (sent_at - LEEWAY).isoformat(),
                "hideMatureContent": "false",
                "take": "20",
            },
            headers=self._config.headers,
            explain=self._explainer.explain,
        )

    async def cancel(self, workflow_id: str) -> None:
        """End a workflow: what has not begun is paid back, what has is billed as far as it went."""
        await self._http.exchange(
            "PUT",
            self._url(workflow_id),
            send=StatusChange(),
            headers=self._config.headers,
            explain=self._explainer.explain,
        )

    async def picture(self, url: str) -> bytes:
        """Fetch a picture by its signed link, which needs no key."""
        return await self._http.download(url)

    async def picture_again(self, blob_id: str) -> bytes:
        """Fetch it by a new link, else by its id with the key, which its own host alone sees."""
        url = f"{self._config.orchestrator_url}{BLOBS}/{quote(blob_id, safe='')}"
        try:
            fresh = await self._http.json(
                "POST",
                f"{url}/refresh",
                Refreshed,
                headers=self._config.headers,
                explain=self._explainer.explain,
            )
            return await self._http.download(fresh.url)
        except ImagewayError:
            return await self._http.download(url, headers=self._config.headers)

    def _url(self, workflow_id: str) -> str:
        return f"{self._config.orchestrator_url}{ROUTE}/{quote(workflow_id, safe='')}"


def is_of(workflow: Begun, call_id: str) -> bool:
    """Whether a workflow is this call's; CivitAI puts the account's number before the key."""
    said = workflow.external_id
    return said is None or said == call_id or said.endswith(f"-{call_id}")


def _check_echo(workflow: Begun, order: Order) -> None:
    """Refuse another workflow than the one that was ordered, loudly: its pictures are not ours."""
    digest = (workflow.metadata or {}).get("digest")
    wanted = order.template.metadata["digest"]
    key = order.template.external_id or ""
    if digest in (None, wanted) and is_of(workflow, key):
        return
    raise ImagewayError(
        ErrorCode.BAD_ANSWER,
        "CivitAI answered with another workflow than the one that was ordered",
        hint=f"look at the workflow {workflow.id!r} on the site",
        origin="vendor",
        details={"ticket": workflow.id},
    )

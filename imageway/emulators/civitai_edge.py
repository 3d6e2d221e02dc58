"""The cache in front of the site: it keeps answers, refusals too, longer than a buyer can wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from imageway.emulators.answer import Answer, Visit
from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_query import token_of

Make = Callable[[Visit], Awaitable[Answer]]
PUBLIC = "public, s-maxage={fresh:.0f}, stale-while-revalidate={stale:.0f}"


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, and when it was made."""

    answer: Answer
    at: float


class Edge:
    """Answers by URL; a stale one is served once more while a new one is fetched.

    `fetched` counts how often the origin was asked.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: dict[str, Kept] = {}
        self.fetched = 0

    async def serve(self, visit: Visit, facts: Facts, make: Make) -> Answer:
        """Answer from what is kept, or ask the origin."""
        if not self._minds(visit, facts):
            self.fetched += 1
            return (await make(visit)).with_headers({"cf-cache-status": "BYPASS"})
        key = self._key(visit, facts)
        kept = self._kept.get(key)
        age = self._clock() - kept.at if kept else None
        if kept is not None and age is not None and age < facts.edge_seconds:
            return kept.answer.with_headers({"cf-cache-status": "HIT", "age": f"{age:.0f}"})
        if kept is not None and age is not None and age < facts.edge_seconds + facts.stale_seconds:
            await self._fetch(visit, facts, make, key)
            return kept.answer.with_headers({"cf-cache-status": "STALE", "age": f"{age:.0f}"})
        status = "MISS" if kept is None else "EXPIRED"
        fetched = await self._fetch(visit, facts, make, key)
        return fetched.with_headers({"cf-cache-status": status})

    def _minds(self, visit: Visit, facts: Facts) -> bool:
        return facts.edge and not (facts.edge_minds_token and token_of(visit.heard))

    def _key(self, visit: Visit, facts: Facts) -> str:
        """The whole query counts, so that one word more is another page; or it does not."""
        heard = visit.heard
        if facts.edge_keys_by_query:
            return f"{heard.path}?{heard.query}"
        known = [p for p in heard.query.split("&") if p.partition("=")[0] in KNOWN_PARAMETERS]
        return f"{heard.path}?{'&'.join(known)}"

    async def _fetch(self, visit: Visit, facts: Facts, make: Make, key: str) -> Answer:
        self.fetched += 1
        answer = await make(visit)
        if answer.status == 503:
            return answer.with_headers({"Cache-Control": "no-store"})
        control = PUBLIC.format(fresh=facts.edge_seconds, stale=facts.stale_seconds)
        answer = answer.with_headers({"Cache-Control": control})
        self._kept[key] = Kept(answer, self._clock())
        return answer

    def is_kept(self, visit: Visit, facts: Facts) -> bool:
        """Whether an answer for this URL lies here and would be served."""
        kept = self._kept.get(self._key(visit, facts))
        longest = facts.edge_seconds + facts.stale_seconds
        return facts.edge and kept is not None and self._clock() - kept.at < longest

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()


KNOWN_PARAMETERS = frozenset(
    {
        "entityIds",
        "userId",
        "entityType",
        "permission",
        "limit",
        "page",
        "cursor",
        "postId",
        "modelId",
        "modelVersionId",
        "imageId",
        "username",
        "period",
        "sort",
        "nsfw",
        "browsingLevel",
        "tags",
        "type",
        "baseModels",
        "withMeta",
        "requiringMeta",
        "flatMeta",
        "withTags",
    }
)

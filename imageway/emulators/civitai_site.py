"""The site's REST API: who one is, what a version is, and whether somebody may use it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from imageway.emulators.answer import Answer, Refusal, Visit
from imageway.emulators.civitai_catalogue import Found, hashes
from imageway.emulators.civitai_edge import Edge
from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_images import Gallery
from imageway.emulators.civitai_models import ENUMS, page_of, refusal_of
from imageway.emulators.civitai_outages import ANSWER_BY_OUTAGE
from imageway.emulators.civitai_pages import Json, Pages, date
from imageway.emulators.civitai_people import User
from imageway.emulators.civitai_query import parameters
from imageway.emulators.civitai_rights import Rights
from imageway.emulators.civitai_zod import complaint_about_id, pretty

NOT_FOUND = Answer.of_json({"error": "Model not found"}, 404)
UNAUTHORIZED = Answer.of_json({"error": "Unauthorized"}, 401)
EARLY = "This asset is in Early Access. Please visit the model page to purchase early access."


class Site:
    """The handlers of /api; `facts` says which site it is today."""

    def __init__(
        self, rights: Rights, gallery: Gallery, edge: Edge, facts: Callable[[], Facts]
    ) -> None:
        self._rights = rights
        self._pages = Pages(rights)
        self._gallery = gallery
        self._edge = edge
        self._facts = facts

    async def me(self, visit: Visit) -> Answer:
        """Whose token this is; the only page that says that a token is bad."""
        user = self._user(visit)
        return UNAUTHORIZED if user is None else Answer.of_json(user.me())

    async def version(self, visit: Visit) -> Answer:
        """One version, in the words of the era."""
        return await self._mixed(visit, self._version)

    async def mini(self, visit: Visit) -> Answer:
        """What the generator looks at before it takes a version."""
        return await self._mixed(visit, self._mini)

    async def model(self, visit: Visit) -> Answer:
        """A model with its versions; the edge keeps it, whoever asks."""
        return await self._edge.serve(visit, self._facts(), self._model)

    async def models(self, visit: Visit) -> Answer:
        """A list of models."""
        return await self._mixed(visit, self._models)

    async def by_hash(self, visit: Visit) -> Answer:
        """The version that a file's hash belongs to."""
        return await self._edge.serve(visit, self._facts(), self._by_hash)

    async def check(self, visit: Visit) -> Answer:
        """Whether a user has an entitlement; the token plays no part, and the edge keeps it."""
        return await self._edge.serve(visit, self._facts(), self._check)

    async def images(self, visit: Visit) -> Answer:
        """The gallery; the edge hides an outage from whoever asks what was asked before."""

        async def origin(visit: Visit) -> Answer:
            return await self._gallery.list(visit, self._facts())

        facts = self._facts()
        if self._gallery.outage is not None and facts.edge and not visit.heard.query:
            # So many ask without parameters that an edge always holds an answer to that.
            answer = await self._gallery.list(visit, facts)
            return answer.with_headers({"cf-cache-status": "HIT", "age": "60"})
        return await self._edge.serve(visit, facts, origin)

    async def download(self, visit: Visit) -> Answer:
        """A file of a version, by a link that leads elsewhere."""
        found, user = self._found(visit), self._user(visit)
        if self._rights.is_gated(found.version) and not self._rights.has_access(found, user):
            gate = found.version.gate
            end = None if gate is None or gate.ends_at is None else date(gate.ends_at)
            told: Json = {"error": "Early Access", "deadline": end, "message": EARLY}
            return Answer.of_json(told, 403, {"Cache-Control": "no-store"})
        link = f"{visit.files}/storage/{found.version.id}.safetensors?signature=1"
        return Answer((b"",), 307, "text/plain", {"Location": link, "Cache-Control": "no-store"})

    async def _mixed(self, visit: Visit, make: Callable[[Visit], Answer]) -> Answer:
        """With a good token the origin answers, for everybody else the edge."""

        async def origin(visit: Visit) -> Answer:
            return _answered(visit, make)

        if visit.heard.method != "GET":
            return Answer.of_json({"error": "Method not allowed"}, 405)
        if self._user(visit) is not None:
            return _answered(visit, make)
        return await self._edge.serve(visit, self._facts(), origin)

    def _user(self, visit: Visit) -> User | None:
        return self._rights.people.who(visit.heard)

    def _found(self, visit: Visit) -> Found:
        text = visit.path["id"]
        if (wrong := complaint_about_id(text)) is not None:
            raise Refusal(Answer.of_json(pretty(wrong), 400))
        found = self._rights.catalogue.version(int(text))
        if found is None or not found.version.is_published:
            raise Refusal(NOT_FOUND)
        return found

    def _version(self, visit: Visit) -> Answer:
        page = self._pages.version(self._found(visit), self._facts(), visit.origin)
        return Answer.of_json(page)

    def _mini(self, visit: Visit) -> Answer:
        found = self._found(visit)
        may = self._rights.can_generate(found, self._user(visit))
        return Answer.of_json(self._pages.mini(found, self._facts(), may, visit.origin))

    async def _model(self, visit: Visit) -> Answer:
        text = visit.path["id"]
        if (wrong := complaint_about_id(text)) is not None:
            return Answer.of_json(pretty(wrong), 400)
        model = self._rights.catalogue.model(int(text))
        if model is None:
            return Answer.of_json({"error": f"No model with id {text}"}, 404)
        return Answer.of_json(self._pages.model(model, self._facts(), visit.origin))

    def _models(self, visit: Visit) -> Answer:
        given = parameters(visit.heard)
        if ("favorites" in given or "hidden" in given) and self._user(visit) is None:
            return UNAUTHORIZED
        if (refusal := refusal_of(visit, self._facts())) is not None:
            return refusal
        if (outage := self._gallery.models.current) is not None:
            return ANSWER_BY_OUTAGE[outage]
        shown, metadata = page_of(self._rights.catalogue, visit)
        pages = [self._pages.model(model, self._facts(), visit.origin) for model in shown]
        return Answer.of_json({"items": [*pages], "metadata": metadata})

    async def enums(self, visit: Visit) -> Answer:
        """The words that parameters take."""

        async def origin(visit: Visit) -> Answer:
            return Answer.of_json(ENUMS)

        return await self._edge.serve(visit, self._facts(), origin)

    async def _by_hash(self, visit: Visit) -> Answer:
        wanted = visit.path["hash"].upper()
        for model in self._rights.catalogue:
            for version in model.versions:
                if wanted in hashes(version).values():
                    found = Found(model, version)
                    return Answer.of_json(self._pages.version(found, self._facts(), visit.origin))
        return NOT_FOUND

    async def _check(self, visit: Visit) -> Answer:
        given = parameters(visit.heard)
        ids = _numbers(given.get("entityIds", "").split(","))
        if ids is None:
            return Answer.of_json({"error": "Could not parse provided model versions array."}, 400)
        if not ids:
            return Answer.of_json([])
        user = given.get("userId", "")
        who = self._rights.people.get(int(user)) if user.isdecimal() else None
        return Answer.of_json({**self._rights.check(ids, who)})


def _answered(visit: Visit, make: Callable[[Visit], Answer]) -> Answer:
    """Refusals too are answers, and the edge keeps them."""
    try:
        return make(visit)
    except Refusal as refusal:
        return refusal.answer


def _numbers(words: Iterable[str]) -> list[int] | None:
    named = [word for word in words if word]
    return [int(word) for word in named] if all(word.isdecimal() for word in named) else None

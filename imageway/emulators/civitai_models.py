"""The list of models: its orders, its cursors, and the words that it takes for a yes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Visit
from imageway.emulators.civitai_catalogue import ECOSYSTEM_BY_BASE, Catalogue, Model
from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_pages import Json
from imageway.emulators.civitai_query import all_of, parameters
from imageway.emulators.civitai_zod import BASES, MODEL_TYPES, body, model_complaints

USUAL_LIMIT = 100
NO_PAGES = "Cannot use page param with query search. Use cursor-based pagination."
ENUMS: JsonValue = {
    "ModelType": [*MODEL_TYPES],
    "ModelFileType": ["Model", "Pruned Model", "Negative", "VAE"],
    "ActiveBaseModel": [*ECOSYSTEM_BY_BASE],
    "BaseModel": [*BASES],
    "BaseModelType": ["Standard", "Inpainting"],
}


def refusal_of(visit: Visit, facts: Facts) -> Answer | None:
    """What is wrong with the question."""
    given = parameters(visit.heard)
    repeated = {name: all_of(visit.heard, name) for name in ("types", "baseModels")}
    if wrong := model_complaints(given, repeated):
        return Answer.of_json(body(wrong, facts.zod), 400)
    if "query" in given and "page" in given:
        return Answer.of_json({"error": NO_PAGES}, 400)
    return None


def page_of(catalogue: Catalogue, visit: Visit) -> tuple[Sequence[Model], Json]:
    """The models on a page, and its metadata."""
    given = parameters(visit.heard)
    types, bases = all_of(visit.heard, "types"), all_of(visit.heard, "baseModels")
    found = [
        model
        for model in catalogue
        if _is_wanted(model, given)
        and (not types or model.type in types)
        and (not bases or any(version.base in bases for version in model.versions))
    ]
    if given.get("sort") != "Oldest":
        found.sort(key=lambda model: -model.id)
    limit = int(given.get("limit", USUAL_LIMIT))
    start = _start(given, found, limit)
    shown = found[start : start + limit]
    behind = start + limit
    return shown, _metadata(visit, given, shown, behind) if 0 < limit < len(found) - start else {}


def _start(given: Mapping[str, str], found: Sequence[Model], limit: int) -> int:
    """A full-text search counts; every other list goes on behind a model."""
    cursor = given.get("cursor", "")
    if not cursor:
        return max(0, int(given.get("page", "1")) - 1) * limit
    if "query" in given:
        return int(cursor) if cursor.isdecimal() else 0
    last = cursor.rpartition("|")[2]
    places = [place for place, model in enumerate(found) if str(model.id) == last]
    return places[0] + 1 if places else 0


def _metadata(visit: Visit, given: Mapping[str, str], shown: Sequence[Model], behind: int) -> Json:
    link = f"{visit.origin}{visit.heard.path}"
    if "page" in given:
        page = int(given["page"])
        sizes: Json = {"currentPage": page, "pageSize": len(shown)}
        return {**sizes, "nextPage": f"{link}?{urlencode({**given, 'page': str(page + 1)})}"}
    cursor: JsonValue = behind if "query" in given else f"310|12|{shown[-1].id}"
    following = urlencode({**given, "cursor": str(cursor)})
    return {"nextCursor": cursor, "nextPage": f"{link}?{following}"}


def _is_wanted(model: Model, given: Mapping[str, str]) -> bool:
    by_id = "ids" not in given or str(model.id) in given["ids"].split(",")
    by_name = given.get("query", "").lower() in model.name.lower()
    # Whatever text stands there, `false` too, is a yes.
    covered = not given.get("supportsGeneration") or any(v.is_covered for v in model.versions)
    early = not given.get("earlyAccess") or any(v.gate is not None for v in model.versions)
    return by_id and by_name and covered and early

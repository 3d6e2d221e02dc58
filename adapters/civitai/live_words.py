"""Words that come with each new family: the site's own list is asked before one is refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from imageway.adapters.civitai.gallery_query import Asked, ImagesQuery, ModelsQuery
from imageway.adapters.civitai.gallery_words import BASE_MODELS, MODEL_TYPES, offered
from imageway.adapters.civitai.site import Site
from imageway.core.errors import ImagewayError, invalid

# What we know by heart, and under which names the site lists the same.
KNOWN_BY_PARAMETER: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "types": (MODEL_TYPES, ("ModelType",)),
    "baseModels": (BASE_MODELS, ("BaseModel", "ActiveBaseModel")),
}


async def check_words(asked: Asked, site: Site) -> None:
    """Refuse what neither we nor the site know; raises invalid_request.

    Where the site cannot be asked the word is let through, and judged with the query.
    """
    for parameter, words in _open_words(asked).items():
        known, names = KNOWN_BY_PARAMETER[parameter]
        unknown = [word for word in words if word not in known]
        if not unknown:
            continue
        live = await _live(site, names)
        wrong = next((word for word in unknown if word not in live), None)
        if live and wrong is not None:
            message = f"{parameter}: CivitAI knows no {wrong[:60]!r}"
            raise invalid(parameter, message, offered(wrong, live))


def _open_words(asked: Asked) -> Mapping[str, Sequence[str]]:
    match asked.query:
        case ImagesQuery(base_models=bases):
            return {"baseModels": bases or ()}
        case ModelsQuery(base_models=bases, types=types):
            return {"types": types or (), "baseModels": bases or ()}
        case _:
            return {}


async def _live(site: Site, names: Sequence[str]) -> Sequence[str]:
    try:
        listed = await site.enums()
    except ImagewayError:
        return ()
    found = [word for name in names for word in _words(listed.get(name))]
    return list(dict.fromkeys(found))


def _words(value: JsonValue) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []

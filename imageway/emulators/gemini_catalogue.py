"""Which models are there, at which of Google's two APIs, and what is said of those that are not."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Visit
from imageway.emulators.gemini_errors import (
    Row,
    bad_request,
    closed_model,
    no_model,
    no_publisher_model,
    refusal,
    told,
)
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.gemini_models import (
    GENERATING,
    IMAGEN_BY_NAME,
    METHODS_BY_OTHER,
    MODEL_BY_NAME,
)

USUAL_PAGE, LARGEST_PAGE = 50, 1000
# The others were never on the Gemini API.
ONCE_ON_BOTH = ("imagen-4.0-generate", "imagen-4.0-ultra", "imagen-4.0-fast")


@dataclass(frozen=True, slots=True)
class Api:
    """One of the two APIs, as a path names it; without a project it is Vertex in express mode."""

    version: str
    is_vertex: bool = False
    project: str | None = None
    location: str = "global"

    @classmethod
    def of(cls, visit: Visit) -> Api:
        """The API that a request came to."""
        is_vertex = "/publishers/google/" in f"{visit.heard.path}/"
        path = visit.path
        return cls(path["version"], is_vertex, path.get("project"), path.get("location", "global"))

    def resource(self, model: str) -> str:
        """A model by its whole name on Vertex."""
        publisher = f"publishers/google/models/{model}"
        if self.project is None:
            return publisher
        return f"projects/{self.project}/locations/{self.location}/{publisher}"

    def has_no(self, model: str, verb: str) -> Row:
        """What is said of a model that is not there, or not by this method."""
        if self.is_vertex:
            return no_publisher_model(self.resource(model))
        return no_model(model, self.version, verb)


def check(api: Api, model: str, verb: str, facts: Facts) -> None:
    """Raise what is said of a model that cannot be asked so."""
    if model in facts.closed_models:
        raise refusal(closed_model(model))
    if api.is_vertex and api.location not in facts.locations:
        raise refusal(api.has_no(model, verb))
    method = "generateContent" if verb == "streamGenerateContent" else verb
    if model in facts.shut_down or method not in methods(api, model, facts):
        raise refusal(api.has_no(model, method))


def methods(api: Api, model: str, facts: Facts) -> tuple[str, ...]:
    """The methods of a model; none where it is unknown or gone."""
    if model in MODEL_BY_NAME:
        return GENERATING
    if model in IMAGEN_BY_NAME:
        serves = facts.imagen_on_vertex if api.is_vertex else facts.imagen_on_developer
        return ("predict",) if serves else ()
    return METHODS_BY_OTHER.get(model, ())


def names(api: Api, facts: Facts) -> list[str]:
    """The models that are listed; one that is gone may still be."""
    every = [*MODEL_BY_NAME, *METHODS_BY_OTHER]
    if facts.lists_retired or facts.imagen_on_developer:
        every += [name for name in IMAGEN_BY_NAME if name.startswith(ONCE_ON_BOTH)]
    return [name for name in every if name not in facts.shut_down]


def look(api: Api, model: str, facts: Facts) -> Answer:
    """One model; raises where there is none."""
    if model not in {*names(api, facts)}:
        raise refusal(api.has_no(model, "generateContent"))
    return told(_described(api, model))


def page(api: Api, query: dict[str, str], facts: Facts) -> Answer:
    """One page of the list."""
    size = query.get("pageSize", str(USUAL_PAGE))
    token = query.get("pageToken", "0")
    if not (size.isdecimal() and token.isdecimal()):
        raise bad_request("Request contains an invalid argument.")
    start, most = int(token), min(int(size) or USUAL_PAGE, LARGEST_PAGE)
    every = names(api, facts)
    shown: list[JsonValue] = [_described(api, name) for name in every[start : start + most]]
    answer: dict[str, JsonValue] = {"publisherModels" if api.is_vertex else "models": shown}
    if start + most < len(every):
        answer["nextPageToken"] = str(start + most)
    return told(answer)


def _described(api: Api, model: str) -> JsonValue:
    if api.is_vertex:
        return {"name": f"publishers/google/models/{model}", "versionId": "001"}
    is_imagen = model in IMAGEN_BY_NAME
    described: dict[str, JsonValue] = {
        "name": f"models/{model}",
        "version": "001",
        "displayName": _title(model),
        "inputTokenLimit": 480 if is_imagen else 65536,
        "outputTokenLimit": 8192 if is_imagen else 65536,
        "supportedGenerationMethods": ["predict"] if is_imagen else [*_usual_methods(model)],
    }
    if model in MODEL_BY_NAME:
        described |= {"temperature": 1, "topP": 0.95, "topK": 64, "maxTemperature": 2}
        described["thinking"] = MODEL_BY_NAME[model].thinks
    return described


def _usual_methods(model: str) -> tuple[str, ...]:
    return GENERATING if model in MODEL_BY_NAME else METHODS_BY_OTHER[model]


def _title(model: str) -> str:
    known = MODEL_BY_NAME.get(model) or IMAGEN_BY_NAME.get(model)
    return known.title if known else model.replace("-", " ").title()

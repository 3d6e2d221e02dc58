"""A gallery query: every parameter of the site's two lists, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar
from urllib.parse import quote, urlencode

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    JsonValue,
    ValidationError,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from imageway.adapters.civitai.gallery_cursor import Place, place_of
from imageway.adapters.civitai.gallery_values import (
    LEVEL_BITS,
    flag,
    level_word,
    listed,
    only_true,
    refused,
    shown,
    text,
    user_name,
    whole,
    word,
)
from imageway.adapters.civitai.gallery_words import (
    KINDS,
    SORTS_OF_THE_OLD_BACK_END,
    Availability,
    CheckpointType,
    ImageSort,
    Kind,
    Medium,
    ModelSort,
    Period,
    nearest,
)
from imageway.core.errors import ImagewayError, invalid

USUAL_LIMIT, MOST_BY_PAGES = 100, 1000
SECRET_NAMES = frozenset({"token", "apikey", "api_key", "key", "authorization"})
A_LIMIT = "leave it out for 100, and go on with the cursor; what 0 does nobody defined"
ON_BY_CURSOR = "leave page out, and go on with the cursor of each answer"

Id = Annotated[int | None, BeforeValidator(whole(1))]
Flag = Annotated[bool | None, BeforeValidator(flag)]
OnlyTrue = Annotated[bool | None, BeforeValidator(only_true)]
Text = Annotated[str | None, BeforeValidator(text)]
UserName = Annotated[str | None, BeforeValidator(user_name)]
Numbers = Annotated[tuple[int, ...] | None, BeforeValidator(listed(whole(1)))]
Texts = Annotated[tuple[str, ...] | None, BeforeValidator(listed(text))]
Page = Annotated[int | None, BeforeValidator(whole(1))]


class Query(BaseModel):
    """What both lists take; names are the site's own."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel)

    repeated: ClassVar[frozenset[str]] = frozenset()

    page: Page = None
    username: UserName = None
    period: Annotated[Period | None, BeforeValidator(word(Period.__args__))] = None

    def pairs(self) -> Iterator[tuple[str, str]]:
        """What is sent, in one order whatever order it was given in."""
        for name, value in self.model_dump(by_alias=True, exclude_none=True).items():
            if name in self.repeated:
                yield from ((name, str(each)) for each in value)
            else:
                yield name, _sent(value)


def _sent(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ",".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]: checked above
    return str(value)


class ImagesQuery(Query):
    """The parameters of the list of pictures."""

    limit: Annotated[int | None, BeforeValidator(whole(1, 200, A_LIMIT))] = None
    post_id: Id = None
    model_id: Id = None
    model_version_id: Id = None
    image_id: Id = None
    user_id: Id = None
    sort: Annotated[ImageSort | None, BeforeValidator(word(ImageSort.__args__))] = None
    nsfw: Annotated[str | None, BeforeValidator(level_word)] = None
    browsing_level: Annotated[int | None, BeforeValidator(whole(1, 31, LEVEL_BITS))] = None
    tags: Numbers = None
    type: Annotated[Medium | None, BeforeValidator(word(Medium.__args__))] = None
    base_models: Texts = None
    with_meta: Flag = None
    requiring_meta: Flag = None
    flat_meta: Flag = None
    with_tags: Flag = None

    @model_validator(mode="after")
    def _fits_together(self) -> ImagesQuery:
        if self.nsfw is not None and self.browsing_level is not None:
            raise refused("nsfw: it is ignored where browsingLevel is given", "leave nsfw out")
        if (self.page or 0) * (self.limit or USUAL_LIMIT) > MOST_BY_PAGES:
            message = f"page: CivitAI lists only {MOST_BY_PAGES} by pages, got page {self.page}"
            raise refused(f"{message} of {self.limit or USUAL_LIMIT}", ON_BY_CURSOR)
        if self._asks_the_old_back_end and self.sort not in {None, *SORTS_OF_THE_OLD_BACK_END}:
            message = f"sort: CivitAI has no order {self.sort!r} for one imageId or modelId"
            raise refused(message, "give modelVersionId instead, or sort by Newest or Oldest")
        return self

    @property
    def _asks_the_old_back_end(self) -> bool:
        has_model = self.model_id is not None and self.model_version_id is None
        return self.image_id is not None or has_model

    def pairs(self) -> Iterator[tuple[str, str]]:
        """With `flatMeta` beside `withMeta`: the two back ends wrap it in different ways."""
        yield from super().pairs()
        if self.with_meta and self.flat_meta is None:
            yield "flatMeta", "true"


class ModelsQuery(Query):
    """The parameters of the list of models; `types` and `baseModels` are repeated, not joined."""

    repeated: ClassVar[frozenset[str]] = frozenset({"types", "baseModels"})

    limit: Annotated[int | None, BeforeValidator(whole(1, 100, A_LIMIT))] = None
    query: Text = None
    ids: Numbers = None
    model_version_ids: Numbers = None
    tag: Text = None
    types: Texts = None
    base_models: Texts = None
    checkpoint_type: Annotated[
        CheckpointType | None, BeforeValidator(word(CheckpointType.__args__))
    ] = None
    sort: Annotated[ModelSort | None, BeforeValidator(word(ModelSort.__args__))] = None
    nsfw: Flag = None
    supports_generation: OnlyTrue = None
    from_platform: OnlyTrue = None
    early_access: OnlyTrue = None
    primary_file_only: Flag = None
    availability: Annotated[Availability | None, BeforeValidator(word(Availability.__args__))] = (
        None
    )
    favorites: OnlyTrue = None
    hidden: OnlyTrue = None

    @model_validator(mode="after")
    def _fits_together(self) -> ModelsQuery:
        if self.query is not None and self.page is not None:
            raise refused("page: CivitAI pages no full-text search", ON_BY_CURSOR)
        return self


@dataclass(frozen=True, slots=True)
class Asked:
    """A query as it is sent, and where its list goes on."""

    kind: Kind
    query: Query
    place: Place | None = None

    @property
    def identity(self) -> str:
        """What makes it this query and no other."""
        return f"{self.kind}?{urlencode([*self.query.pairs()], quote_via=quote)}"

    def pairs(self, fresh: str | None = None) -> list[tuple[str, str]]:
        """What is sent; a `fresh` word makes it another page to the edge, which keeps failures."""
        place = self.place
        pairs = [pair for pair in self.query.pairs() if place is None or pair[0] != "page"]
        if place is not None:
            pairs.append((place.way, place.text))
        return pairs if fresh is None else [*pairs, ("fresh", fresh)]


MODEL_BY_KIND: Mapping[Kind, type[Query]] = {"images": ImagesQuery, "models": ModelsQuery}


def read_query(given: Mapping[str, JsonValue]) -> Asked:
    """Check a query; raises invalid_request whose param names the first wrong part."""
    said = {name: value for name, value in given.items() if value is not None}
    kind, cursor = _kind(said.pop("kind", "images")), said.pop("cursor", None)
    unknown = next((name for name in said if name not in names_of(kind)), None)
    if unknown is not None:
        raise _unknown(kind, unknown)
    try:
        query = MODEL_BY_KIND[kind].model_validate(said)
    except ValidationError as error:
        raise _complaint(error.errors(include_url=False)[0]) from None
    asked = Asked(kind, query)
    if cursor is None:
        return asked
    if not isinstance(cursor, str):
        raise invalid("cursor", f"cursor: must be a text, got {shown(cursor)}", ON_BY_CURSOR)
    place = place_of(cursor, asked.identity)
    _check_page(place, query)
    return Asked(kind, query, place)


def _kind(said: JsonValue) -> Kind:
    found: Kind | None = next((kind for kind in KINDS if kind == said), None)
    if found is None:
        raise invalid("kind", f"kind: must be images or models, got {shown(said)}", "say images")
    return found


def _check_page(place: Place, query: Query) -> None:
    """Pages end at a thousand pictures; a list that goes on is told so, and not cut off."""
    if place.way == "page" and isinstance(query, ImagesQuery):
        limit = query.limit or USUAL_LIMIT
        if int(place.text) * limit > MOST_BY_PAGES:
            message = f"cursor: CivitAI lists only {MOST_BY_PAGES} pictures by pages"
            raise invalid("cursor", message, f"begin anew: {ON_BY_CURSOR}")


def _complaint(error: ErrorDetails) -> ImagewayError:
    param = str(error["loc"][0]) if error["loc"] else ""
    context = error.get("ctx", {})
    message, hint = str(context.get("message", error["msg"])), context.get("hint")
    if not param:
        param, _, message = message.partition(": ")
    return invalid(param, f"{param}: {message}", None if hint is None else str(hint))


def _unknown(kind: Kind, name: str) -> ImagewayError:
    """A parameter that the site would ignore without a word."""
    name = name[:60].encode("utf-8", "replace").decode()
    message = f"{name!r} is no parameter of the list of {kind}"
    if name.lower() in SECRET_NAMES:
        return invalid(name, message, "a key belongs into api_key, and never into a query")
    others = [other for other in KINDS if other != kind and name in names_of(other)]
    if others:
        return invalid(name, message, f"it is one of kind={others[0]}")
    near = nearest(name, names_of(kind))
    return invalid(
        name,
        message,
        f"did you mean {near!r}?" if near else f"there is {', '.join(names_of(kind))}",
    )


def names_of(kind: Kind) -> tuple[str, ...]:
    """Every parameter of a list."""
    fields = MODEL_BY_KIND[kind].model_fields
    return ("kind", "cursor", *(to_camel(name) for name in fields))

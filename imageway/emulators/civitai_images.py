"""The gallery's list of pictures: two back ends, their cursors and orders, and its outages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Visit
from imageway.emulators.civitai_catalogue import PUBLISHED
from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_outages import ANSWER_BY_OUTAGE, Outage, Outages
from imageway.emulators.civitai_pages import IMAGE, Json, date
from imageway.emulators.civitai_query import TRUE, parameters
from imageway.emulators.civitai_zod import body, complaints, levels

USUAL_LIMIT, MOST_BEHIND = 100, 1000
FIRST_ID = 70_112_000
WORD_BY_LEVEL: Mapping[int, str] = {1: "None", 2: "Soft", 4: "Mature", 8: "X", 16: "X"}
LEVELS = (1, 1, 1, 2, 1, 4, 1, 8)
TOO_MANY_PAGES = "You've requested too many pages, please use cursors instead"
RANDOM = "Random sort requires a collectionId"


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of the gallery; `meta` is what its uploader's tool wrote, None: nothing."""

    id: int
    version: int
    model: int
    username: str
    level: int
    meta: Json | None = None
    versions: tuple[int, ...] = ()
    kind: str = "image"

    @property
    def at(self) -> float:
        """When it was posted."""
        return PUBLISHED + self.id - FIRST_ID

    def item(self, facts: Facts, meta: JsonValue) -> Json:
        """The picture as /images lists it."""
        username: JsonValue = self.username
        if facts.numeric_usernames and self.username.isdecimal():
            username = int(self.username)
        return {
            "id": self.id,
            "url": f"{IMAGE}/original=true/{self.id}.jpeg",
            "hash": "UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH",
            "width": 832,
            "height": 1216,
            "nsfwLevel": WORD_BY_LEVEL[self.level],
            "type": self.kind,
            "nsfw": self.level > 1,
            "browsingLevel": self.level,
            "createdAt": date(self.at),
            "postId": self.id // 10,
            "stats": {"likeCount": self.id % 50, "heartCount": 1, "commentCount": self.id % 7},
            "meta": meta,
            "username": username,
            "baseModel": "SDXL 1.0",
            "modelVersionIds": [*(self.versions or (self.version,))],
        }


def usual_meta(number: int) -> Json:
    """What the usual tool writes."""
    return {
        "prompt": f"a lighthouse, number {number}",
        "seed": number,
        "steps": 25,
        "sampler": "Euler a",
    }


def usual_images(first: int = 0, count: int = 200) -> tuple[Shown, ...]:
    """Pictures of two models, by two users, one of digits only; a fresh gallery has 200."""
    return tuple(
        Shown(
            FIRST_ID + number,
            128078 if number % 3 else 777001,
            101055 if number % 3 else 555001,
            "lamplighter" if number % 4 else "0222",
            LEVELS[number % len(LEVELS)],
            usual_meta(FIRST_ID + number),
        )
        for number in range(first, first + count)
    )


@dataclass(frozen=True, slots=True)
class Asking:
    """A question as one of the back ends reads it."""

    given: Mapping[str, str]
    limit: int

    @property
    def is_old(self) -> bool:
        """Whether the database answers, and not the search index."""
        return "imageId" in self.given or (
            "modelId" in self.given and "modelVersionId" not in self.given
        )

    @property
    def page(self) -> int:
        """The page that is wanted; 0 where none is, or a cursor counts instead."""
        return 0 if self.cursor else int(self.given.get("page", 0))

    @property
    def cursor(self) -> str:
        """The cursor, if there is one."""
        return self.given.get("cursor", "")

    def says(self, name: str) -> bool:
        """Whether a flag is set."""
        return self.given.get(name, "false").lower() in TRUE


class Gallery:
    """The pictures, and what is the matter with their lists just now."""

    def __init__(self, images: Sequence[Shown], clock: Callable[[], float]) -> None:
        self.images = [*images]
        self.outages = Outages(clock)
        self.models = Outages(clock)

    @property
    def outage(self) -> Outage | None:
        """What is wrong with the list of pictures."""
        return self.outages.current

    @outage.setter
    def outage(self, what: Outage | None) -> None:
        self.outages.now = what

    def arrive(self, count: int = 1) -> None:
        """Somebody posts new pictures, which are newer than all others."""
        self.images += usual_images(self.images[-1].id + 1 - FIRST_ID, count)

    def leave(self, ids: Iterable[int]) -> None:
        """Some are taken down."""
        gone = frozenset(ids)
        self.images = [shown for shown in self.images if shown.id not in gone]

    async def list(self, visit: Visit, facts: Facts) -> Answer:
        """A page of pictures; what is wrong with the question is told even while it is down."""
        given = parameters(visit.heard)
        if wrong := complaints(given):
            return Answer.of_json(body(wrong, facts.zod), 400)
        asking = Asking(given, int(given.get("limit", USUAL_LIMIT)))
        if asking.page * asking.limit > MOST_BEHIND:
            return Answer.of_json({"error": TOO_MANY_PAGES}, 429)
        if self.outage is not None and given:
            return ANSWER_BY_OUTAGE[self.outage]
        if asking.is_old and given.get("sort") == "Random":
            return Answer.of_json({"error": RANDOM}, 400)
        return self._page(visit, asking, facts)

    def _page(self, visit: Visit, asking: Asking, facts: Facts) -> Answer:
        found = _ordered([shown for shown in self.images if _fits(shown, asking)], asking)
        leafed = _by_key(found, asking) if asking.is_old else _by_place(found, asking, facts)
        told = [shown.item(facts, _meta(shown, asking)) for shown in leafed.items]
        metadata = _metadata(visit, asking, leafed.then, facts) if leafed.then else {}
        answer = Answer.of_json({"items": [*told], "metadata": metadata})
        return _spoilt(answer) if facts.control_characters else answer


@dataclass(frozen=True, slots=True)
class Leafed:
    """What stands on a page, and the cursor behind it; empty at the end."""

    items: Sequence[Shown]
    then: str


def _ordered(found: Sequence[Shown], asking: Asking) -> list[Shown]:
    """The database knows by time only; the index counts reactions."""
    sort = asking.given.get("sort", "Most Reactions")
    if sort == "Oldest":
        return [*found]
    if asking.is_old or sort in {"Newest", "Random"}:
        return [*reversed(found)]
    by = {"Most Comments": 7}.get(sort, 50)
    return sorted(found, key=lambda shown: (shown.id % by, shown.id), reverse=True)


def _by_key(found: Sequence[Shown], asking: Asking) -> Leafed:
    """The database goes on behind the last picture that it gave, wherever that stands now."""
    start = max(0, asking.page - 1) * asking.limit
    if asking.cursor.isdecimal():
        last, newest_first = int(asking.cursor), asking.given.get("sort") != "Oldest"
        found = [each for each in found if (each.id < last) == newest_first and each.id != last]
    items = found[start : start + asking.limit]
    is_more = items and len(found) > start + asking.limit
    return Leafed(items, str(items[-1].id) if is_more else "")


def _by_place(found: Sequence[Shown], asking: Asking, facts: Facts) -> Leafed:
    """The index counts from the first: of what was there when the list began, or of all."""
    place, _, moment = asking.cursor.partition("|")
    start = int(place) if place.isdecimal() else max(0, asking.page - 1) * asking.limit
    newest = round(max((shown.at for shown in found), default=0.0) * 1000)
    until = int(moment) if moment.isdecimal() and facts.cursors_pin else newest
    found = [shown for shown in found if round(shown.at * 1000) <= until]
    behind = start + asking.limit
    is_more = asking.limit > 0 and len(found) > behind
    then = str(behind) if facts.number_cursors else f"{behind}|{until}"
    return Leafed(found[start:behind], then if is_more else "")


def _metadata(visit: Visit, asking: Asking, then: str, facts: Facts) -> Json:
    link = f"{visit.origin}{visit.heard.path}"
    given = {name: value for name, value in asking.given.items() if name != "cursor"}
    if asking.page:
        behind = {**given, "page": str(asking.page + 1)}
        sizes: Json = {"currentPage": asking.page, "pageSize": asking.limit}
        return {**sizes, "nextPage": f"{link}?{urlencode(behind)}"}
    following = f"{link}?{urlencode({**given, 'cursor': then})}"
    if facts.link_cursors:
        return {"nextPage": following}
    number = facts.number_cursors and then.isdecimal()
    return {"nextCursor": int(then) if number else then, "nextPage": following}


def _meta(shown: Shown, asking: Asking) -> JsonValue:
    """The database wraps it once more, unless it is told not to."""
    if not asking.says("withMeta") or shown.meta is None:
        return None
    is_wrapped = asking.is_old and not asking.says("flatMeta")
    return {"id": shown.id, "meta": shown.meta} if is_wrapped else shown.meta


def _fits(shown: Shown, asking: Asking) -> bool:
    given = asking.given
    wanted = {
        "modelVersionId": str(shown.version),
        "modelId": str(shown.model),
        "imageId": str(shown.id),
        "postId": str(shown.id // 10),
        "username": shown.username,
        "type": shown.kind,
    }
    fits = all(given[name] == value for name, value in wanted.items() if name in given)
    has_meta = shown.meta is not None or not asking.says("requiringMeta")
    return fits and has_meta and bool(shown.level & levels(given))


def _spoilt(answer: Answer) -> Answer:
    """Put a raw line feed into a text, as pages with copied prompts have them."""
    whole = b"".join(answer.pieces).replace(b"a lighthouse,", b"a light\rhouse,", 1)
    return Answer((whole,), answer.status, answer.media_type, answer.headers)

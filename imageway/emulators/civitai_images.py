"""The gallery's list of pictures: pages, cursors, levels, and its known ways of being down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Visit
from imageway.emulators.civitai_catalogue import PUBLISHED
from imageway.emulators.civitai_facts import Facts
from imageway.emulators.civitai_pages import IMAGE, Json, date
from imageway.emulators.civitai_query import TRUE, parameters
from imageway.emulators.civitai_zod import body, complaints, levels

Outage = Literal["text", "json", "html", "busy", "silent"]
USUAL_LIMIT, MOST_BEHIND = 100, 1000
WORD_BY_LEVEL: Mapping[int, str] = {1: "None", 2: "Soft", 4: "Mature", 8: "X", 16: "X"}
LEVELS = (1, 1, 1, 2, 1, 4, 1, 8)
TOO_MANY_PAGES = "You've requested too many pages, please use cursors instead"
BUSY = "Image search is temporarily overloaded — please retry."


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of the gallery."""

    id: int
    version: int
    model: int
    username: str
    level: int

    def item(self, facts: Facts, with_meta: bool) -> Json:
        """The picture as /images lists it."""
        username: JsonValue = self.username
        if facts.numeric_usernames and self.username.isdecimal():
            username = int(self.username)
        prompt = f"a lighthouse, number {self.id}"
        meta: Json = {"prompt": prompt, "seed": self.id, "steps": 25, "sampler": "Euler a"}
        return {
            "id": self.id,
            "url": f"{IMAGE}/original=true/{self.id}.jpeg",
            "hash": "UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH",
            "width": 832,
            "height": 1216,
            "nsfwLevel": WORD_BY_LEVEL[self.level],
            "type": "image",
            "nsfw": self.level > 1,
            "browsingLevel": self.level,
            "createdAt": date(PUBLISHED + self.id),
            "postId": self.id // 10,
            "stats": {"likeCount": self.id % 50, "heartCount": 1, "commentCount": 0},
            "meta": meta if with_meta else None,
            "username": username,
            "baseModel": "SDXL 1.0",
            "modelVersionIds": [self.version],
        }


def usual_images() -> tuple[Shown, ...]:
    """A gallery of two hundred pictures of two models, by two users, one of digits only."""
    return tuple(
        Shown(
            70_112_000 + number,
            128078 if number % 3 else 777001,
            101055 if number % 3 else 555001,
            "lamplighter" if number % 4 else "0222",
            LEVELS[number % len(LEVELS)],
        )
        for number in range(200)
    )


class Gallery:
    """The pictures, and what is the matter with their search just now."""

    def __init__(self, images: Sequence[Shown]) -> None:
        self.images = images
        self.outage: Outage | None = None

    async def list(self, visit: Visit, facts: Facts) -> Answer:
        """A page of pictures; what is wrong with the question is told even while it is down."""
        given = parameters(visit.heard)
        if wrong := complaints(given):
            return Answer.of_json(body(wrong, facts.zod), 400)
        page, limit = int(given.get("page", 0)), int(given.get("limit", USUAL_LIMIT))
        if "cursor" not in given and page * limit > MOST_BEHIND:
            return Answer.of_json({"error": TOO_MANY_PAGES}, 429)
        if self.outage is not None and given:
            return ANSWER_BY_OUTAGE[self.outage]
        return self._page(visit, given, limit, facts)

    def _page(self, visit: Visit, given: Mapping[str, str], limit: int, facts: Facts) -> Answer:
        found = [shown for shown in self.images if _fits(shown, given)]
        if given.get("sort") != "Oldest":
            found.reverse()
        start = _start(given, limit)
        items = found[start : start + limit]
        with_meta = given.get("withMeta", "false") in TRUE
        told = [shown.item(facts, with_meta) for shown in items]
        more = start + limit < len(found)
        metadata = self._metadata(visit, given, start + limit, facts) if more else {}
        answer = Answer.of_json({"items": [*told], "metadata": metadata})
        return _spoilt(answer) if facts.control_characters else answer

    def _metadata(self, visit: Visit, given: Mapping[str, str], then: int, facts: Facts) -> Json:
        if page := int(given.get("page", 0)):
            behind = {**given, "page": str(page + 1)}
            sizes: Json = {"currentPage": page, "pageSize": int(given.get("limit", USUAL_LIMIT))}
            return {**sizes, "nextPage": f"{_link(visit)}?{urlencode(behind)}"}
        cursor = str(then) if facts.number_cursors else f"1|{then}"
        link = f"{_link(visit)}?{urlencode({**given, 'cursor': cursor})}"
        return {"nextCursor": then if facts.number_cursors else cursor, "nextPage": link}


def _link(visit: Visit) -> str:
    return f"{visit.origin}{visit.heard.path}"


def _start(given: Mapping[str, str], limit: int) -> int:
    if cursor := given.get("cursor"):
        number = cursor.rpartition("|")[2]
        return int(number) if number.isdecimal() else 0
    return max(0, int(given.get("page", 1)) - 1) * limit


def _fits(shown: Shown, given: Mapping[str, str]) -> bool:
    wanted = {
        "modelVersionId": str(shown.version),
        "modelId": str(shown.model),
        "imageId": str(shown.id),
        "username": shown.username,
    }
    fits = all(given[name] == value for name, value in wanted.items() if name in given)
    return fits and bool(shown.level & levels(given))


def _spoilt(answer: Answer) -> Answer:
    """Put a raw line feed into a text, as pages with copied prompts have them."""
    whole = b"".join(answer.pieces).replace(b"a lighthouse,", b"a light\rhouse,", 1)
    return Answer((whole,), answer.status, answer.media_type, answer.headers)


ANSWER_BY_OUTAGE: Mapping[Outage, Answer] = {
    "text": Answer((b"Internal Server Error",), 500, "text/plain"),
    "json": Answer.of_json(
        {"error": "canceling statement due to statement timeout", "code": "57014"}, 500
    ),
    "html": Answer.of_html(502),
    "busy": Answer.of_json({"error": BUSY}, 503, {"Retry-After": "2"}),
    "silent": Answer((b"",), 524, "text/html", seconds=100.0),
}

"""How a picture of the gallery was made, as a request that draws one like it."""

from __future__ import annotations

import re

from pydantic import JsonValue

from imageway.adapters.civitai.extras import ADAPTER
from imageway.adapters.civitai.gallery import Gallery
from imageway.adapters.civitai.recipe_meta import MOST_LEFT_OUT, Object, read_meta
from imageway.adapters.civitai.recipe_used import extras_of, used_in
from imageway.adapters.civitai.site import Site
from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.core.powers import Recipe

AN_IMAGE = re.compile(r"(?:https?://[\w.-]+/images/)?(?P<id>[0-9]{1,15})/?", re.ASCII)
EVERY_LEVEL = 31


async def recall(item: str, gallery: Gallery, site: Site) -> Recipe:
    """The recipe of one picture, by its number or the address of its page."""
    shown = await _shown(_number(item), gallery)
    meta = read_meta(_meta(shown))
    if not meta.prompt:
        raise _untold("its uploader did not write down a prompt")
    used = await used_in(shown, site, meta.left_out)
    checkpoint = next((each for each in used if each.role == "checkpoint"), None)
    wishes: dict[str, JsonValue] = {**meta.wishes}
    if extras := extras_of(used, checkpoint, meta):
        wishes["extras"] = {ADAPTER: extras}
    model = None if checkpoint is None else str(checkpoint.version)
    left_out = tuple(dict.fromkeys(meta.left_out))[:MOST_LEFT_OUT]
    return Recipe(prompt=meta.prompt, model=model, wishes=wishes, left_out=left_out)


def _number(item: str) -> int:
    found = AN_IMAGE.fullmatch(item.strip())
    if found is None:
        message = f"item: {item[:60]!r} is no picture at CivitAI"
        raise invalid("item", message, "give its number, as it stands in the address of its page")
    return int(found["id"])


async def _shown(number: int, gallery: Gallery) -> Object:
    asked: dict[str, JsonValue] = {
        "imageId": number,
        "withMeta": True,
        "browsingLevel": EVERY_LEVEL,
        "limit": 1,
    }
    page = await gallery.browse(asked)
    if not page.items:
        raise ImagewayError(
            ErrorCode.NOT_FOUND,
            f"CivitAI shows no picture {number!r}",
            hint="it may be hidden, under review, or gone; look at its page",
            origin="vendor",
            details={"param": "item"},
        )
    item = page.items[0]
    if item.get("id") != number:
        message = f"CivitAI answered with another picture than {number!r}"
        raise ImagewayError(ErrorCode.BAD_ANSWER, message, origin="vendor")
    if item.get("type", "image") != "image":
        raise _untold(f"it is of the type {str(item.get('type'))[:20]!r}, and no picture")
    return item


def _meta(item: Object) -> Object:
    """What its tool wrote; the older back end wraps it once more."""
    meta = item.get("meta")
    if isinstance(meta, dict) and isinstance(inner := meta.get("meta"), dict):
        meta = inner
    if not isinstance(meta, dict) or not meta:
        raise _untold("its uploader hides how, or no tool wrote it down")
    return meta


def _untold(why: str) -> ImagewayError:
    return ImagewayError(
        ErrorCode.UNSUPPORTED,
        f"CivitAI does not tell how this picture was made: {why}",
        hint="choose another one; requiringMeta=true lists those that tell",
        origin="vendor",
        details={"param": "item"},
    )

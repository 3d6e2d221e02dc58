"""Which models a picture was made with: the site is asked what each of its numbers is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from imageway.adapters.civitai.air import Air, Broken, read_air
from imageway.adapters.civitai.engines import TEXT_TO_IMAGE, Engine, engine_for
from imageway.adapters.civitai.extras import ADAPTER
from imageway.adapters.civitai.recipe_meta import Meta, Object
from imageway.adapters.civitai.resources import ANY_FAMILY, TYPES_BY_ROLE, Role
from imageway.adapters.civitai.samplers import sampling
from imageway.adapters.civitai.site import Site
from imageway.core.errors import ImagewayError

# A picture has a checkpoint and a few networks; each is asked for once, and for free.
MOST_USED = 12
USUAL_WEIGHT, HEAVIEST = 1.0, 10.0


@dataclass(frozen=True, slots=True)
class Used:
    """A version that a picture was made with; its AIR tells what it is."""

    version: int
    air: Air
    weight: float | None

    @property
    def role(self) -> Role | None:
        """What it does in a picture."""
        kinds = TYPES_BY_ROLE.items()
        return next((role for role, types in kinds if self.air.type in types), None)

    def fits(self, checkpoint: Used) -> bool:
        """Whether both are of one family."""
        families = {self.air.family, checkpoint.air.family}
        return len(families) == 1 or bool(families & ANY_FAMILY)


async def used_in(item: Object, site: Site, left_out: list[str]) -> list[Used]:
    """Every version that an item names, as far as the site knows it; the rest is left out."""
    weights = _versions(item)
    left_out += [f"resource {version}" for version in [*weights][MOST_USED:]]
    left_out += _nameless(item)
    found: list[Used] = []
    for version, weight in [*weights.items()][:MOST_USED]:
        try:
            air = read_air((await site.mini(version)).air)
        except (ImagewayError, Broken):
            left_out.append(f"resource {version}, of which CivitAI tells nothing")
        else:
            found.append(Used(version, air, weight))
    return found


def _versions(item: Object) -> dict[int, float | None]:
    """The numbers, and the weights where they are told."""
    found: dict[int, float | None] = {}
    for each in _objects(_meta(item).get("civitaiResources")):
        if (number := _number(each.get("modelVersionId"))) is not None:
            found[number] = _told_weight(each.get("weight"))
    listed = item.get("modelVersionIds")
    for named in listed if isinstance(listed, list) else []:
        if (number := _number(named)) is not None:
            found.setdefault(number, None)
    return found


def _number(value: JsonValue) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool) and value > 0
    return value if is_number and isinstance(value, int) else None


def _told_weight(value: JsonValue) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return value if abs(value) <= HEAVIEST else None


def _nameless(item: Object) -> Iterator[str]:
    """Resources that are told by a name and a weight, but by no number."""
    for each in _objects(_meta(item).get("resources")):
        name, kind = each.get("name"), each.get("type")
        if isinstance(name, str) and kind != "model":
            yield f"what is told of the resource {name[:60]!r}"


def _meta(item: Object) -> Object:
    meta = item.get("meta")
    inner = meta.get("meta") if isinstance(meta, dict) else None
    found = inner if isinstance(inner, dict) else meta
    return found if isinstance(found, dict) else {}


def _objects(value: JsonValue) -> list[Object]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def extras_of(used: Sequence[Used], checkpoint: Used | None, meta: Meta) -> dict[str, JsonValue]:
    """What goes to CivitAI alone: networks that fit, and words that the engine knows."""
    if checkpoint is None:
        meta.left_out += ["model", *_words_of(meta), *(f"resource {each.version}" for each in used)]
        return {}
    engine = engine_for(checkpoint.air.family) or TEXT_TO_IMAGE
    networks = [each for each in used if each is not checkpoint]
    fitting = [each for each in networks if _is_taken(each, checkpoint, engine)]
    meta.left_out += [f"resource {each.version}" for each in networks if each not in fitting]
    loras = {str(each.version): _weight(each, meta) for each in _of("lora", fitting)}
    embeddings = [str(each.version) for each in _of("embedding", fitting)]
    vaes = [str(each.version) for each in _of("vae", fitting)]
    meta.left_out += [f"resource {version}" for version in vaes[1:]]
    extras: dict[str, JsonValue] = {
        "loras": {**loras},
        "embeddings": [*embeddings],
        "vae": next(iter(vaes), None),
        "sampler": _sampler(engine, meta),
        "clip_skip": _clip_skip(engine, meta),
    }
    return {name: value for name, value in extras.items() if value not in (None, {}, [])}


def _of(role: Role, used: Sequence[Used]) -> list[Used]:
    return [each for each in used if each.role == role]


def _is_taken(network: Used, checkpoint: Used, engine: Engine) -> bool:
    takes: Mapping[Role | None, bool] = {
        "lora": True,
        "vae": True,
        "embedding": engine.has_embeddings,
    }
    return network.fits(checkpoint) and takes.get(network.role, False)


def _weight(lora: Used, meta: Meta) -> float:
    if lora.weight is None:
        meta.left_out.append(f"the weight of resource {lora.version}, which is not told")
    return USUAL_WEIGHT if lora.weight is None else lora.weight


def _sampler(engine: Engine, meta: Meta) -> str | None:
    if meta.sampler is None:
        return None
    try:
        sampling(engine, meta.sampler, None, ADAPTER)
    except ImagewayError:
        meta.left_out.append(f"sampler {meta.sampler!r}")
        return None
    return meta.sampler


def _clip_skip(engine: Engine, meta: Meta) -> int | None:
    if meta.clip_skip is not None and not engine.has_clip_skip:
        meta.left_out.append("clip_skip")
        return None
    return meta.clip_skip


def _words_of(meta: Meta) -> Iterator[str]:
    if meta.sampler is not None:
        yield f"sampler {meta.sampler!r}"
    if meta.clip_skip is not None:
        yield "clip_skip"

"""What a request draws with: a checkpoint and its networks, each found, and fit for each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from imageway.adapters.civitai.air import Air, Broken, read_air
from imageway.adapters.civitai.extras import Extras
from imageway.adapters.civitai.naming import Name, read_name
from imageway.adapters.civitai.site import Site, unknown_version
from imageway.adapters.civitai.wire import Mini
from imageway.core.errors import ErrorCode, ImagewayError, invalid

Role = Literal["checkpoint", "lora", "embedding", "vae", "clip_l", "t5xxl"]

# The words of AIRs; a checkpoint's main file may be less than a whole checkpoint.
TYPES_BY_ROLE: Mapping[Role, frozenset[str]] = {
    "checkpoint": frozenset({"checkpoint", "diffusionmodel", "unet", "model"}),
    "lora": frozenset({"lora", "lycoris", "dora", "locon"}),
    "embedding": frozenset({"embedding"}),
    "vae": frozenset({"vae"}),
}
EXTRA_BY_TYPE: Mapping[str, str] = {
    "lora": "loras",
    "lycoris": "loras",
    "dora": "loras",
    "embedding": "embeddings",
    "vae": "vae",
}
# These fit whatever family they are filed under.
ANY_FAMILY = frozenset({"other", "multi"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """A resource as it was asked for."""

    role: Role
    name: Name
    weight: float | None = None


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource as it was found; `mini` is what the site knows of it, where it was asked."""

    role: Role
    param: str
    air: Air
    weight: float | None = None
    mini: Mini | None = None

    @property
    def title(self) -> str:
        """Its name on the site, else its AIR."""
        mini = self.mini
        named = " ".join(filter(None, (mini.model_name, mini.version_name))) if mini else ""
        return named or str(self.air)


def wanted_of(model: str, extras: Extras, place: str, own_host: str) -> list[Wanted]:
    """Everything that a request names; raises invalid_request for what names nothing."""
    hosts = (own_host,)

    def named(role: Role, text: str, field: str, weight: float | None = None) -> Wanted:
        param = field if field == "model" else f"{place}.{field}"
        return Wanted(role, read_name(text, param, hosts), weight)

    single: tuple[tuple[Role, str | None], ...] = (
        ("vae", extras.vae),
        ("clip_l", extras.clip_l),
        ("t5xxl", extras.t5xxl),
    )
    return [
        named("checkpoint", model, "model"),
        *(named("lora", text, "loras", weight) for text, weight in extras.loras.items()),
        *(named("embedding", text, "embeddings") for text in extras.embeddings),
        *(named(role, text, role) for role, text in single if text is not None),
    ]


async def found(wanted: Wanted, site: Site, *, asks: bool) -> Resource:
    """Find a resource: by its AIR alone where the site need not be asked."""
    name = wanted.name
    version_id = name.version_id
    if version_id is None and name.model_id is not None:
        version_id = await _newest(name, site)
    if version_id is None and name.air is None:
        raise unknown_version(name.text, name.param)
    if name.air is not None and (version_id is None or not asks):
        air = name.air if version_id is None else replace(name.air, version=str(version_id))
        return Resource(wanted.role, name.param, air, wanted.weight)
    mini = await _mini(name, version_id or 0, site)
    return Resource(wanted.role, name.param, _air(mini, name), wanted.weight, mini)


async def _mini(name: Name, version_id: int, site: Site) -> Mini:
    try:
        return await site.mini(version_id)
    except ImagewayError as error:
        if error.info.code is ErrorCode.NOT_FOUND:
            raise unknown_version(name.text, name.param) from error
        raise


async def _newest(name: Name, site: Site) -> int:
    """The newest version of a model that was named without one."""
    try:
        page = await site.model(name.model_id or 0)
    except ImagewayError as error:
        if error.info.code is ErrorCode.NOT_FOUND:
            raise unknown_version(name.text, name.param) from error
        raise
    if not page.versions:
        raise unknown_version(name.text, name.param)
    return page.versions[0].id


def _air(mini: Mini, name: Name) -> Air:
    """The site's own identifier, with the file that was named."""
    try:
        air = read_air(mini.air)
    except Broken:
        raise ImagewayError(
            ErrorCode.BAD_ANSWER,
            f"CivitAI's site calls a version {mini.air[:100]!r}, which is no AIR",
            origin="vendor",
        ) from None
    return replace(air, suffix=name.air.suffix) if name.air else air


def check_together(resources: Sequence[Resource]) -> None:
    """Refuse what is of another type, or of another family than its checkpoint."""
    for error in _clashes(resources):
        raise error


def _clashes(resources: Sequence[Resource]) -> Iterator[ImagewayError]:
    checkpoint = resources[0]
    for resource in resources:
        if (wrong := _wrong_type(resource)) is not None:
            yield wrong
    for resource in resources[1:]:
        families = (resource.air.family, checkpoint.air.family)
        if None in families or families[0] in ANY_FAMILY or families[0] == families[1]:
            continue
        yield invalid(
            resource.param,
            f"{resource.param}: {resource.title!r} is made for {_family(resource)}, "
            f"and {checkpoint.title!r} is {_family(checkpoint)}",
            f"choose a {resource.role} for {_family(checkpoint)}, or another checkpoint",
        )


def _wrong_type(resource: Resource) -> ImagewayError | None:
    kind, allowed = resource.air.type, TYPES_BY_ROLE.get(resource.role)
    if kind is None or allowed is None or kind in allowed:
        return None
    hint = "give an AIR of the right type"
    if resource.role == "checkpoint" and kind in EXTRA_BY_TYPE:
        extra = EXTRA_BY_TYPE[kind]
        hint = f"ask for a checkpoint, and give this one in the extras as civitai.{extra}"
    elif kind in TYPES_BY_ROLE["checkpoint"]:
        hint = "a checkpoint is asked for as the model itself"
    return invalid(
        resource.param,
        f"{resource.title!r} is of the type {kind!r}, and here a {resource.role} is needed",
        hint,
    )


def _family(resource: Resource) -> str:
    base = resource.mini.base_model if resource.mini else None
    return base or resource.air.ecosystem or "another family"

"""A route or provider/model → the models that will be asked, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.options import Option
from imageway.core.request import ImageRequest
from imageway.providers.config import Route, RouteEntry
from imageway.providers.loading import Source, nearest
from imageway.providers.onward import Path, Rules, Step
from imageway.providers.registry import Provider
from imageway.providers.tables.conditions import CURABLE
from imageway.providers.tables.money import MaxPrice

NOT_BY_DEFAULT = frozenset({"prompt", "model", "count"})
# Whoever gives one of these has given both.
SHAPES = frozenset({Option.SIZE, Option.ASPECT})


@dataclass(frozen=True, slots=True)
class Target:
    """One provider's model, the wishes that its route fills in, and the way that leads here."""

    provider: str
    model: str
    defaults: Mapping[str, JsonValue]
    path: Path = ()

    @property
    def name(self) -> str:
        """Written provider/model."""
        return f"{self.provider}/{self.model}"

    @property
    def ceilings(self) -> tuple[MaxPrice, ...]:
        """What its routes let one picture cost, the outermost first; each of them holds."""
        return tuple(step.rules.ceiling for step in self.path if step.rules.ceiling is not None)

    def fill(self, request: ImageRequest) -> ImageRequest:
        """Fill the wishes that the caller left open."""
        asked = {*request.wishes, *(request.model_fields_set - set(Option))}
        if asked & SHAPES:
            asked |= SHAPES
        filled = {name: value for name, value in self.defaults.items() if name not in asked}
        if not filled:
            return request
        kept = {name: getattr(request, name) for name in request.model_fields_set - filled.keys()}
        return ImageRequest.build({**filled, **kept})


def check_routes(source: Source) -> None:
    """Refuse routes that name nothing, or each other in a circle."""
    for name in source.config.routes:
        list(_expand(source, name, ()))


def route_mistakes(source: Source) -> Iterator[ImagewayError]:
    """Everything that is wrong with the steps of routes, each step looked at on its own."""
    config = source.config
    for name, route in config.routes.items():
        for entry in route.entries:
            alone = route.model_copy(update={"entries": (entry,)})
            routes = {**config.routes, name: alone}
            apart = replace(source, config=config.model_copy(update={"routes": routes}))
            try:
                list(_expand(apart, name, ()))
            except ImagewayError as error:
                yield error


def _expand(source: Source, name: str, path: tuple[str, ...]) -> Iterator[Target]:
    routes = source.config.routes
    if name in path:
        raise _circle(source, path[path.index(name) :])
    rules = rules_of(routes[name])
    for place, entry in enumerate(routes[name].entries):
        step = Step(name, place, rules)
        if entry.model in routes:
            for target in _expand(source, entry.model, (*path, name)):
                defaults = {**target.defaults, **entry.defaults}
                yield replace(target, defaults=defaults, path=(step, *target.path))
        else:
            yield replace(_target(source, name, entry), path=(step,))


def rules_of(route: Route) -> Rules:
    """What a route says beside its list."""
    codes = CURABLE if route.fall_back_on is None else route.fall_back_on
    return Rules(codes, route.top_up, route.order == "least_wait", route.max_price)


def _circle(source: Source, members: tuple[str, ...]) -> ImagewayError:
    """Told of the first of them in the file, from wherever the circle was entered."""
    first = next(name for name in source.config.routes if name in members)
    at = members.index(first)
    circle = [*members[at:], *members[:at], first]
    return source.mistake(
        ("routes", first, "try"),
        f"try: routes go in a circle: {' → '.join(circle)}",
        f"take {circle[1]!r} out of the list of {first!r}, or name a model there",
    )


def _target(source: Source, route: str, entry: RouteEntry) -> Target:
    provider, slash, model = entry.model.partition("/")
    if not slash or not model or provider not in source.config.providers:
        raise source.mistake(
            ("routes", route, "try"),
            f"try: {entry.model!r} is neither a route nor provider/model",
            _near(entry.model, source.config.routes, source.config.providers),
        )
    _check_defaults(source, route, entry)
    return Target(provider, model, entry.defaults)


def _near(model: str, routes: Iterable[str], providers: Iterable[str]) -> str | None:
    """The same model at a provider of nearly that name, else the nearest name of all."""
    provider, slash, name = model.partition("/")
    close = get_close_matches(provider, providers, n=1) if slash else []
    if close:
        return f"did you mean '{close[0]}/{name[:100] or '…'}'?"
    return nearest(model, [*routes, *(f"{each}/…" for each in providers)])


def _check_defaults(source: Source, route: str, entry: RouteEntry) -> None:
    for name in NOT_BY_DEFAULT & entry.defaults.keys():
        raise source.mistake(
            ("routes", route, "try"),
            f"try: defaults: {name!r} is the caller's and no wish",
            "leave it out of defaults",
        )
    try:
        ImageRequest.build({"prompt": "x", **entry.defaults})
    except ImagewayError as error:
        raise source.mistake(
            ("routes", route, "try"), f"try: defaults: {error.info.message}", error.info.hint
        ) from error


class Router:
    """The routes of one snapshot over its living providers."""

    def __init__(self, source: Source, providers: Mapping[str, Provider]) -> None:
        check_routes(source)
        self._providers = providers
        self._routes = {name: tuple(_expand(source, name, ())) for name in source.config.routes}

    @property
    def routes(self) -> Mapping[str, tuple[Target, ...]]:
        """Each route with everything behind it, disabled providers included."""
        return self._routes

    def targets(self, model: str) -> tuple[Target, ...]:
        """Whom to ask, without the disabled; raises not_found or unavailable with near names."""
        if model in self._routes:
            return self._enabled(model, self._routes[model])
        provider, slash, name = model.partition("/")
        if slash and name and provider in self._providers:
            return self._enabled(model, (Target(provider, name, {}),))
        raise ImagewayError(
            ErrorCode.NOT_FOUND,
            f"there is no model {model[:100]!r}",
            hint=_near(model, self._routes, self._providers),
            details={"param": "model"},
        )

    def every(self, model: str) -> tuple[Target, ...]:
        """The same with the disabled, in the order of the file; raises where nobody is enabled."""
        found = self.targets(model)
        return self._routes.get(model, found)

    def _enabled(self, model: str, targets: tuple[Target, ...]) -> tuple[Target, ...]:
        enabled = tuple(each for each in targets if not self._providers[each.provider].disabled)
        if enabled:
            return enabled
        reasons = {each: self._providers[each].disabled for each in {t.provider for t in targets}}
        raise ImagewayError(
            ErrorCode.UNAVAILABLE,
            f"every provider behind {model!r} is disabled",
            hint="; ".join(f"{name}: {reason}" for name, reason in sorted(reasons.items())),
            details={"param": "model"},
        )

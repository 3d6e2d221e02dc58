"""Whom the feature flags speak of: keys and providers that exist."""

from __future__ import annotations

from collections.abc import Iterable

from imageway.providers.loading import Source, nearest
from imageway.providers.tables.features import FLAG_BY_NAME, Rollout


def check_features(source: Source) -> None:
    """Refuse flags that speak of nobody, or of callers where only providers can be told apart."""
    config = source.config
    for name, setting in config.features.settings.items():
        if FLAG_BY_NAME[name].about == "providers":
            _refuse_callers(source, name, setting)
        _refuse_unknown(source, (name, "keys"), setting.keys or (), config.keys)
        _refuse_unknown(source, (name, "providers"), setting.providers or (), config.providers)


def _refuse_callers(source: Source, name: str, setting: Rollout) -> None:
    for key in ("keys", "percent"):
        if getattr(setting, key) is not None:
            message = f"{key}: {name} is about providers and cannot tell callers apart"
            raise source.mistake(("features", name, key), message, "name providers instead")


def _refuse_unknown(
    source: Source, place: tuple[str, str], named: Iterable[str], known: Iterable[str]
) -> None:
    for each in named:
        if each not in known:
            kind = place[1].removesuffix("s")
            message = f"{place[1]}: there is no {kind} {each!r}"
            raise source.mistake(("features", *place), message, nearest(each, known))

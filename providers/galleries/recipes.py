"""How a picture of a gallery was made: whose picture is meant, and what its vendor says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from imageway.core.adapter import RecallsRecipes
from imageway.core.errors import ErrorCode, ImagewayError, invalid
from imageway.core.powers import Recipe
from imageway.providers.asking import Asking, ask_through
from imageway.providers.galleries.browsing import switched_off
from imageway.providers.registry import Provider
from imageway.providers.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Recalled:
    """A recipe, and the provider that told it."""

    provider: str
    recipe: Recipe

    @property
    def model(self) -> str | None:
        """The recipe's model as one that can be asked for."""
        return None if self.recipe.model is None else f"{self.provider}/{self.recipe.model}"


async def recalled(snapshot: Snapshot, item: str, model: str | None = None) -> Recalled:
    """Ask for one picture's recipe: PROVIDER:ID, or an ID at whoever draws the model and knows.

    Raises not_found for no such picture, unsupported where nobody can be asked.
    """
    name, colon, rest = item.partition(":")
    if colon and name in snapshot.providers:
        provider, item = snapshot.providers[name], rest
    else:
        provider = _meant(snapshot, model)
    adapter = provider.adapter
    if provider.disabled:
        raise switched_off(provider)
    if not isinstance(adapter, RecallsRecipes):
        raise _nobody(provider)
    gallery, seconds = provider.state.gallery, provider.policies.timeout.attempt
    asking = Asking(gallery.listing().breaker, gallery.repeating, seconds, gallery.slots)
    recipe = await ask_through(asking, provider.name, lambda: adapter.recipe(item))
    return Recalled(provider.name, recipe)


def _meant(snapshot: Snapshot, model: str | None) -> Provider:
    """The first behind the model that recalls recipes, else the only one that does at all."""
    names = [] if model is None else [each.provider for each in snapshot.router.targets(model)]
    behind = _recalling([snapshot.providers[name] for name in names])
    if behind:
        return behind[0]
    every = _recalling([*snapshot.providers.values()])
    if len(every) == 1:
        return every[0]
    if every:
        names = [f"{each.name}:ID" for each in every]
        raise invalid("like", "more than one provider has such pictures", f"say {_or(names)}")
    disabled = [each for each in snapshot.providers.values() if each.disabled]
    raise ImagewayError(
        ErrorCode.UNSUPPORTED,
        "no provider of this configuration tells how its pictures were made",
        hint="; ".join(f"{each.name} is disabled: {each.disabled}" for each in disabled) or None,
    )


def _recalling(providers: Sequence[Provider]) -> list[Provider]:
    usable = [each for each in providers if not each.disabled]
    return [each for each in usable if isinstance(each.adapter, RecallsRecipes)]


def _or(names: Sequence[str]) -> str:
    return " or ".join(names)


def _nobody(provider: Provider) -> ImagewayError:
    message = f"{provider.name} does not tell how its pictures were made"
    return ImagewayError(ErrorCode.UNSUPPORTED, message, provider=provider.name)

"""How many unfinished pictures are asked for where the person did not say."""

from __future__ import annotations

from imageway.core.options import Option
from imageway.providers.describing import describing
from imageway.providers.snapshot import Snapshot

USUAL = 2


async def usual_previews(snapshot: Snapshot, model: str) -> int:
    """As many as the configuration says; without a word only where drawing costs nothing.

    None are asked of a model that has none; raises where the model names nobody.
    """
    target = snapshot.router.targets(model)[0]
    provider = snapshot.providers[target.provider]
    wanted = snapshot.source.config.chat.previews
    if wanted is None:
        wanted = USUAL if provider.config.cost == "local" else 0
    if not wanted or provider.adapter is None:
        return 0
    can = await describing(provider.adapter)(target.model)
    return wanted if Option.PREVIEWS in can.options else 0

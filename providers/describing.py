"""What an adapter says of a model; whatever keeps it from saying, a request is not refused."""

from __future__ import annotations

import logging

from imageway.core.adapter import Adapter
from imageway.core.capability import Capabilities
from imageway.core.door import guarded
from imageway.core.errors import ImagewayError
from imageway.core.negotiate import Describe

log = logging.getLogger("imageway")

# Mostly it is a look into a table; a vendor that must be asked has this long.
SECONDS = 10.0


def describing(adapter: Adapter, seconds: float = SECONDS) -> Describe:
    """Bound a description in time, and answer permissively where none is to be had."""

    async def describe(model: str) -> Capabilities:
        try:
            return await guarded(lambda: adapter.describe(model), seconds)
        except ImagewayError as error:
            log.warning("no description of %r: %s", model, error)
            return Capabilities.permissive()

    return describe

"""What the gateway prints when it is ready: where it is, who can draw, and a line to try."""

from __future__ import annotations

from collections.abc import Iterator

from imageway import __version__
from imageway.providers.snapshot import Snapshot
from imageway.serving.process import url_of

TRY = '{"model":"default","prompt":"a red circle over a blue sea","n":2}'


def readiness(snapshot: Snapshot, host: str, port: int) -> str:
    """The lines, ready to be printed."""
    return "\n".join(_lines(snapshot, url_of(host, port))) + "\n"


def _lines(snapshot: Snapshot, url: str) -> Iterator[str]:
    yield f"imageway {__version__} is ready at {url}"
    for name, provider in snapshot.providers.items():
        state = f"disabled: {provider.disabled}" if provider.disabled else "enabled"
        yield f"  {name:<16} {state}"
        if order := provider.state.rehearsal.order:
            yield f"  {name:<16} CHAOS: it only rehearses: {order}"
    for name, reason in snapshot.keys.disabled.items():
        yield f"  the key {name} lets nobody in: {reason}"
    key = " -H 'authorization: Bearer YOUR_KEY'" if snapshot.keys.demanded else ""
    yield "try:"
    yield (
        f"  curl -s {url}/v1/images/generations -H 'content-type: application/json'{key} "
        f"-d '{TRY}' -o answer.json"
    )

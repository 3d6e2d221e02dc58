"""imageway check: is the configuration right, and is anything missing?"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from imageway.cli.command import Command, Exit
from imageway.cli.opening import provisioned
from imageway.cli.output import clean, say, tell
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.config import is_loopback
from imageway.providers.features import warnings
from imageway.providers.snapshot import Snapshot


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--strict", action="store_true", help="fail where check only warns")


def _run(chosen: Namespace) -> int:
    snapshot = provisioned(chosen.config)
    found = list(_warnings(snapshot))
    for warning in found:
        tell(f"warning: {clean(warning)}")
    say(_summary(snapshot))
    return Exit.NOTHING if found and chosen.strict else Exit.DONE


def _warnings(snapshot: Snapshot) -> Iterator[str]:
    for provider in snapshot.providers.values():
        if provider.disabled:
            yield f"provider {provider.name!r} is disabled: {provider.disabled}"
    for name in snapshot.router.routes:
        try:
            snapshot.router.targets(name)
        except ImagewayError as error:
            yield f"route {name!r}: {error.info.message}"
    yield from _key_warnings(snapshot)
    yield from warnings(snapshot.source.config.features, datetime.now(UTC).date())
    config = snapshot.source.config
    if "default" not in config.routes:
        yield "there is no route 'default'; `imageway generate` then always needs -m"
    if not config.keys and not is_loopback(config.gateway.address[0]):
        yield f"the gateway would listen on {config.gateway.listen} and let anybody in: add a key"


def _key_warnings(snapshot: Snapshot) -> Iterator[str]:
    for name, reason in snapshot.keys.disabled.items():
        yield f"key {name!r} lets nobody in: {reason}"
    for name, key in snapshot.source.config.keys.items():
        yield from _unknown(snapshot, name, key.allow or ())


def _unknown(snapshot: Snapshot, key: str, allowed: Iterable[str]) -> Iterator[str]:
    for model in allowed:
        try:
            snapshot.router.targets(model)
        except ImagewayError as error:
            if error.info.code is ErrorCode.NOT_FOUND:
                near = f"; {error.info.hint}" if error.info.hint else ""
                yield f"key {key!r} allows {model!r}, which is no model{near}"


def _summary(snapshot: Snapshot) -> str:
    where = snapshot.source.path or "no plugins.toml here, so the built-in demo"
    config = snapshot.source.config
    counts = (
        _counted(len(config.providers), "provider"),
        _counted(len(config.routes), "route"),
        _counted(len(config.keys), "key"),
    )
    return f"{where}: well formed, {', '.join(counts)}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


COMMAND = Command("check", "check the configuration; asks nobody", _arguments, _run)

"""What is no mistake in a plugins.toml but will surprise: secrets, keys, addresses, names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.config import is_loopback
from imageway.providers.snapshot import Snapshot
from imageway.providers.tables.features import past_their_end


def warnings(snapshot: Snapshot) -> Iterator[str]:
    """Everything worth knowing before the gateway is started; nobody is asked."""
    yield from _providers(snapshot)
    yield from _routes(snapshot)
    yield from _keys(snapshot)
    yield from _gateway(snapshot)
    yield from past_their_end(snapshot.source.config.features, datetime.now(UTC).date())


def _providers(snapshot: Snapshot) -> Iterator[str]:
    for provider in snapshot.providers.values():
        if provider.disabled:
            yield f"provider {provider.name!r} is disabled: {provider.disabled}"
        if provider.config.network != "private":
            yield from _private_addresses(provider.name, provider.config.own)


def _private_addresses(name: str, own: Mapping[str, object]) -> Iterator[str]:
    """Addresses that would be refused when the first request comes."""
    for key, value in own.items():
        if isinstance(value, str) and value.startswith(("http://", "https://")):
            host = urlsplit(value).hostname or ""
            if _is_private(host):
                yield (
                    f"provider {name!r}: {key} leads to {host}, which is not public and will be "
                    f'refused; write network = "private"'
                )


def _is_private(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _routes(snapshot: Snapshot) -> Iterator[str]:
    for name in snapshot.router.routes:
        try:
            snapshot.router.targets(name)
        except ImagewayError as error:
            yield f"route {name!r}: {error.info.message}"
    if "default" not in snapshot.source.config.routes:
        yield "there is no route 'default'; `imageway generate` then always needs -m"


def _keys(snapshot: Snapshot) -> Iterator[str]:
    for name, reason in snapshot.keys.disabled.items():
        yield f"key {name!r} lets nobody in: {reason}"
    for name, key in snapshot.source.config.keys.items():
        for model in key.allow or ():
            yield from _unknown(snapshot, name, model)


def _unknown(snapshot: Snapshot, key: str, model: str) -> Iterator[str]:
    try:
        snapshot.router.targets(model)
    except ImagewayError as error:
        if error.info.code is ErrorCode.NOT_FOUND:
            near = f"; {error.info.hint}" if error.info.hint else ""
            yield f"key {key!r} allows {model!r}, which is no model{near}"


def _gateway(snapshot: Snapshot) -> Iterator[str]:
    config = snapshot.source.config
    if not config.keys and not is_loopback(config.gateway.address[0]):
        yield f"the gateway would listen on {config.gateway.listen} and let anybody in: add a key"

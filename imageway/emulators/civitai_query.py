"""The query of a request, as CivitAI's two servers read it."""

from __future__ import annotations

from urllib.parse import parse_qsl

from imageway.emulators.heard import Heard

TRUE = frozenset({"true", "1", "yes", "on", "y", "enabled"})


def parameters(heard: Heard) -> dict[str, str]:
    """The last value of each parameter."""
    return dict(parse_qsl(heard.query, keep_blank_values=True))


def all_of(heard: Heard, name: str) -> list[str]:
    """Every value of a parameter that may be repeated."""
    pairs = parse_qsl(heard.query, keep_blank_values=True)
    return [value for key, value in pairs if key == name]


def is_true(heard: Heard, name: str, usual: bool = False) -> bool:
    """A flag."""
    value = parameters(heard).get(name)
    return usual if value is None else value.lower() in TRUE


def token_of(heard: Heard) -> str | None:
    """The token of a request: the header wins over the query."""
    scheme, _, token = (heard.header("Authorization") or "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token
    return parameters(heard).get("token")

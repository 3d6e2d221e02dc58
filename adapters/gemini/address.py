"""Where Google's APIs are: base URLs as people paste them, and the addresses built on them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

DEVELOPER_HOST = "generativelanguage.googleapis.com"
VERTEX_HOST = "aiplatform.googleapis.com"
GOOGLES = ".googleapis.com"
DEVELOPER_VERSION, VERTEX_VERSION = "v1beta", "v1beta1"
MULTI_REGIONS = frozenset({"us", "eu"})

# Behind the host: perhaps a prefix of a proxy, perhaps a version, perhaps a route of the API.
PASTED = re.compile(
    r"(?P<prefix>.*?)"
    r"(?:/(?P<version>v1(?:alpha|beta1|beta|main)?))?"
    r"(?P<route>/(?:openai|models|chat|images|projects|publishers|upload|files|interactions)"
    r"(?:[/:].*)?)?"
)


@dataclass(frozen=True, slots=True)
class Base:
    """A base URL taken apart; `is_route` when it was the address of one route."""

    root: str
    version: str | None
    is_route: bool

    @property
    def host(self) -> str:
        """Whose machine it is."""
        return urlsplit(self.root).hostname or ""


def read_base(url: str) -> Base:
    """Take a pasted URL apart; raises ValueError where it cannot be one."""
    url = url.strip()
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f'must be an http or https address, such as "https://{DEVELOPER_HOST}"')
    if parts.username or parts.password or "key=" in parts.query:
        raise ValueError("must not hold a name, a password or a key; a key belongs into api_key")
    found = PASTED.fullmatch(parts.path.rstrip("/"))
    prefix = found["prefix"] if found else parts.path
    version = found["version"] if found else None
    route = found["route"] if found else None
    root = f"{parts.scheme}://{parts.netloc}{prefix}"
    return Base(root, None if version == "v1main" else version, route is not None)


def is_googles(base: Base) -> bool:
    """Whether it is Google itself that answers."""
    return f".{base.host}".endswith(GOOGLES)


def vertex_root(location: str) -> str:
    """The host of a location."""
    if location == "global":
        return f"https://{VERTEX_HOST}"
    if location in MULTI_REGIONS:
        return f"https://aiplatform.{location}.rep.googleapis.com"
    return f"https://{location}-{VERTEX_HOST}"


@dataclass(frozen=True, slots=True)
class Address:
    """Where one account's API is; `resource` is what stands between the version and the models."""

    root: str
    version: str
    resource: str = ""

    @property
    def told(self) -> str:
        """The part that all addresses share."""
        return f"{self.root}/{self.version}{self.resource}"

    def method(self, model: str, verb: str) -> str:
        """A method of a model."""
        return f"{self.told}/models/{model}:{verb}"

    def model(self, name: str) -> str:
        """What is known of a model; on Vertex it belongs to no project."""
        return f"{self.models}/{name}"

    @property
    def models(self) -> str:
        """The list of models."""
        publisher = "/publishers/google" if self.resource else ""
        return f"{self.root}/{self.version}{publisher}/models"

    @property
    def upload(self) -> str:
        """Where a file is begun."""
        return f"{self.root}/upload/{self.version}/files"

    def file(self, name: str) -> str:
        """One file, by its name with its prefix."""
        return f"{self.root}/{self.version}/{name}"

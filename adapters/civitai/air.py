"""AIRs, the identifiers of models and other resources: read, written, compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

WORD = r"[\w/-]+"
PREFIX = re.compile(r"(?:urn:)?(?:air:)?", re.IGNORECASE)
# The server's own pattern behind that; https://developer.civitai.com has the guide.
GRAMMAR = re.compile(
    rf"(?:(?P<ecosystem>{WORD}):)?(?:(?P<type>{WORD}):)?"
    rf"(?P<source>{WORD}):(?P<id>[\w/.-]+?)(?:@(?P<version>[\w/.=,%+:-]+))?",
    re.IGNORECASE,
)
# A version of the site: its number, perhaps one file of it, perhaps that file's format.
OF_THE_SITE = re.compile(r"(?P<version>\d+)(?:\+(?P<file>\d+))?(?:\.(?P<format>[\w-]+))?")
SITE = "civitai"
SOURCES = (SITE, "civitai-r2", "huggingface", "orchestrator", "dockerhub", "ghcr")
EXAMPLE = "urn:air:sdxl:checkpoint:civitai:101055@128078"

# Families that run on their root's engines, under the names that documents and answers use.
ROOT_BY_FAMILY: Mapping[str, str] = {
    "sd15": "sd1",
    "pony": "sdxl",
    "illustrious": "sdxl",
    "noobai": "sdxl",
}


class Broken(Exception):
    """Something that is no AIR; the text says why."""


@dataclass(frozen=True, slots=True)
class Air:
    """One resource; on the site the id is a model's and the version one release of it."""

    source: str
    id: str
    version: str | None = None
    ecosystem: str | None = None
    type: str | None = None
    suffix: str = ""

    def __str__(self) -> str:
        words = [word for word in (self.ecosystem, self.type) if word]
        version = f"@{self.version}{self.suffix}" if self.version else ""
        return ":".join(["urn", "air", *words, self.source, self.id]) + version

    @property
    def is_of_the_site(self) -> bool:
        """Whether the site knows it, so that it can be asked about it."""
        return self.source == SITE

    @property
    def version_id(self) -> int | None:
        """The number of a release on the site."""
        return int(self.version) if self.is_of_the_site and self.version else None

    @property
    def model_id(self) -> int | None:
        """The number of a model on the site."""
        return int(self.id) if self.is_of_the_site else None

    @property
    def family(self) -> str | None:
        """The root of its family, by which it is decided what goes together."""
        return None if self.ecosystem is None else root_of(self.ecosystem)


def root_of(ecosystem: str) -> str:
    """The family that an ecosystem's name stands for."""
    name = ecosystem.lower()
    return ROOT_BY_FAMILY.get(name, "flux2" if name.startswith("flux2") else name)


def read_air(text: str) -> Air:
    """Read an AIR in its full or a short form; raises Broken."""
    found = GRAMMAR.fullmatch(PREFIX.sub("", text.strip(), count=1))
    if found is None:
        raise Broken("it has not the form urn:air:ECOSYSTEM:TYPE:SOURCE:ID@VERSION")
    source = found["source"].lower()
    if source not in SOURCES:
        raise Broken(f"its source would be {source!r}, which is none of {', '.join(SOURCES)}")
    ecosystem, kind = found["ecosystem"], found["type"]
    air = Air(
        source,
        found["id"],
        found["version"],
        ecosystem.lower() if ecosystem else None,
        kind.lower() if kind else None,
    )
    return _of_the_site(air) if air.is_of_the_site else air


def _of_the_site(air: Air) -> Air:
    if not air.id.isdecimal():
        raise Broken(f"the model {air.id!r} is no number")
    if air.version is None:
        return air
    found = OF_THE_SITE.fullmatch(air.version)
    if found is None:
        raise Broken(f"the version {air.version!r} is no number")
    suffix = f"+{found['file']}" if found["file"] else ""
    return Air(air.source, air.id, found["version"], air.ecosystem, air.type, suffix)

"""What people write for a resource: an AIR, the number of a version, or its page's address."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from imageway.adapters.civitai.air import EXAMPLE, Air, Broken, read_air
from imageway.core.errors import ImagewayError, invalid

A_PAGE = re.compile(r"/models/(?P<model>\d{1,12})(?:/[^/]*)?/?")
A_DOWNLOAD = re.compile(r"/api/download/models/(?P<version>\d{1,12})/?")
A_PAIR = re.compile(r"\d{1,12}@(?P<version>\d{1,12})")
A_NUMBER = re.compile(r"\d{1,12}")
HOSTS = frozenset({"civitai.com", "civitai.red", "civitai.green"})
FORMS = f"give an AIR ({EXAMPLE}), the number of a version, or the address of the model's page"


@dataclass(frozen=True, slots=True)
class Name:
    """A resource as somebody named it; without an AIR the site has to be asked for it."""

    text: str
    param: str
    air: Air | None = None
    version_id: int | None = None
    model_id: int | None = None


def read_name(text: str, param: str, own_hosts: Collection[str] = ()) -> Name:
    """Understand a name; raises invalid_request that says what is wrong with it."""
    text = text.strip()
    if A_NUMBER.fullmatch(text):
        return Name(text, param, version_id=int(text))
    if pair := A_PAIR.fullmatch(text):
        return Name(text, param, version_id=int(pair["version"]))
    if "://" in text:
        return _page(text, param, own_hosts)
    if ":" not in text:
        raise _wrong(text, param, "it is neither an AIR nor a number nor an address")
    try:
        air = read_air(text)
    except Broken as broken:
        raise _wrong(text, param, str(broken)) from None
    return Name(text, param, air, air.version_id, air.model_id)


def _page(text: str, param: str, own_hosts: Collection[str]) -> Name:
    """The address of a model's page, or of a version's file."""
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        raise _wrong(text, param, "it is no address") from None
    if host not in HOSTS | {*own_hosts}:
        raise _wrong(text, param, f"{host!r} is not CivitAI")
    if found := A_DOWNLOAD.fullmatch(parts.path):
        return Name(text, param, version_id=int(found["version"]))
    found = A_PAGE.fullmatch(parts.path)
    if found is None:
        raise _wrong(text, param, "it is not the address of a model's page")
    version = parse_qs(parts.query).get("modelVersionId", [""])[-1]
    if version and not A_NUMBER.fullmatch(version):
        raise _wrong(text, param, f"its modelVersionId {version[:20]!r} is no number")
    number = int(version) if version else None
    return Name(text, param, version_id=number, model_id=int(found["model"]))


def _wrong(text: str, param: str, why: str) -> ImagewayError:
    return invalid(param, f"{text[:120]!r} names nothing at CivitAI: {why}", FORMS)

"""A name in plugins.toml → an adapter class → a living provider."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import entry_points
from pathlib import Path
from typing import Protocol, TypeGuard

from pydantic import BaseModel, ValidationError

from imageway.core.adapter import Adapter, BrowsesGallery
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.streaming import Handler
from imageway.providers.accounting.price import Terms
from imageway.providers.config import ProviderConfig
from imageway.providers.journal.journal import Journal
from imageway.providers.loading import nearest
from imageway.providers.state import State
from imageway.providers.tables.policies import Policies

GROUP = "imageway.adapters"
MEND = "mend it, or set another adapter"


class AdapterClass(Protocol):
    """What an adapter's class offers besides the port: its Config, and how it is made."""

    Config: type[BaseModel]

    def __call__(self, config: BaseModel, http: Http, memo: Memo) -> Adapter:
        """Make an adapter."""
        ...


@dataclass(slots=True, eq=False)
class Provider:
    """An adapter with a name and an account; without an adapter, `absent` says why."""

    name: str
    config: ProviderConfig
    policies: Policies
    state: State
    own: BaseModel | None = None
    adapter: Adapter | None = None
    stack: Callable[[Terms], Handler] | None = None
    http: Http | None = None
    memo: Memo | None = None
    absent: str | None = None
    journal: Journal | None = None

    @property
    def disabled(self) -> str | None:
        """Why it cannot be asked now; None when it can."""
        return self.absent or self.state.pause.reason

    async def close(self) -> None:
        """Close connections and end what is still being asked."""
        if self.memo is not None:
            await self.memo.close()
        if self.http is not None:
            await self.http.close()


def installed() -> Mapping[str, str]:
    """The adapters that packages on this machine offer, name → dotted path."""
    return {point.name: point.value for point in entry_points(group=GROUP)}


def find_adapter(reference: str, folder: Path) -> AdapterClass:
    """Find a class by entry point, "package.module:Class" or "./file.py:Class"."""
    found = find(reference, folder)
    if not _is_adapter(found):
        raise _wrong(
            f"{reference!r} is no adapter",
            "an adapter is a class with Config (a pydantic model), describe and generate",
        )
    return found


def find(reference: str, folder: Path) -> object:
    """Find whatever a reference leads to, an adapter or what proves one."""
    if ":" not in reference:
        return _by_name(reference)
    place, _, name = reference.rpartition(":")
    if place.endswith(".py"):
        return _named_in(lambda: _load_file(folder / place), name, reference)
    return _named_in(lambda: importlib.import_module(place), name, reference)


def _by_name(name: str) -> object:
    known = installed()
    if name not in known:
        raise _wrong(
            f"there is no adapter {name!r}",
            nearest(name, known) or 'name one as "package.module:Class" or "./file.py:Class"',
        )
    place, _, attribute = known[name].partition(":")
    return _named_in(lambda: importlib.import_module(place), attribute, name)


def configure(found: AdapterClass, values: Mapping[str, object]) -> BaseModel:
    """Check an adapter's own keys; raises ValidationError, or misconfigured for a bug in it."""
    try:
        return found.Config.model_validate(values)
    except ValidationError:
        raise
    except Exception as error:  # an outer wall: a plug-in's validator may raise anything
        raise _wrong(
            f"the adapter's Config broke: {type(error).__name__}: {error}", MEND
        ) from error


def make(found: AdapterClass, config: BaseModel, http: Http, memo: Memo) -> Adapter:
    """Make an adapter; raises misconfigured when it refuses to be made."""
    try:
        return found(config, http, memo)
    except ImagewayError:
        raise
    except Exception as error:  # an outer wall: a plug-in may raise anything
        raise _wrong(
            f"the adapter cannot be made: {type(error).__name__}: {error}", MEND
        ) from error


def _named_in(load: Callable[[], object], name: str, reference: str) -> object:
    try:
        module = load()
    except ImagewayError:
        raise
    except ModuleNotFoundError as error:
        raise _missing_module(reference, error) from error
    except (Exception, SystemExit) as error:  # an outer wall: a plug-in may run anything
        raise _wrong(
            f"the adapter {reference!r} cannot be loaded: {type(error).__name__}: {error}", MEND
        ) from error
    found = getattr(module, name, None)
    if found is None:
        adapters = [each for each, value in vars(module).items() if _is_adapter(value)]
        raise _wrong(f"there is no {name!r} in {reference!r}", nearest(name, adapters))
    return found


def _is_adapter(found: object) -> TypeGuard[AdapterClass]:
    config = getattr(found, "Config", None)
    return (
        isinstance(found, type)
        and isinstance(config, type)
        and issubclass(config, BaseModel)
        and all(callable(getattr(found, method, None)) for method in ("describe", "generate"))
    )


def shows_gallery(found: AdapterClass) -> bool:
    """Whether what a class makes can be browsed; known also while its secrets are missing."""
    return isinstance(found, type) and issubclass(found, BrowsesGallery)


def _load_file(path: Path) -> object:
    path = path.resolve()
    if not path.is_file():
        raise _wrong(f"there is no file {path}", "write its path as seen from this file's folder")
    # Under one name for one text, so that an adapter is another one only once its file changes.
    name = f"imageway_plugin_{sha256(bytes(path) + path.read_bytes()).hexdigest()[:16]}"
    return sys.modules.get(name) or _execute(name, path)


def _execute(name: str, path: Path) -> object:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise _wrong(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and pydantic look their module up by name to read postponed annotations.
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _missing_module(reference: str, error: ModuleNotFoundError) -> ImagewayError:
    if error.name and f"{reference.partition(':')[0]}.".startswith(f"{error.name}."):
        return _wrong(
            f"there is no module {error.name!r}", "install its package into this environment"
        )
    extra = reference if reference in installed() else None
    advice = f'pip install "imageway[{extra}]"' if extra else f"pip install {error.name}"
    return _wrong(
        f"the adapter {reference!r} needs the module {error.name!r}, which is not installed", advice
    )


def _wrong(message: str, hint: str | None = None) -> ImagewayError:
    return ImagewayError(ErrorCode.MISCONFIGURED, message, hint=hint)

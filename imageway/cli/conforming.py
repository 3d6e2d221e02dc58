"""What `imageway conform` puts to the proof: names and paths become subjects of the kit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from importlib.metadata import entry_points
from pathlib import Path

from pydantic import ValidationError

from imageway.core.adapter import ListsModels
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.memo import Memo
from imageway.emulators import serving
from imageway.emulators.base import Emulator
from imageway.providers.registry import find, find_adapter, installed
from imageway.testing import AdapterConformance
from imageway.testing.lab import Unplugged
from imageway.testing.playing import check_known_failures
from imageway.testing.subject import Build, Subject, built_from


def subjects(
    references: Sequence[str], emulator: str | None, model: str | None
) -> Iterator[Subject]:
    """One for each reference; without any, one for each adapter that is installed."""
    for reference in references or sorted(installed()):
        yield _subject(reference, emulator, model)


def _subject(reference: str, emulator: str | None, model: str | None) -> Subject:
    found = find(reference, Path())
    if isinstance(found, type) and issubclass(found, AdapterConformance):
        return _of_test(found)
    kind = _emulator(reference, emulator)
    build = built_from(find_adapter(reference, Path()), kind)
    name = reference if ":" not in reference else _short(reference, kind)
    usual = kind.usual_model if kind else None
    return Subject(name, build, kind, model or usual or asyncio.run(_first_model(build)))


def _of_test(kind: type[AdapterConformance]) -> Subject:
    try:
        subject = kind.subject()
        check_known_failures(subject)
    except (TypeError, LookupError) as error:
        raise _wrong(str(error)) from error
    return subject


def _short(reference: str, kind: type[Emulator] | None) -> str:
    return kind.name if kind else reference.rpartition(":")[2].lower()


def _emulator(adapter: str, emulator: str | None) -> type[Emulator] | None:
    """The emulator that was named, else the one of the adapter's name, else none."""
    if emulator is None and adapter not in entry_points(group=serving.GROUP).names:
        return None
    try:
        return serving.find(emulator or adapter)
    except (LookupError, ImportError) as error:
        raise _wrong(str(error.args[0])) from error


async def _first_model(build: Build) -> str:
    """What an adapter without a wire lists first."""
    memo = Memo()
    try:
        adapter = build("", Unplugged(), memo)
        models = await adapter.models() if isinstance(adapter, ListsModels) else ()
    except ValidationError as error:
        raise _wrong(
            "the adapter cannot be made without settings",
            "name its emulator with --emulator, which knows them",
        ) from error
    finally:
        await memo.close()
    if not models:
        raise _wrong("the adapter lists no model", "name one with --model")
    return models[0].name


def _wrong(message: str, hint: str | None = None) -> ImagewayError:
    return ImagewayError(ErrorCode.MISCONFIGURED, message, hint=hint)

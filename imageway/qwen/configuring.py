"""From flags, variables and a file to the settings, or one message that says what is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.qwen.settings import Settings

PREFIX = "IMAGEWAY_QWEN_"


def read_settings(
    flags: Mapping[str, object], environment: Mapping[str, str], file: Path | None = None
) -> Settings:
    """Read all three; a flag wins over a variable, a variable over the file."""
    layers: tuple[Mapping[str, object], ...] = (
        {} if file is None else _read(file),
        _named(environment),
        {name: value for name, value in flags.items() if value is not None},
    )
    merged = {name: value for layer in layers for name, value in layer.items()}
    try:
        return Settings.model_validate(merged)
    except ValidationError as error:
        raise _wrong(error) from error


def _read(file: Path) -> Mapping[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise misconfigured(f"{file} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise misconfigured(f"{file} is not TOML: {error}") from error


def _named(environment: Mapping[str, str]) -> Mapping[str, object]:
    found = {name: environment.get(PREFIX + name.upper()) for name in Settings.model_fields}
    return {name: value for name, value in found.items() if value}


def _wrong(error: ValidationError) -> ImagewayError:
    """The first mistake, in one line; a secret is never among what is shown."""
    first = error.errors(include_url=False, include_context=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        near = get_close_matches(name, Settings.model_fields, n=1)
        return misconfigured(
            f"there is no setting {name!r}", f"did you mean {near[0]!r}?" if near else None
        )
    shown = "" if name == "api_key" else f"{first['input']!r:.80}: "
    return misconfigured(f"{name}: {shown}{first['msg'].lower()}")


def misconfigured(message: str, hint: str | None = None) -> ImagewayError:
    """A mistake of whoever starts the service; it ends with exit code 78."""
    return ImagewayError(ErrorCode.MISCONFIGURED, message, hint=hint)

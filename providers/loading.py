"""From a file on disk to a checked Config, or one message that says where and what is wrong."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.config import BUILT_IN, Config
from imageway.providers.location import line_of

FILE_NAME = "plugins.toml"
Place = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Source:
    """A configuration and the text that it came from, for messages that point into it."""

    config: Config
    path: Path | None = None
    text: str = ""

    @property
    def folder(self) -> Path:
        """Where relative paths of the file start."""
        return self.path.parent if self.path else Path.cwd()

    def mistake(self, place: Place, message: str, hint: str | None = None) -> ImagewayError:
        """Say what is wrong at one key of the file."""
        return _mistake(self.path, self.text, place, message, hint)


def load(path: Path | None = None) -> Source:
    """Read the named file, else plugins.toml here, else the built-in demo; raises misconfigured."""
    if path is None:
        here = Path(FILE_NAME)
        if not here.exists():
            return Source(BUILT_IN)
        path = here
    path = path.absolute()
    text = _read(path)
    try:
        return Source(Config.model_validate(tomllib.loads(text)), path, text)
    except tomllib.TOMLDecodeError as error:
        raise _misconfigured(f"{path}: this is not TOML: {error}") from error
    except ValidationError as error:
        raise explain(error, Config, path, text) from error


def explain(
    error: ValidationError, model: type[BaseModel], path: Path | None, text: str, base: Place = ()
) -> ImagewayError:
    """Turn pydantic's first complaint into file, line, table, key, value and the nearest key."""
    first = error.errors(include_url=False)[0]
    place = [*base, *first["loc"]]
    return _mistake(path, text, place, _what(first), _advice(first, model))


def nearest(wrong: str, right: Iterable[str]) -> str | None:
    """A hint that names the closest thing that exists."""
    names = sorted(right)
    close = get_close_matches(wrong, names, n=3, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(repr(name) for name in close) + "?"
    return f"there is {', '.join(names[:20])}" if names else None


def _what(first: ErrorDetails) -> str:
    key = first["loc"][-1] if first["loc"] else "the file"
    message = first["msg"].removeprefix("Value error, ")
    match first["type"]:
        case "extra_forbidden":
            return f"unknown key {key!r}"
        case "missing":
            return f"the key {key!r} is missing"
        case _:
            return f"{key} = {_shown(first['input'])}: {message[0].lower()}{message[1:]}"


def _shown(value: object) -> str:
    """The value, but never what might be a secret: long texts are cut."""
    shown = repr(value)
    return shown if len(shown) <= 40 else f"{shown[:12]}…"


def _advice(first: ErrorDetails, model: type[BaseModel]) -> str | None:
    if first["type"] != "extra_forbidden":
        return None
    table = _table(model, first["loc"][:-1])
    return nearest(str(first["loc"][-1]), _keys(table)) if table else None


def _table(model: type[BaseModel], place: Place) -> type[BaseModel] | None:
    """The model behind a table, found by following the fields' annotations."""
    for part in place:
        field = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
        if field is None:
            continue
        found = _model_in(field.annotation)
        if found is None:
            return None
        model = found
    return model


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := _model_in(each))), None)


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _mistake(
    path: Path | None, text: str, place: Place, message: str, hint: str | None
) -> ImagewayError:
    line = line_of(text, place)
    where = f"{path or 'the built-in configuration'}" + (f", line {line}" if line else "")
    table = ".".join(str(part) for part in place[:-1])
    return _misconfigured(f"{where}: {f'[{table}] ' if table else ''}{message}", hint)


def _misconfigured(message: str, hint: str | None = None) -> ImagewayError:
    return ImagewayError(ErrorCode.MISCONFIGURED, message, hint=hint)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise _misconfigured(
            f"{path}: there is no such file",
            "name another with --config, or leave it out to use the built-in demo",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise _misconfigured(f"{path}: cannot be read: {reason}") from error

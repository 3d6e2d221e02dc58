"""From a file on disk to a checked Config, or one message that says where and what is wrong."""

from __future__ import annotations

import os
import re
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
from imageway.providers.wording import (
    REFERENCE,
    Place,
    is_plain_secret,
    most_useful,
    what,
    where,
)

FILE_NAME = "plugins.toml"
TOML_PLACE = re.compile(r" \((?:at (?:line (?P<line>\d+), column \d+|end of document))\)$")

# tomllib names a table by the parts of its name, as Python writes them.
TABLE_NAME = re.compile(r"\('(.+?)',?\)")


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

    @property
    def state(self) -> Path:
        """The folder for what must survive a restart; made by whoever first writes there."""
        if self.path is None:
            return _home_of_state()
        return self.folder / self.config.gateway.state

    @property
    def images(self) -> Path:
        """The folder of pictures that are handed out as links."""
        given = self.config.storage.path
        return self.state / "images" if given is None else self.folder / given

    def mistake(self, place: Place, message: str, hint: str | None = None) -> ImagewayError:
        """Say what is wrong at one key of the file."""
        table = where(place)[0]
        message = f"[{table}] {message}" if table else message
        return _misconfigured(self.path, line_of(self.text, place), message, hint)

    def explain(
        self,
        errors: Sequence[ErrorDetails],
        model: type[BaseModel],
        base: Place = (),
        also: Iterable[str] = (),
    ) -> ImagewayError:
        """Turn pydantic's complaints into one, with the nearest key; `also` are keys besides."""
        error = most_useful(errors)
        place = [*base, *error["loc"]]
        return self.mistake(place, what(error, place), _advice(error, place, model, also))


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
    except ValidationError as error:
        bare = Source(BUILT_IN, path, text)
        raise bare.explain(error.errors(include_url=False), Config) from error
    except (ValueError, RecursionError) as error:
        raise _not_toml(path, error) from error


def _home_of_state() -> Path:
    """Where programs without a folder of their own keep such things (XDG base directories)."""
    given = os.environ.get("XDG_STATE_HOME", "")
    return (Path(given) if given else Path.home() / ".local" / "state") / "imageway"


def nearest(wrong: str, right: Iterable[str]) -> str | None:
    """A hint that names the closest thing that exists."""
    names = sorted(set(right))
    close = get_close_matches(wrong, names, n=3, cutoff=0.5)
    if close:
        return "did you mean " + " or ".join(repr(name) for name in close) + "?"
    return f"there is {', '.join(names[:20])}" if names else None


def _advice(
    error: ErrorDetails, place: Place, model: type[BaseModel], also: Iterable[str]
) -> str | None:
    if is_plain_secret(error):
        return REFERENCE.format(key=where(place)[1])
    if error["type"] != "extra_forbidden":
        return None
    inside = error["loc"][:-1]
    table = _table(model, inside)
    if table is None:
        return None
    return nearest(str(error["loc"][-1]), [*_keys(table), *(() if inside else also)])


def _table(model: type[BaseModel], place: Place) -> type[BaseModel] | None:
    """The model behind a table, found by following the fields' annotations."""
    for part in place:
        field = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
        if field is None:
            continue
        found = model_in(field.annotation)
        if found is None:
            return None
        model = found
    return model


def model_in(annotation: object) -> type[BaseModel] | None:
    """The first model that an annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for each in get_args(annotation) if (found := model_in(each))), None)


def _keys(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _misconfigured(
    path: Path | None, line: int | None, message: str, hint: str | None = None
) -> ImagewayError:
    place = f"{path or 'the built-in configuration'}" + (f", line {line}" if line else "")
    return ImagewayError(ErrorCode.MISCONFIGURED, f"{place}: {message}", hint=hint)


def _not_toml(path: Path, error: Exception) -> ImagewayError:
    if isinstance(error, RecursionError):
        return _misconfigured(path, None, "this is not TOML: nested too deeply")
    if not isinstance(error, tomllib.TOMLDecodeError):
        return _misconfigured(path, None, "this is not TOML: a number is too long")
    words = str(error)
    found = TOML_PLACE.search(words)
    line = int(found["line"]) if found and found["line"] else None
    words = TOML_PLACE.sub("", words) if line else words
    words = TABLE_NAME.sub(lambda name: f"[{name[1]}]".replace("', '", "."), words)
    return _misconfigured(path, line, f"this is not TOML: {words[:1].lower()}{words[1:]}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise _misconfigured(
            path,
            None,
            "there is no such file",
            "name another with --config, or leave it out to use the built-in demo",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise _misconfigured(path, None, f"cannot be read: {reason}") from error

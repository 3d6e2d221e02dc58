"""From a file on disk to a checked Config, or one message that says where and what is wrong."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import get_args

from pydantic import BaseModel, JsonValue, ValidationError
from pydantic_core import ErrorDetails

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.providers.config import BUILT_IN, Config
from imageway.providers.file.location import line_of
from imageway.providers.file.wording import (
    REFERENCE,
    Place,
    is_plain_secret,
    useful,
    what,
    where,
)

FILE_NAME = "plugins.toml"
# The number of the form that files have today; migrating.py has the way from each earlier one.
SCHEMA = 1
TOML_PLACE = re.compile(r" \((?:at (?:line (?P<line>\d+), column \d+|end of document))\)$")

# tomllib names a table by the parts of its name, as Python writes them.
TABLE_NAME = re.compile(r"\('(.+?)',?\)")

HINT_BY_WORDS: Mapping[str, str] = {
    "cannot declare": "a table stands once: give the second another name, or make one of both",
    "cannot overwrite": "a key stands once in its table: keep one of the two",
    "cannot mutate": "a table in braces is complete: put the key into the braces",
    "invalid value": 'a text stands in quotes: key = "text"',
    "expected '='": 'a line is a [table] or key = "value"',
    "expected ']'": "a table's name stands in brackets: [providers.NAME]",
    "expected newline or end of document": "one key a line, and quotes around a text",
    'expected "\'"': "close the text with the quote that it began with",
    "unclosed": "close it with ] or }",
    "unterminated": "close the text with the quote that it began with",
    "illegal character": "close the text with the quote that it began with",
    "unescaped": "write a backslash twice, or put the text in single quotes",
}


class Mistakes(ImagewayError):
    """Everything that is wrong at one place; what is said first is the most useful of it."""

    each: Sequence[ErrorInfo] = ()

    @classmethod
    def of(cls, errors: Sequence[ImagewayError]) -> Mistakes:
        """Put several into one, the most useful first."""
        first = errors[0].info
        made = cls(first.code, first.message)
        made.info = first
        made.each = [info for error in errors for info in told(error)]
        return made


def told(error: ImagewayError) -> Sequence[ErrorInfo]:
    """Every mistake that an error tells of."""
    return error.each if isinstance(error, Mistakes) else (error.info,)


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
        return Mistakes.of([self._explained(each, model, base, also) for each in useful(errors)])

    def _explained(
        self, error: ErrorDetails, model: type[BaseModel], base: Place, also: Iterable[str]
    ) -> ImagewayError:
        place = [*base, *error["loc"]]
        return self.mistake(place, what(error, place), _advice(error, place, model, also))


def load(path: Path | None = None) -> Source:
    """Read the named file, else plugins.toml here, else the built-in demo; raises misconfigured."""
    path = found_at(path)
    if path is None:
        return Source(BUILT_IN)
    text, data = read(path)
    bare = Source(BUILT_IN, path, text)
    known_schema(bare, data)
    try:
        return Source(Config.model_validate(data), path, text)
    except ValidationError as error:
        raise bare.explain(error.errors(include_url=False), Config) from error


def found_at(path: Path | None) -> Path | None:
    """The file that is meant: the named one, else plugins.toml here, else none."""
    if path is None and not Path(FILE_NAME).exists():
        return None
    return (path or Path(FILE_NAME)).absolute()


def read(path: Path) -> tuple[str, dict[str, object]]:
    """A file's text and what it says as TOML; raises misconfigured."""
    text = _read(path)
    try:
        return text, tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise _not_toml(path, error, len(text.splitlines())) from error


def known_schema(bare: Source, data: Mapping[str, object]) -> None:
    """Refuse a file that is written for another imageway than this one."""
    number = data.get("schema", SCHEMA)
    if not isinstance(number, int) or isinstance(number, bool) or number == SCHEMA:
        return
    if number > SCHEMA:
        raise too_new(bare, number, SCHEMA)
    message = f"schema = {number}: must be {SCHEMA}"
    raise bare.mistake(("schema",), message, "imageway migrate --write brings the file up to date")


def too_new(source: Source, number: int, newest: int) -> ImagewayError:
    """A file whose number is of an imageway to come."""
    message = f"schema = {number}: this imageway knows up to {newest}"
    return source.mistake(("schema",), message, "install a newer imageway")


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
    if error["type"] == "missing":
        return f"add {place[-1]} = … to it"
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
    details: dict[str, JsonValue] = {"line": line} if line else {}
    return ImagewayError(ErrorCode.MISCONFIGURED, f"{place}: {message}", hint=hint, details=details)


def _not_toml(path: Path, error: Exception, last: int) -> ImagewayError:
    if isinstance(error, RecursionError):
        return _misconfigured(path, None, "this is not TOML: nested too deeply")
    if not isinstance(error, tomllib.TOMLDecodeError):
        return _misconfigured(path, None, "this is not TOML: a number is too long")
    words = str(error)
    found = TOML_PLACE.search(words)
    line = int(found["line"] or last) if found else None
    words = TOML_PLACE.sub("", words)
    words = TABLE_NAME.sub(lambda name: f"[{name[1]}]".replace("', '", "."), words)
    words = words[:1].lower() + words[1:]
    hint = next((hint for start, hint in HINT_BY_WORDS.items() if words.startswith(start)), None)
    return _misconfigured(path, line, f"this is not TOML: {words}", hint)


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

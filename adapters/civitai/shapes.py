"""The words in a refusal, found in any of the shapes that CivitAI has had."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

LONGEST_TEXT = 500

Object = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Said:
    """What stood in a refusal: words, a code, and complaints by path."""

    words: str = ""
    code: str | None = None
    complaints: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])

    @property
    def is_about_a_resource(self) -> bool:
        """Whether it is the answer that the orchestrator gives for resources it does not run."""
        return list(self.complaints) == ["messages"]

    @property
    def path(self) -> str | None:
        """The first field that is complained of."""
        return next((path for path in self.complaints if path != "messages"), None)

    @property
    def whole(self) -> str:
        """Everything in one line."""
        told = [
            text if path == "messages" else f"{path}: {text}"
            for path, texts in self.complaints.items()
            for text in texts
        ]
        return "; ".join(told) or self.words


def said_in(body: bytes) -> Said:
    """Find the words; a page says none, for a proxy made it."""
    if body.lstrip()[:1] == b"<":
        return Said()
    try:
        found: JsonValue = json.loads(body, strict=False)
    except (ValueError, RecursionError):
        return Said(body[:LONGEST_TEXT].decode("utf-8", "replace").strip())
    if isinstance(found, str):
        return Said(found)
    if isinstance(found, list):
        return Said(_joined(found))
    return _in_object(found) if isinstance(found, dict) else Said()


def _in_object(found: Object) -> Said:
    answers = (read(found) for read in READERS)
    return next((said for said in answers if said is not None), Said())


def _problem(found: Object) -> Said | None:
    """ProblemDetails with complaints by path."""
    errors = found.get("errors")
    if not isinstance(errors, dict):
        return None
    complaints = {
        path: [*map(_text, texts)] if isinstance(texts, list) else [_text(texts)]
        for path, texts in errors.items()
    }
    return Said(_text(found.get("detail")), None, complaints)


def _zod(found: Object) -> Said | None:
    """The site's list of issues: as a list, or as a text that holds one."""
    error = found.get("error")
    if isinstance(error, list):
        return Said(_joined(error))
    if not isinstance(error, dict):
        return None
    issues = error.get("issues")
    return Said(_joined(issues if isinstance(issues, list) else _hidden(error.get("message"))))


def _hidden(text: JsonValue) -> Sequence[JsonValue]:
    try:
        found: JsonValue = json.loads(_text(text), strict=False)
    except (ValueError, RecursionError):
        return [{"message": text}]
    return found if isinstance(found, list) else [{"message": text}]


def _plain(found: Object) -> Said | None:
    """A text, perhaps with a code and a longer one beside it."""
    error, code = found.get("error"), _text(found.get("code"))
    if not isinstance(error, str):
        return None
    longer = _text(found.get("error_description")) or _text(found.get("message"))
    return Said(longer or error, code or (error if longer else None))


def _message(found: Object) -> Said | None:
    for name in ("detail", "message", "title"):
        if isinstance(text := found.get(name), str):
            return Said(text, _text(found.get("code")) or None)
    return None


READERS: Sequence[Callable[[Object], Said | None]] = (_problem, _zod, _plain, _message)


def _text(value: JsonValue) -> str:
    return value if isinstance(value, str) else ""


def _joined(issues: Sequence[JsonValue]) -> str:
    return "; ".join(_issues(issues))


def _issues(issues: Sequence[JsonValue]) -> Iterator[str]:
    for issue in issues:
        if isinstance(issue, dict) and (message := _text(issue.get("message"))):
            path = issue.get("path")
            place = ".".join(map(str, path)) if isinstance(path, list) else ""
            yield f"{place}: {message}" if place else message

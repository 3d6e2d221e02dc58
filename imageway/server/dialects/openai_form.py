"""The parts of an edit's form as fields: texts become numbers, files stay files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import orjson

from imageway.core.errors import ImagewayError, invalid
from imageway.server.dialects.openai_fields import FIELD_BY_NAME
from imageway.serving.multipart import Part

PICTURE = re.compile(r"(image|images|references|mask)(?:\[\d*\])?")
TRUTH_BY_WORD: Mapping[str, bool] = {"true": True, "1": True, "false": False, "0": False}


def form_fields(parts: Sequence[Part]) -> dict[str, object]:
    """Gather parts by name; repeated pictures become a list, in their order."""
    fields: dict[str, object] = {}
    pictures: list[Part] = []
    for part in parts:
        found = PICTURE.fullmatch(part.name)
        if found and found[1] == "mask":
            fields["mask"] = part
        elif found:
            pictures.append(part)
        elif part.filename is not None:
            raise _strange_file(part)
        else:
            fields[part.name] = _typed(part)
    return fields | ({"image": pictures} if pictures else {})


def _typed(part: Part) -> object:
    """A text as what its field wants; what does not fit stays a text and is refused later."""
    try:
        text = part.data.decode()
    except UnicodeDecodeError as error:
        raise invalid(part.name, f"{part.name[:60]}: must be UTF-8 text") from error
    read = READ_BY_FIELD.get(FIELD_BY_NAME.get(part.name, part.name))
    if read is not None:
        return read(text.strip())
    return _object(text) if text.startswith("{") and part.name not in FIELD_BY_NAME else text


def _integer(text: str) -> object:
    return int(text) if re.fullmatch(r"-?\d{1,18}", text) else text


def _number(text: str) -> object:
    return float(text) if re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?", text) else text


def _truth(text: str) -> object:
    return TRUTH_BY_WORD.get(text.lower(), text)


def _object(text: str) -> object:
    """What a caller says to one provider is an object, also inside a form."""
    try:
        value: object = orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
    return value


READ_BY_FIELD: Mapping[str, Callable[[str], object]] = {
    "count": _integer,
    "seed": _integer,
    "steps": _integer,
    "previews": _integer,
    "guidance": _number,
    "stream": _truth,
    "strict": _truth,
    "recheck": _truth,
}


def _strange_file(part: Part) -> ImagewayError:
    name = part.name[:60]
    return invalid(name, f"{name}: no such file is taken", "send files as image, image[] or mask")

"""What an OpenAI request asks for, once read, and the facts that the documents leave open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from imageway.emulators.openai_models import Model
from imageway.emulators.openai_uploads import Uploads

Route = Literal["generations", "edits"]
# What `auto` becomes; the service chooses by the prompt.
USUAL_QUALITY = "medium"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the documents leave open; each default is the likelier answer."""

    streams_many: bool = True
    partials_need_stream: bool = True
    retired_status_on_edits: int = 400
    variations_status: Literal[404, 400] = 404
    default_model: str = "gpt-image-1.5"
    transparent_preview: bool = True
    reads_media_types: bool = False
    rate_limit_type: str = "input-images"
    image_limit_headers: bool = True
    verification_status: int = 403
    shut_down: frozenset[str] = frozenset()
    stream_errors: Literal["nested", "bare", "flat"] = "nested"
    chatty_streams: bool = False
    ignores_stream: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made; `given` are the parameters that the caller named."""

    route: Route
    model_name: str
    model: Model
    given: Mapping[str, JsonValue]
    uploads: Uploads
    width: int
    height: int

    def word(self, name: str, usual: str) -> str:
        """A text parameter."""
        value = self.given.get(name)
        return value if isinstance(value, str) else usual

    def number(self, name: str, usual: int) -> int:
        """A number parameter."""
        value = self.given.get(name)
        return value if isinstance(value, int) else usual

    @property
    def prompt(self) -> str:
        """The words to paint."""
        return self.word("prompt", "")

    @property
    def count(self) -> int:
        """How many pictures."""
        return self.number("n", 1)

    @property
    def format(self) -> str:
        """The format of the pictures."""
        return self.word("output_format", "png")

    @property
    def quality(self) -> str:
        """The quality that they will have."""
        quality = self.word("quality", "auto")
        return USUAL_QUALITY if quality == "auto" else quality

    @property
    def background(self) -> str:
        """The background that they will have."""
        background = self.word("background", "auto")
        return "opaque" if background == "auto" else background

    @property
    def streams(self) -> bool:
        """Whether events are asked for."""
        return self.given.get("stream") is True

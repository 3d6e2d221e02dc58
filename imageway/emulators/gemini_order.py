"""What a generateContent request asks for, once it has been read and found right."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from imageway.emulators.gemini_models import (
    CHARACTERS_PER_TOKEN,
    DRAFTING,
    INPUT_IMAGE_TOKENS,
    Model,
    Pixels,
)
from imageway.emulators.gemini_schema import Content, GenerationConfig


@dataclass(frozen=True, slots=True)
class Order:
    """One picture to be drawn; an image that lies elsewhere is None."""

    name: str
    model: Model
    contents: tuple[Content, ...]
    config: GenerationConfig
    images: tuple[Image.Image | None, ...]
    ratio: str
    size: str
    is_vertex: bool
    is_wide_1408: bool = False

    @property
    def prompt(self) -> str:
        """Everything that the last turn says."""
        last = self.contents[-1].parts or []
        return "\n".join(part.text for part in last if part.text)

    @property
    def modalities(self) -> frozenset[str]:
        """What the answer may hold; a picture is never left out."""
        return frozenset(self.config.response_modalities or ["TEXT", "IMAGE"])

    @property
    def shows_thoughts(self) -> bool:
        """Whether thoughts are to be seen in the answer."""
        thinking = self.config.thinking_config
        return self.model.thinks and thinking is not None and bool(thinking.include_thoughts)

    @property
    def drafts(self) -> bool:
        """Whether several ordinary pictures may come."""
        return self.name in DRAFTING

    @property
    def format(self) -> str:
        """The format of the picture, which can be chosen on Vertex alone."""
        options = self.config.image_config and self.config.image_config.image_output_options
        chosen = options.mime_type if options else None
        return (chosen or f"image/{self.model.format}").removeprefix("image/")

    @property
    def pixels(self) -> Pixels:
        """Width and height."""
        measured = self.model.measure(self.ratio, self.size)
        return (1408, 768) if self.is_wide_1408 and measured == (1376, 768) else measured

    @property
    def prompt_tokens(self) -> int:
        """The tokens of what was sent."""
        words = sum(len(part.text or "") for each in self.contents for part in each.parts or [])
        return -(-words // CHARACTERS_PER_TOKEN) + INPUT_IMAGE_TOKENS * len(self.images)

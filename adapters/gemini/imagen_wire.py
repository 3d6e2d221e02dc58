"""Google's words for Imagen's predict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, ConfigDict, Field

from imageway.adapters.gemini.wire import (
    Forgiven,
    OutputOptions,
    Read,
    Sent,
    Sentence,
    VendorError,
    listed,
)


class EncodedImage(Sent):
    """A picture in base64."""

    bytes_base64_encoded: str
    mime_type: str


class MaskConfig(Sent):
    """What a mask is."""

    mask_mode: str = "MASK_MODE_USER_PROVIDED"
    dilation: float | None = None


class Reference(Sent):
    """A picture with the part that it plays."""

    reference_type: str
    reference_id: int
    reference_image: EncodedImage
    mask_image_config: MaskConfig | None = None


class Instance(Sent):
    """What is drawn, changed or enlarged."""

    prompt: str | None = None
    image: EncodedImage | None = None
    reference_images: tuple[Reference, ...] | None = None


class UpscaleConfig(Sent):
    """By how much a picture grows."""

    upscale_factor: str


class Parameters(Sent):
    """How it is made."""

    sample_count: int
    include_rai_reason: bool = True
    aspect_ratio: str | None = None
    sample_image_size: str | None = None
    guidance_scale: float | None = None
    negative_prompt: str | None = None
    seed: int | None = None
    add_watermark: bool | None = None
    enhance_prompt: bool | None = None
    person_generation: str | None = None
    safety_setting: str | None = None
    language: str | None = None
    output_options: OutputOptions | None = None
    edit_mode: str | None = None
    mode: str | None = None
    upscale_config: UpscaleConfig | None = None


class PredictBody(Sent):
    """The body of predict."""

    instances: tuple[Instance, ...]
    parameters: Parameters
    labels: Mapping[str, str] | None = None


class Prediction(Read):
    """A picture, a reason for all that were filtered, or words on the prompt."""

    bytes_base64_encoded: Forgiven[str] = None
    gcs_uri: Sentence = None
    rai_filtered_reason: Sentence = None
    prompt: Sentence = None

    @property
    def is_picture(self) -> bool:
        """Whether it stands for a picture that was made."""
        return self.bytes_base64_encoded is not None or self.gcs_uri is not None


# What Vertex may add to an answer, with or without pictures.
BESIDE = frozenset({"deployedModelId", "model", "modelDisplayName", "metadata"})


class Predicted(Read):
    """The answer of predict; where nothing was made, the predictions may be missing altogether."""

    model_config = ConfigDict(extra="allow")

    predictions: Annotated[list[Forgiven[Prediction]], BeforeValidator(listed)] = Field(default=[])
    error: Forgiven[VendorError] = None

    @property
    def entries(self) -> list[Prediction]:
        """The entries that can be read."""
        return [each for each in self.predictions if each is not None]

    @property
    def is_readable(self) -> bool:
        """Whether it is an answer of predict at all, and not something else."""
        known = [each for each in self.entries if each.is_picture or each.rai_filtered_reason]
        strange = (self.model_extra or {}).keys() - BESIDE
        return bool(known) or not (self.predictions or strange)

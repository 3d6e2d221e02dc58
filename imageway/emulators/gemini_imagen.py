"""The bodies of Imagen's predict, field by field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from imageway.emulators.gemini_schema import Bytes, Message, OutputOptions


def _several(value: object) -> object:
    """The service takes one instance without its list."""
    return value if isinstance(value, list) else [value]  # pyright: ignore[reportUnknownVariableType]: pydantic checks each item


def _upper(value: object) -> object:
    return value.upper() if isinstance(value, str) else value


class Picture(Message):
    """A picture that comes along."""

    bytes_base64_encoded: Bytes | None = None
    mime_type: str | None = None
    gcs_uri: str | None = None


class MaskConfig(Message):
    """What a mask is: given, or found in the picture."""

    mask_mode: str
    mask_classes: list[int] | None = None
    dilation: float | None = None


class SubjectConfig(Message):
    """Whom a reference shows; its keys are snake case on the wire."""

    subject_type: str | None = None
    subject_description: str | None = None


class StyleConfig(Message):
    """Which style a reference shows."""

    style_description: str | None = None


class ControlConfig(Message):
    """What of a reference steers."""

    control_type: str | None = None
    enable_control_image_computation: bool | None = None


class Reference(Message):
    """A picture with the part that it plays."""

    reference_type: Literal[
        "REFERENCE_TYPE_RAW",
        "REFERENCE_TYPE_MASK",
        "REFERENCE_TYPE_CONTROL",
        "REFERENCE_TYPE_STYLE",
        "REFERENCE_TYPE_SUBJECT",
    ]
    reference_id: int | None = None
    reference_image: Picture | None = None
    mask_image_config: MaskConfig | None = None
    subject_image_config: SubjectConfig | None = None
    style_image_config: StyleConfig | None = None
    control_image_config: ControlConfig | None = None


class Instance(Message):
    """What is to be drawn, changed or enlarged."""

    prompt: str | None = None
    image: Picture | None = None
    reference_images: list[Reference] | None = None


class EditConfig(Message):
    """How long an edit takes."""

    base_steps: int | None = None


class UpscaleConfig(Message):
    """By how much a picture grows."""

    upscale_factor: Literal["x2", "x4"]


Threshold = Literal[
    "BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE", "BLOCK_ONLY_HIGH", "BLOCK_NONE"
]
People = Annotated[
    Literal["DONT_ALLOW", "ALLOW_ADULT", "ALLOW_ALL"] | None, BeforeValidator(_upper)
]


class Parameters(Message):
    """How it is to be drawn."""

    sample_count: Annotated[int, Field(ge=1, le=4)] = 4
    aspect_ratio: str = "1:1"
    sample_image_size: Literal["1K", "2K"] | None = None
    image_size: Literal["1K", "2K"] | None = None
    guidance_scale: float | None = None
    safety_setting: Threshold | None = None
    person_generation: People = None
    include_safety_attributes: bool = False
    include_rai_reason: bool = False
    language: Literal["auto", "en", "ja", "ko", "hi", "zh", "pt", "es"] | None = None
    output_options: OutputOptions | None = None
    negative_prompt: str | None = None
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] | None = None
    add_watermark: bool = True
    enhance_prompt: bool | None = None
    storage_uri: str | None = None
    mode: Literal["upscale"] | None = None
    upscale_config: UpscaleConfig | None = None
    edit_mode: str | None = None
    edit_config: EditConfig | None = None


ONLY_ON_VERTEX = frozenset(
    {
        "negative_prompt",
        "seed",
        "add_watermark",
        "enhance_prompt",
        "storage_uri",
        "mode",
        "upscale_config",
        "edit_mode",
        "edit_config",
    }
)


class Predict(Message):
    """The body of predict; labels are known on Vertex alone."""

    instances: Annotated[list[Instance], BeforeValidator(_several)]
    parameters: Parameters = Parameters()
    labels: dict[str, str] | None = None

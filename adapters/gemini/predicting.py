"""A request → the body of Imagen's predict: a drawing, an edit with a mask, or a larger picture."""

from __future__ import annotations

import asyncio
from io import BytesIO

from PIL import Image, ImageChops

from imageway.adapters.gemini import inputs
from imageway.adapters.gemini.asking import Setting, shape_of
from imageway.adapters.gemini.extras import ImagenExtras, read_extras
from imageway.adapters.gemini.imagen_wire import (
    EncodedImage,
    Instance,
    MaskConfig,
    Parameters,
    PredictBody,
    Reference,
    UpscaleConfig,
)
from imageway.adapters.gemini.models import Model
from imageway.adapters.gemini.shapes import Shape
from imageway.adapters.gemini.wire import OutputOptions
from imageway.core.errors import invalid
from imageway.core.picture import Picture
from imageway.core.request import ImageRequest
from imageway.core.run import Run

INPAINT = "EDIT_MODE_INPAINT_INSERTION"
USUAL_FACTOR = "x2"


async def predict_body(request: ImageRequest, run: Run, setting: Setting) -> PredictBody:
    """What is sent for this request; raises where Google would only refuse it."""
    inputs.check(request, setting.model)
    extras = read_extras(request, run.provider, ImagenExtras, is_vertex=setting.is_vertex)
    model = setting.model
    if model.upscales or model.edits_with_mask:
        _check_reference(request)
    if request.seed is not None and extras.add_watermark is None and not model.upscales:
        # https://cloud.google.com/vertex-ai/generative-ai/docs/image/generate-deterministic-images
        run.note("adjusted", "with a seed Imagen puts no watermark into its pictures")
    instance = await _instance(request, extras, model)
    parameters = _parameters(request, extras, model)
    return PredictBody(instances=(instance,), parameters=parameters, labels=extras.labels)


def _check_reference(request: ImageRequest) -> None:
    if not request.references:
        raise invalid(
            "references",
            f"references: {request.model!r} works on a picture, and none was sent",
            "send one, or choose a model that draws from words",
        )


async def _instance(request: ImageRequest, extras: ImagenExtras, model: Model) -> Instance:
    pictures = [await _encoded(each.picture) for each in request.references]
    if model.upscales:
        return Instance(prompt=request.prompt, image=pictures[0])
    if not pictures:
        return Instance(prompt=request.prompt)
    references = [
        Reference(reference_type="REFERENCE_TYPE_RAW", reference_id=number, reference_image=picture)
        for number, picture in enumerate(pictures, 1)
    ]
    if request.mask is not None:
        mask = await asyncio.to_thread(_white_where_clear, request.mask.picture)
        references.append(
            Reference(
                reference_type="REFERENCE_TYPE_MASK",
                reference_id=len(references) + 1,
                reference_image=await _encoded(mask),
                mask_image_config=MaskConfig(dilation=extras.mask_dilation),
            )
        )
    return Instance(prompt=request.prompt, reference_images=tuple(references))


async def _encoded(picture: Picture) -> EncodedImage:
    return EncodedImage(bytes_base64_encoded=await picture.text(), mime_type=picture.media_type)


def _white_where_clear(mask: Picture) -> Picture:
    """Imagen changes what is white in a mask; ours is transparent there."""
    try:
        alpha = Image.open(BytesIO(mask.bytes)).convert("RGBA").getchannel("A")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise invalid("mask", "mask: cannot be read", "send a whole PNG") from error
    out = BytesIO()
    ImageChops.invert(alpha).save(out, "png")
    return Picture.from_bytes(out.getvalue())


def _parameters(request: ImageRequest, extras: ImagenExtras, model: Model) -> Parameters:
    draws = not (model.upscales or model.edits_with_mask)
    shape = shape_of(request, model, extras.image_size) if draws else Shape()
    seed = None if model.upscales else request.seed
    options = OutputOptions(
        mime_type=f"image/{request.format}" if request.format else None,
        compression_quality=extras.compression_quality,
    )
    return Parameters(
        sample_count=request.count,
        aspect_ratio=shape.aspect,
        sample_image_size=shape.size,
        guidance_scale=request.guidance,
        negative_prompt=request.negative_prompt,
        seed=seed,
        add_watermark=_unless_said(extras.add_watermark, seed if draws else None),
        enhance_prompt=_unless_said(extras.enhance_prompt, seed if draws else None),
        person_generation=extras.person_generation,
        safety_setting=extras.safety_setting,
        language=extras.language,
        output_options=options if options != OutputOptions() else None,
        edit_mode=(extras.edit_mode or INPAINT) if request.mask is not None else extras.edit_mode,
        mode="upscale" if model.upscales else None,
        upscale_config=_upscale(extras) if model.upscales else None,
    )


def _unless_said(said: bool | None, seed: int | None) -> bool | None:
    """A seed is honoured only without a watermark, and without a prompt that is rewritten."""
    return False if said is None and seed is not None else said


def _upscale(extras: ImagenExtras) -> UpscaleConfig:
    return UpscaleConfig(upscale_factor=extras.upscale_factor or USUAL_FACTOR)

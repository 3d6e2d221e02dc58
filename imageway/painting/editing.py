"""Edits of a reference: fitting, tinting, turning, insets, and the mask that guards the rest."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from PIL import Image, ImageChops, ImageFilter, ImageOps

from imageway.painting.colours import COLOUR_BY_NAME, MERRY, WHITE, Colour, darker, lighter
from imageway.painting.scene import Scene
from imageway.painting.skies import STOPS_BY_SKY

STRENGTH = 0.7


def fitted(reference: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The reference at the wanted size, cut where its shape differs."""
    has_alpha = reference.mode == "RGBA" and reference.getchannel("A").getextrema() != (255, 255)
    plain = reference.convert("RGBA" if has_alpha else "RGB")
    return plain if plain.size == size else ImageOps.fit(plain, size, Image.Resampling.LANCZOS)


def changeable(mask: Image.Image, size: tuple[int, int]) -> Image.Image:
    """White where the mask is transparent, so where the picture may change."""
    if mask.mode not in {"RGBA", "LA", "PA"} and "transparency" not in mask.info:
        return Image.new("L", size)
    alpha = mask.convert("RGBA").getchannel("A")
    alpha = alpha if alpha.size == size else ImageOps.fit(alpha, size, Image.Resampling.NEAREST)
    return ImageOps.invert(alpha)


def tint_of(scene: Scene, random: Random) -> Colour | None:
    """The colour that the whole picture shall take on, if the words speak of one."""
    if EDITS.keys() & scene.edits:
        return None
    asked = [*scene.palette, *([scene.sky_colour] if scene.sky_colour else [])]
    asked.extend(ground.colour for ground in scene.grounds if ground.colour)
    if scene.sky and scene.sky != "day":
        asked.append(STOPS_BY_SKY[scene.sky][1])
    if scene.says_nothing and not asked:
        return COLOUR_BY_NAME[random.choice(MERRY)]
    return asked[0] if asked else None


def lay_out(reference: Image.Image, canvas: Image.Image) -> None:
    """Start from the reference."""
    canvas.paste(reference)


def tint(colour: Colour, canvas: Image.Image) -> None:
    """Give the picture the colour and leave it its light."""
    plain = canvas.convert("RGB")
    toned = ImageOps.colorize(
        plain.convert("L"), darker(colour, 0.8), lighter(colour, 0.85), mid=colour
    )
    _replace(canvas, Image.blend(plain, toned, STRENGTH))


def change(name: str, canvas: Image.Image) -> None:
    """Apply one of the edits."""
    _replace(canvas, EDITS[name](canvas))


def inset(picture: Image.Image, number: int, canvas: Image.Image) -> None:
    """Paste a further reference as a small print with a white border."""
    edge = max(min(canvas.size) // 4, 4)
    border = max(edge // 24, 1)
    left = border * 3 + number * (edge + border * 4)
    top = canvas.height - edge - border * 4
    card = ImageOps.fit(picture.convert("RGB"), (edge - 2 * border, edge - 2 * border))
    frame = ImageOps.expand(card, border, WHITE)
    canvas.paste(frame, (left, top))


def guard(reference: Image.Image, area: Image.Image, canvas: Image.Image) -> None:
    """Put the reference back wherever the picture may not change."""
    canvas.paste(reference, (0, 0), ImageOps.invert(area))


def _replace(canvas: Image.Image, changed: Image.Image) -> None:
    if canvas.mode == "RGBA" and changed.mode == "RGB":
        changed = changed.copy()
        changed.putalpha(canvas.getchannel("A"))
    canvas.paste(changed)


def _sepia(picture: Image.Image) -> Image.Image:
    return ImageOps.colorize(
        picture.convert("L"), (48, 30, 18), (255, 240, 214), mid=(176, 132, 88)
    )


def _negative(picture: Image.Image) -> Image.Image:
    return ImageChops.invert(picture.convert("RGB"))


def _grey(picture: Image.Image) -> Image.Image:
    return picture.convert("L").convert("RGB")


def _blur(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(max(min(picture.size) / 80, 1)))


def _turn(picture: Image.Image) -> Image.Image:
    return picture.transpose(Image.Transpose.ROTATE_180)


EDITS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "mirror": ImageOps.mirror,
    "upside": ImageOps.flip,
    "rotate": _turn,
    "black and white": _grey,
    "grey": _grey,
    "sepia": _sepia,
    "negative": _negative,
    "blur": _blur,
}

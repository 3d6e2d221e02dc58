"""What tells one sitting creature from another: coats, ears, tails and marks, as tables."""

from __future__ import annotations

from dataclasses import dataclass

from imageway.painting import outlines as o
from imageway.painting.colours import Colour
from imageway.painting.outlines import Outline


@dataclass(frozen=True, slots=True)
class Traits:
    """What tells one creature from another."""

    coat: Colour
    ears: str
    tail: str = "none"
    muzzle: Colour = (255, 246, 234)
    marks: tuple[str, ...] = ()


TRAITS_BY_KIND: dict[str, Traits] = {
    "fox": Traits((238, 116, 44), "pointed", "bushy", marks=("cheeks", "socks")),
    "wolf": Traits((124, 132, 148), "pointed", "bushy", marks=("cheeks",)),
    "cat": Traits((150, 150, 164), "pointed", "thin", marks=("whiskers", "stripes")),
    "tiger": Traits((246, 150, 46), "round", "thin", marks=("whiskers", "stripes")),
    "lion": Traits((240, 178, 78), "round", "tuft", marks=("mane", "whiskers")),
    "dog": Traits((200, 146, 92), "floppy", "thin", marks=("patch", "tongue")),
    "bear": Traits((150, 102, 66), "round", "none", muzzle=(226, 190, 150)),
    "panda": Traits((250, 250, 248), "round", "none", marks=("panda",)),
    "koala": Traits((150, 156, 168), "wide", "none", marks=("nose",)),
    "rabbit": Traits((232, 214, 202), "long", "puff", marks=("whiskers",)),
    "mouse": Traits((170, 168, 178), "wide", "thin", marks=("whiskers",)),
    "pig": Traits((250, 172, 182), "floppy", "thin", marks=("snout",)),
    "monkey": Traits((140, 92, 62), "wide", "thin", muzzle=(244, 208, 170)),
    "cow": Traits((250, 248, 244), "floppy", "thin", muzzle=(250, 190, 190), marks=("patch",)),
    "sheep": Traits((250, 248, 240), "floppy", "puff", marks=("wool",)),
    "elephant": Traits((154, 164, 182), "wide", "thin", marks=("trunk",)),
    "deer": Traits((190, 130, 84), "floppy", "puff", marks=("antlers",)),
    "frog": Traits((104, 186, 84), "eyes", "none", muzzle=(196, 226, 150)),
    "owl": Traits((158, 116, 82), "tufts", "none", marks=("beak",)),
    "dragon": Traits((92, 178, 128), "horns", "spiked", marks=("wings",)),
    "unicorn": Traits((248, 244, 252), "pointed", "rainbow", marks=("horn",)),
}

BODY = o.smooth(
    (0, 0.08), (0.3, 0.24), (0.42, 0.62), (0.38, 0.92), (0, 0.99), (-0.38, 0.92), (-0.42, 0.62),
    (-0.3, 0.24),
)  # fmt: skip
HEAD = o.smooth(
    (0, -0.76), (0.38, -0.66), (0.6, -0.32), (0.54, -0.02), (0.28, 0.2), (0, 0.25), (-0.28, 0.2),
    (-0.54, -0.02), (-0.6, -0.32), (-0.38, -0.66),
)  # fmt: skip
SHARP_HEAD = o.smooth(
    (0, -0.74), (0.36, -0.66), (0.56, -0.34), (0.68, -0.02), (0.34, 0.16), (0, 0.3), (-0.34, 0.16),
    (-0.68, -0.02), (-0.56, -0.34), (-0.36, -0.66),
)  # fmt: skip
EAR_BY_NAME: dict[str, tuple[Outline, Outline]] = {
    "pointed": (
        o.smooth((0.16, -0.6), (0.36, -0.86), (0.52, -1), (0.58, -0.8), (0.58, -0.4), (0.36, -0.4)),
        o.smooth((0.3, -0.6), (0.42, -0.78), (0.5, -0.86), (0.53, -0.74), (0.52, -0.5)),
    ),
    "round": (o.circle(0.44, -0.68, 0.21), o.circle(0.44, -0.67, 0.12)),
    "wide": (o.ellipse(0.66, -0.5, 0.32, 0.34), o.ellipse(0.66, -0.49, 0.2, 0.22)),
    "long": (o.ellipse(0.26, -0.84, 0.14, 0.36, 10), o.ellipse(0.26, -0.84, 0.07, 0.26, 10)),
    "floppy": (o.ellipse(0.62, -0.3, 0.17, 0.34, -16), o.ellipse(0.63, -0.27, 0.09, 0.24, -16)),
    "eyes": (o.circle(0.32, -0.72, 0.22), o.circle(0.32, -0.72, 0.16)),
    "tufts": (
        o.smooth((0.12, -0.64), (0.5, -0.98), (0.56, -0.9), (0.56, -0.4)),
        o.smooth((0.34, -0.7), (0.5, -0.9), (0.52, -0.66)),
    ),
    "horns": (
        o.limb([(0.28, -0.62), (0.36, -0.82), (0.32, -0.98)], 0.2, 0.04),
        o.limb([(0.3, -0.7), (0.35, -0.82), (0.32, -0.96)], 0.08, 0.02),
    ),
}
TAIL_BY_NAME: dict[str, Outline] = {
    "bushy": o.limb([(0.2, 0.84), (0.6, 0.84), (0.8, 0.54), (0.72, 0.26)], 0.2, 0.34),
    "thin": o.limb([(0.2, 0.88), (0.62, 0.86), (0.74, 0.6), (0.64, 0.4)], 0.12, 0.12),
    "tuft": o.limb([(0.2, 0.88), (0.62, 0.86), (0.74, 0.6), (0.64, 0.42)], 0.08, 0.08),
    "puff": o.circle(0.46, 0.8, 0.17),
    "spiked": o.limb([(0.2, 0.84), (0.66, 0.88), (0.86, 0.7), (0.9, 0.44)], 0.34, 0.04),
    "rainbow": o.limb([(0.3, 0.76), (0.56, 0.56), (0.74, 0.72), (0.86, 0.94)], 0.2, 0.12),
}

"""The fields of OpenAI's images API, as far as this service has them."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from imageway.qwen import checks
from imageway.qwen.api.fields import Fields
from imageway.qwen.codes import Code, Words
from imageway.qwen.order import FORMATS, Order
from imageway.qwen.profiles import Profile, Quality
from imageway.qwen.seeds import Seeds
from imageway.qwen.settings import Settings
from imageway.qwen.sizes import LEAST_EDGE, MOST_EDGE, MULTIPLE, USUAL, Pixels, is_free_size
from imageway.qwen.trouble import Refusal, Trouble, shown

Answer = Literal["b64_json", "url"]

QUALITIES: tuple[Quality, ...] = ("low", "medium", "high", "auto")
ANSWERS: tuple[Answer, ...] = ("b64_json", "url")
MOST_PICTURES, MOST_PARTIALS = 4, 3
# Clients that were set up for the real model find the demo under the same name.
USUAL_MODEL = "qwen-image-2512"
NAMES = frozenset(
    {"prompt", "model", "n", "size", "quality", "output_format", "response_format", "stream"}
    | {"partial_images", "negative_prompt", "num_inference_steps", "true_cfg_scale", "seed"}
)
SIZE = re.compile(r"([0-9]{1,5})x([0-9]{1,5})")
SIZE_RULE = Words(
    f"size must be auto or WxH, each a multiple of {MULTIPLE} from {LEAST_EDGE} to {MOST_EDGE}, "
    "at most 1763584 pixels",
    f"size 必须是 auto 或 WxH，每边为 {MULTIPLE} 的倍数，{LEAST_EDGE} 到 {MOST_EDGE}，"
    "总像素不超过 1763584",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One call: the first of its orders, how many, and how they are answered."""

    order: Order
    count: int
    quality: Quality
    answer: Answer
    streams: bool
    partials: int
    ignored: tuple[str, ...]

    @property
    def orders(self) -> list[Order]:
        """One for each picture, with seeds that follow each other."""
        return [self.order.numbered(number) for number in range(self.count)]


def read_asked(fields: Fields, settings: Settings, seeds: Seeds, models: Collection[str]) -> Asked:
    """Check every field; the first that is wrong answers."""
    prompt = checks.prompt_of(fields.get("prompt"))
    _check_model(fields.get("model"), models)
    count = checks.count_of("n", fields.get("n"), 1, range(1, MOST_PICTURES + 1))
    width, height = _size(fields.get("size"), settings)
    quality = checks.choice_of("quality", fields.get("quality"), "auto", QUALITIES)
    order = Order(
        prompt=prompt,
        width=width,
        height=height,
        format=checks.choice_of("output_format", fields.get("output_format"), "png", FORMATS),
        negative_prompt=checks.negative_prompt_of(fields.get("negative_prompt")),
        steps=_steps(fields.get("num_inference_steps"), quality, settings.limits),
        guidance=checks.guidance_of(
            fields.get("true_cfg_scale"), "true_cfg_scale", settings.limits
        ),
        seed=checks.seed_of(fields.get("seed"), seeds),
    )
    return Asked(
        order=order,
        count=count,
        quality=quality,
        answer=checks.choice_of(
            "response_format", fields.get("response_format"), "b64_json", ANSWERS
        ),
        streams=checks.switch_of("stream", fields.get("stream"), False),
        partials=checks.count_of(
            "partial_images", fields.get("partial_images"), 0, range(MOST_PARTIALS + 1)
        ),
        ignored=tuple(name for name in fields if name not in NAMES),
    )


def _steps(value: object, quality: Quality, profile: Profile) -> int:
    if value is None:
        return profile.steps_by_quality[quality]
    return checks.steps_of(value, "num_inference_steps", profile)


def _check_model(value: object, models: Collection[str]) -> None:
    if value is not None and not (isinstance(value, str) and value in models):
        words = Words("There is no such model here", "这里没有这个模型")
        raise Refusal(
            Trouble(Code.EXTENSION, words, param="model", allowed=sorted(models), got=shown(value))
        )


def _size(value: object, settings: Settings) -> Pixels:
    if value is None or value == "auto":
        return settings.sizes[USUAL]
    found = SIZE.fullmatch(value) if isinstance(value, str) else None
    pixels = (int(found[1]), int(found[2])) if found else (0, 0)
    if not is_free_size(*pixels) and pixels not in settings.sizes.values():
        raise Refusal(Trouble(Code.RATIO, SIZE_RULE, param="size", got=shown(value)))
    return pixels

"""Capabilities: what is claimed reaches the wire, and what is not claimed does not."""

from __future__ import annotations

import json

import pytest

from imageway.core.options import Option, Range
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.size import Aspect, Size
from tests.adapters.openai_lab import bare, bench, picture, reference
from tests.core.samples import listening
from tests.loopback import Loopback, loopback

# A wish for every option, each with a value that nothing else has.
SAMPLE_BY_OPTION: dict[Option, object] = {
    Option.SIZE: Size(1536, 1024),
    Option.ASPECT: Aspect(3, 2),
    Option.SEED: 77,
    Option.NEGATIVE_PROMPT: "no text",
    Option.QUALITY: "low",
    Option.BACKGROUND: "opaque",
    Option.FORMAT: "webp",
    Option.REFERENCES: (reference(),),
    Option.MASK: reference(picture("RGBA")),
    Option.PREVIEWS: 2,
    Option.GUIDANCE: 3.5,
    Option.STEPS: 20,
    Option.STYLE: "vivid",
}
SERVERS = [
    ("openai", "gpt-image-2"),
    ("openai", "gpt-image-2.6-flare"),
    ("openai", "gpt-image-1-mini"),
    ("openai", "gpt-image-9"),
    ("compatible", "gpt-image-2"),
    ("compatible", "house-xl"),
    ("vllm", "Qwen/Qwen-Image"),
]
ANSWER = json.dumps({"data": [{"b64_json": picture().base64}]}).encode()


def wishing(model: str, *options: Option) -> ImageRequest:
    wishes = {option.value: SAMPLE_BY_OPTION[option] for option in options}
    return ImageRequest.build({"prompt": "mug", "model": model, **wishes})


async def said(site: Loopback, profile: str, request: ImageRequest) -> bytes:
    """The body that the adapter sends when no policy has looked at the request before."""
    site.answers(body=ANSWER)
    run: Run = listening(1)[0]
    async with bench(site.url, profile=profile) as found:
        await found.adapter.generate(request, run)
    heard = site.heard[-1]
    boundary = heard.headers.get("content-type", "").partition("boundary=")[2]
    return heard.body.replace(boundary.encode(), b"") if boundary else heard.body


@pytest.mark.parametrize("option", Option)
@pytest.mark.parametrize(("profile", "model"), SERVERS)
async def test_an_option_reaches_the_wire_if_and_only_if_it_is_claimed(
    profile: str, model: str, option: Option
) -> None:
    base = (Option.REFERENCES,) if option is Option.MASK else ()
    async with loopback() as site:
        without = await said(site, profile, wishing(model, *base))
        with_it = await said(site, profile, wishing(model, *base, option))
    claimed = (await bare(profile=profile).describe(model)).options
    assert (with_it != without) == (option in claimed)


@pytest.mark.parametrize(
    ("model", "qualities", "formats"),
    [
        ("gpt-image-2.6-sunburst", {"xhigh", "max"}, {"png", "jpeg", "webp", "gif"}),
        ("gpt-image-2", set[str](), {"png", "jpeg", "webp"}),
        ("chatgpt-image-latest", set[str](), {"png", "jpeg", "webp"}),
    ],
)
async def test_a_model_takes_the_words_of_its_row(
    model: str, qualities: set[str], formats: set[str]
) -> None:
    can = await bare().describe(model)
    assert can.allowed == {
        Option.QUALITY: frozenset({"auto", "low", "medium", "high", *qualities}),
        Option.FORMAT: frozenset(formats),
        Option.BACKGROUND: frozenset({"auto", "opaque", "transparent"}),
        Option.PREVIEWS: Range(0, 3),
    }
    assert (can.known, can.references, can.sends_previews) == (True, 16, True)


@pytest.mark.parametrize(
    ("asked", "drawn"),
    [
        ("1536x864", "1536x864"),
        ("3840x2160", "3840x2160"),
        ("4096x4096", "2880x2880"),
        ("1000x1000", "992x992"),
        ("512x512", "816x816"),
        ("4000x1000", "3472x1168"),
    ],
)
async def test_newer_models_draw_any_size_by_openais_rule(asked: str, drawn: str) -> None:
    sizes = (await bare().describe("gpt-image-2")).sizes
    assert str(sizes.fit(Size.parse(asked))) == drawn
    assert sizes.allows(Size.parse(drawn))


async def test_older_models_draw_three_sizes() -> None:
    sizes = (await bare().describe("gpt-image-1.5")).sizes
    assert str(sizes.fit(Size(1920, 1080))) == "1536x1024"
    assert str(sizes.fit(Size(512, 512))) == "1024x1024"


async def test_a_snapshot_is_its_model() -> None:
    adapter = bare()
    assert await adapter.describe("gpt-image-2-2026-04-21") == await adapter.describe("gpt-image-2")


@pytest.mark.parametrize("profile", ["openai", "compatible"])
async def test_a_model_that_nobody_knows_is_not_refused(profile: str) -> None:
    can = await bare(profile=profile).describe("gpt-image-9")
    assert (can.known, can.references) == (False, 16)


async def test_split_is_one_picture_a_call_and_unsplit_ten() -> None:
    assert (await bare().describe("gpt-image-2")).images_per_call == 1
    assert (await bare(split=False).describe("gpt-image-2")).images_per_call == 10


async def test_vllm_draws_and_does_not_edit() -> None:
    can = await bare(profile="vllm").describe("Qwen/Qwen-Image")
    assert can.operations == {"generate"}
    assert (can.known, can.references, can.sends_previews) == (True, 0, False)
    assert can.allowed == {Option.GUIDANCE: Range(0, 20)}

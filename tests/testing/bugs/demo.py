"""The demo does not paint what was asked."""

from __future__ import annotations

from tests.testing.bugs.bug import Bug

DEMO = "demo/adapter.py"

BUGS = (
    Bug(DEMO, "        return request.seed\n", "        return 7\n", "seed_arrives", "demo"),
    Bug(
        DEMO,
        "sha256(run.call_id.encode())",
        "sha256(str(id(object())).encode() + str(asyncio.get_running_loop().time()).encode())",
        "the_same_asks_the_same",
        "demo",
    ),
    Bug(
        DEMO,
        'negative_prompt=request.negative_prompt or ""',
        'negative_prompt=""',
        "negative_prompt_arrives",
        "demo",
    ),
    Bug(
        DEMO,
        'transparent=request.background == "transparent"',
        "transparent=False",
        "background_arrives",
        "demo",
    ),
    Bug(DEMO, 'kind = request.format or "png"', 'kind = "png"', "format_arrives", "demo"),
    Bug(
        DEMO,
        "size = request.size or _size_of_references(request)",
        "size = USUAL",
        "size_arrives",
        "demo",
    ),
    Bug(
        DEMO,
        "run.progress(step.number / step.total, step.stage)",
        "run.progress(step.number, step.stage)",
        "progress_counts_up",
        "demo",
    ),
    Bug(
        DEMO,
        'references=tuple(_decoded(each, "references") for each in request.references)',
        "references=()",
        "references_arrives",
        "demo",
    ),
    Bug(
        DEMO,
        'mask=_decoded(request.mask, "mask") if request.mask else None',
        "mask=None",
        "mask_arrives",
        "demo",
    ),
    Bug(DEMO, "steps=max(request.steps or STEPS,", "steps=max(STEPS,", "steps_arrives", "demo"),
    Bug(
        DEMO,
        "        run.preview(Picture.from_bytes(preview))\n",
        "",
        "previews_come_first",
        "demo",
    ),
    Bug(
        DEMO,
        "{Option.GUIDANCE, Option.QUALITY,",
        "{Option.QUALITY,",
        "guidance_arrives",
        "demo",
    ),
    Bug(
        DEMO,
        'FORMATS = frozenset({"png",',
        'FORMATS = frozenset({"bmp", "png",',
        "format_arrives",
        "demo",
    ),
    Bug(DEMO, 'Health(status="up"', 'Health(status="down"', "its_health_is_up", "demo"),
)

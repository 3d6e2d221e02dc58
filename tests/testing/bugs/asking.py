"""The OpenAI adapter asks for something else, or claims what is not so."""

from __future__ import annotations

from tests.testing.bugs.bug import Bug

ASKING = "openai/asking.py"
INPUTS = "openai/inputs.py"
CLAIMS = "openai/claims.py"
MODELS = "openai/models.py"
PROFILES = "openai/profiles.py"

BUGS = (
    Bug(
        ASKING,
        '"prompt": request.prompt,',
        '"prompt": request.prompt.strip(),',
        "the_prompt_is_unchanged",
    ),
    Bug(
        ASKING,
        '"model": request.model,',
        '"model": "gpt-image-2",',
        "the_model_is_asked_for",
    ),
    Bug(
        ASKING,
        "in request.wishes.items()",
        "in request.without(Option.QUALITY).wishes.items()",
        "quality_arrives",
    ),
    Bug(
        ASKING,
        "in request.wishes.items()",
        "in request.without(Option.SIZE).wishes.items()",
        "size_arrives",
    ),
    Bug(
        ASKING,
        "in request.wishes.items()",
        "in request.without(Option.FORMAT).wishes.items()",
        "format_arrives",
    ),
    Bug(
        ASKING,
        "in request.wishes.items()",
        "in request.without(Option.BACKGROUND).wishes.items()",
        "background_arrives",
    ),
    Bug(
        ASKING,
        "in request.wishes.items()",
        "in request.without(Option.SEED).wishes.items()",
        "seed_arrives",
        "vllm",
    ),
    Bug(
        ASKING,
        "        **extras,\n",
        '        **({"user": request.style} if request.style else {}),\n        **extras,\n',
        "unclaimed_stays_here",
    ),
    Bug(ASKING, '"partial_images": request.previews}', '"partial_images": 1}', "previews_arrives"),
    Bug(
        ASKING,
        '{"stream": True, "partial_images": request.previews}',
        '{"stream": True}',
        "previews_come_first",
    ),
    Bug(ASKING, '{"n": request.count} if', "{} if", "several_in_one_call", "together"),
    Bug(ASKING, "bool(request.references) and", "bool(request.mask) and", "references_arrives"),
    Bug(ASKING, "        **extras,\n", "", "own_extras_are_sent"),
    Bug(
        INPUTS,
        "for place, picture in enumerate(pictures, 1)\n    ]",
        "for place, picture in enumerate(pictures[:2], 1)\n    ]",
        "references_keep_their_order",
    ),
    Bug(
        INPUTS,
        "for each in request.references]",
        "for each in request.references[::-1]]",
        "references_keep_their_order",
    ),
    Bug(
        INPUTS,
        '_file("mask", "mask", request.mask.picture)',
        '_file("mask", "mask", pictures[0])',
        "mask_arrives",
    ),
    Bug(INPUTS, "if request.mask is not None:", "if request.mask is None:", "references_arrives"),
    Bug(
        "openai/extras.py",
        "said = request.extra(*names)",
        "said = request.extra(*request.extras)",
        "extras_of_others_stay_here",
        "vllm",
    ),
    Bug(
        CLAIMS,
        'frozenset({"auto", *model.qualities})',
        'frozenset({"auto", "ultra", *model.qualities})',
        "quality_arrives",
    ),
    Bug(
        CLAIMS,
        "frozenset(model.formats)",
        'frozenset({"avif", *model.formats})',
        "format_arrives",
    ),
    Bug(
        CLAIMS,
        'operations=frozenset({"generate", *(("edit",) if profile.edits else ())})',
        'operations=frozenset({"generate"})',
        "claims_agree",
    ),
    Bug(CLAIMS, "sends_previews=profile.stream", "sends_previews=False", "claims_agree"),
    Bug(CLAIMS, "known=model is not None or", "known=False and", "claims_agree"),
    Bug(MODELS, "    multiple_of=16,\n", "    multiple_of=8,\n", "size_arrives"),
    Bug(MODELS, "    widest=3.0,\n", "    widest=4.0,\n", "size_arrives"),
    Bug(
        PROFILES, "Option.GUIDANCE: (0, 20)", "Option.GUIDANCE: (0, 50)", "guidance_arrives", "vllm"
    ),
    Bug(PROFILES, 'Option.FORMAT: "output_format"', 'Option.FORMAT: "format"', "format_arrives"),
)

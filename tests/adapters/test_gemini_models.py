"""Which of Google's models there are: looked up, listed, dated, priced, and claimed as they are."""

from __future__ import annotations

from datetime import date

import pytest

from imageway.adapters.gemini import GeminiConfig
from imageway.adapters.gemini.extras import GeminiExtras, ImagenExtras
from imageway.adapters.gemini.models import END_BY_NAME, MODEL_BY_NAME, MODELS, living
from imageway.adapters.gemini.prices import FRESH, PRICED_ON, PRICES_BY_NAME
from imageway.adapters.gemini.readme import rewrite
from imageway.adapters.gemini.shapes import Shapes
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.options import Option, Range
from imageway.core.powers import ModelInfo
from imageway.core.request import ImageRequest
from imageway.core.size import Size
from imageway.emulators.faults import Fault, Spot
from imageway.emulators.gemini import GeminiEmulator
from imageway.emulators.gemini_facts import Facts
from imageway.emulators.gemini_models import MODEL_BY_NAME as EMULATED
from tests.adapters.gemini_lab import IMAGEN, KEY, MODEL, NANO, PRO, TODAY, bare, bench, lab
from tests.checkout import ROOT

OLD = "gemini-2.5-flash-image"
LITE = "gemini-3.1-flash-lite-image"


def test_the_readme_of_gemini_has_the_tables_of_the_data() -> None:
    page = (ROOT / "adapters" / "gemini" / "README.md").read_text(encoding="utf-8")
    assert rewrite(page) == page, "run: python -m imageway.adapters.gemini.readme"


def test_the_readme_of_gemini_names_every_extra_and_every_key() -> None:
    page = (ROOT / "adapters" / "gemini" / "README.md").read_text(encoding="utf-8")
    fields = {*GeminiExtras.model_fields, *ImagenExtras.model_fields, *GeminiConfig.model_fields}
    assert [name for name in sorted(fields - {"vertex"}) if f"`{name}`" not in page] == []


@pytest.mark.parametrize("name", EMULATED)
def test_a_known_model_takes_what_the_emulated_vendor_takes(name: str) -> None:
    mine, theirs = MODEL_BY_NAME[name], EMULATED[name]
    assert set(mine.shapes.aspects) == set(theirs.ratios)
    assert set(mine.shapes.classes) == set(theirs.tokens_by_size)
    assert (mine.format, mine.thinks) == (theirs.format, theirs.thinks)
    assert PRICES_BY_NAME[name].tokens == theirs.tokens_by_size


def test_every_successor_is_alive() -> None:
    alive = living(TODAY)
    assert {end.instead for end in END_BY_NAME.values()} <= set(alive)
    assert "imagen-4.0-generate-001" not in alive


def test_each_name_belongs_to_one_model() -> None:
    assert len(MODEL_BY_NAME) == sum(len(model.names) for model in MODELS)


@pytest.mark.parametrize(
    ("model", "with_", "without"),
    [
        (NANO, {Option.QUALITY, Option.PREVIEWS}, {Option.MASK, Option.FORMAT, Option.BACKGROUND}),
        (MODEL, {Option.PREVIEWS, Option.REFERENCES}, {Option.QUALITY, Option.GUIDANCE}),
        (LITE, {Option.SIZE, Option.ASPECT}, {Option.PREVIEWS, Option.QUALITY}),
        (OLD, {Option.SEED, Option.NEGATIVE_PROMPT}, {Option.PREVIEWS, Option.STEPS}),
    ],
)
async def test_a_model_claims_what_it_takes(
    model: str, with_: set[Option], without: set[Option]
) -> None:
    can = await bare().describe(model)
    assert can.known
    assert with_ <= can.options
    assert not without & can.options
    assert (can.images_per_call, can.references) == (1, 14)
    assert can.sends_previews is (Option.PREVIEWS in can.options)


async def test_vertex_takes_a_format_too() -> None:
    can = await bare(vertex={}).describe(NANO)
    assert can.allowed[Option.FORMAT] == frozenset({"png", "jpeg"})


async def test_imagen_claims_what_predict_takes() -> None:
    can = await bare(vertex={"imagen": True}).describe(IMAGEN)
    assert (can.images_per_call, can.references) == (4, 0)
    assert {Option.GUIDANCE, Option.SEED, Option.FORMAT} <= can.options
    assert can.allowed[Option.SEED] == Range(0, 2**32 - 1)
    edits = await bare(vertex={"imagen": True}).describe("imagen-3.0-capability-001")
    assert Option.MASK in edits.options
    assert edits.operations == frozenset({"edit"})


def test_every_size_of_a_model_is_a_shape_of_its_own() -> None:
    for model in MODELS:
        shapes = model.shapes
        found = [(shape.aspect, shape.size) for shape in shapes.sizes.values()]
        assert len(set(found)) == len(found) or not shapes.says_size


@pytest.mark.parametrize(
    ("size", "aspect", "size_class"),
    [
        (Size(1920, 1080), "16:9", "2K"),
        (Size(600, 600), "1:1", "512"),
        (Size(1000, 1500), "2:3", None),
        (Size(8000, 8000), "1:1", "4K"),
        (Size(100, 3000), "1:8", "2K"),
    ],
)
def test_a_size_that_is_in_no_table_becomes_the_nearest_shape(
    size: Size, aspect: str, size_class: str | None
) -> None:
    shapes: Shapes = MODEL_BY_NAME[MODEL].shapes
    found = shapes.of_size(size)
    assert (found.aspect, found.size) == (aspect, size_class)


async def test_the_list_has_the_models_that_draw_and_are_alive() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        models = await found.adapter.models()
    assert {model.name for model in models} == {*living(TODAY)}
    assert ModelInfo(name=PRO, title="Gemini 3 Pro Image") in models
    assert emulator.heard[0].query == "pageSize=1000"


async def test_a_list_of_several_pages_is_read_to_its_end() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        catalogue = found.adapter._catalogue  # pyright: ignore[reportPrivateUsage]: pages are 1000 long
        page = await catalogue._page("2", None)  # pyright: ignore[reportPrivateUsage]: as above
        following = await catalogue._page("2", page.next_page_token)  # pyright: ignore[reportPrivateUsage]: as above
    assert len({each.name for each in (*page.models, *following.models)}) == 4


async def test_the_list_of_vertex_has_imagen_where_the_switch_is_on() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator, vertex={"imagen": True}) as found:
        names = {model.name for model in await found.adapter.models()}
    async with lab(emulator, vertex={}) as found:
        others = {model.name for model in await found.adapter.models()}
    assert IMAGEN in names
    assert names - others == {name for name in names if name.startswith("imagen-")}


async def test_a_model_that_is_in_no_table_is_looked_up_once() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        can = await found.adapter.describe("gemini-3.1-flash")
        await found.adapter.describe("gemini-3.1-flash")
    assert (can.known, len(emulator.heard)) == (False, 1)
    assert Option.MASK not in can.options


@pytest.mark.parametrize("name", ["nope", "veo-3.1-generate-preview"])
async def test_what_cannot_be_asked_is_described_permissively(name: str) -> None:
    async with lab(GeminiEmulator()) as found:
        assert not (await found.adapter.describe(name)).known


async def test_a_lookup_that_is_refused_is_the_error_and_nothing_is_charged() -> None:
    emulator = GeminiEmulator()
    emulator.script(Fault.RATE_LIMITED, spot=Spot.LOOK, times=None)
    async with lab(emulator) as found:
        info = await found.refusal(model="something-new")
    assert (info.code, info.charged) == (ErrorCode.RATE_LIMITED, "no")


async def test_a_deprecated_model_is_asked_and_its_successor_is_named() -> None:
    async with lab(GeminiEmulator()) as found:
        result = await found.draw(model=OLD)
    assert [(note.kind, note.detail) for note in result.notes] == [
        ("deprecated", f"Google has deprecated '{OLD}' since 2026-09-18; use '{NANO}'")
    ]


async def test_health_is_asked_for_free() -> None:
    emulator = GeminiEmulator()
    async with lab(emulator) as found:
        health = await found.adapter.check()
        assert health.status == "up"
        emulator.script(Fault.RATE_LIMITED, spot=Spot.LOOK)
        assert (await found.adapter.check()).status == "degraded"
        emulator.script(Fault.UNAVAILABLE, spot=Spot.LOOK)
        down = await found.adapter.check()
    assert (down.status, down.detail) == ("down", "google is overloaded or had an error of its own")
    assert emulator.charges == []


async def test_a_bad_key_is_a_vendor_that_is_down() -> None:
    from imageway.emulators.serving import serve

    async with serve(GeminiEmulator()) as url, bench(url, api_key=f"{KEY}-wrong") as found:
        health = await found.adapter.check()
    assert (health.status, health.detail) == ("down", "google refused imageway's key")


@pytest.mark.parametrize(
    ("model", "wishes", "amount"),
    [
        (NANO, {}, 0.0336),
        (NANO, {"size": "2048x2048", "count": 2}, 0.1008),
        (MODEL, {"size": "512x512"}, 0.0448),
        (PRO, {"size": "4096x4096"}, 0.24),
        (OLD, {"size": "1024x1024"}, 0.0387),
        ("imagen-4.0-fast-generate-001", {"count": 3}, 0.06),
    ],
)
async def test_a_price_is_quoted_by_the_table(
    model: str, wishes: dict[str, object], amount: float
) -> None:
    request = ImageRequest.build({"prompt": "p", "model": model, **wishes})
    quote = await bare().quote(request)
    assert quote.amount == pytest.approx(amount)
    assert (quote.unit, quote.firm) == ("USD", False)


async def test_no_price_is_made_up() -> None:
    request = ImageRequest.build({"prompt": "p", "model": "something-new"})
    with pytest.raises(ImagewayError) as caught:
        await bare().quote(request)
    assert caught.value.info.code is ErrorCode.UNSUPPORTED


@pytest.mark.parametrize(("days", "noted"), [(90, False), (91, True)])
async def test_a_price_older_than_90_days_is_marked_so(days: int, noted: bool) -> None:
    assert FRESH.days == 90
    today = date.fromordinal(PRICED_ON.toordinal() + days)
    async with lab(GeminiEmulator(), lambda: today) as found:
        result = await found.draw(model=NANO)
    stale = [note.detail for note in result.notes if note.kind == "stale"]
    told = "the prices in US$ are of 2026-09-24, more than 90 days ago"
    assert stale == ([told] if noted else [])
    assert {charge.unit for charge in result.usage} == {"tokens", "USD"}


async def test_facts_that_are_uncertain_change_nothing_that_is_asked() -> None:
    emulator = GeminiEmulator()
    emulator.facts = Facts(half_k_models=frozenset())
    async with lab(emulator) as found:
        info = await found.refusal(model=MODEL, size="512x512")
    assert (info.code, info.param) == (ErrorCode.UNSUPPORTED, "size")

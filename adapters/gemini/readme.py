"""The tables of README.md; `python -m imageway.adapters.gemini.readme` writes them anew."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from imageway.adapters.gemini.models import END_BY_NAME, IMAGEN_END, MODELS, Model
from imageway.adapters.gemini.prices import (
    IMAGEN_BY_NAME,
    PRICED_BY,
    PRICED_ON,
    PRICES_BY_NAME,
    Prices,
)
from imageway.adapters.gemini.shapes import ALL, CLASSIC, FIVE

BEGIN, END = "<!-- generated -->\n", "<!-- end -->"
NONE = "–"
ASPECTS = {ALL: "all 14", CLASSIC: "the 10 usual ones", FIVE: ", ".join(FIVE), (): NONE}


def rewrite(page: str) -> str:
    """The same page with its generated part made anew."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN.strip()} … {END}")
    tables = "\n".join([*_takes(), "", *_ends(), "", *_costs()])
    return f"{before}{BEGIN}\n{tables}\n\n{END}{after}"


def _takes() -> Iterator[str]:
    yield (
        "| model | method | sizes | aspects | a call | references | previews | quality | format |"
        " where |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for model in MODELS:
        for name in model.names:
            yield f"| `{name}` | {' | '.join(_taken(model))} |"


def _taken(model: Model) -> Iterator[str]:
    yield model.method
    yield ", ".join(model.shapes.classes) or model.remark
    yield ASPECTS[model.shapes.aspects]
    yield str(model.per_call)
    yield str(model.references or NONE)
    yield "drafts" if model.thinks else NONE
    yield ", ".join(model.levels) or NONE
    yield "png or jpeg" if model.method == "predict" else model.format
    yield "both" if "developer" in model.at else "Vertex AI"


def _ends() -> Iterator[str]:
    yield "| gone or going | since | instead |"
    yield "|---|---|---|"
    for name, end in END_BY_NAME.items():
        when = f"deprecated {end.deprecated}" if end.deprecated else f"shut down {end.told}"
        yield f"| `{name}` | {when} | `{end.instead}` |"
    yield f"| every `imagen-*` on the Gemini API | shut down {IMAGEN_END} | see above |"


def _costs() -> Iterator[str]:
    yield "US$ for a million tokens, and for a picture by its size, without the words around it."
    yield f"As of {PRICED_ON}, by {PRICED_BY}."
    yield ""
    yield "| model | in | text and thoughts out | pictures out | a picture |"
    yield "|---|---|---|---|---|"
    for name, prices in PRICES_BY_NAME.items():
        yield f"| `{name}` | {' | '.join(_priced(prices))} |"
    for name, price in IMAGEN_BY_NAME.items():
        yield f"| `{name}` | {NONE} | {NONE} | {NONE} | {price} |"


def _priced(prices: Prices) -> Iterator[str]:
    yield f"{prices.text_in}"
    yield f"{prices.text_out}"
    yield f"{prices.image_out}"
    found = ((size, prices.of_picture(size)) for size in prices.tokens)
    yield ", ".join(f"{size} {_short(price)}" for size, price in found if price is not None)


def _short(price: Decimal) -> Decimal:
    return price.quantize(Decimal("0.0001")).normalize()


if __name__ == "__main__":
    page = Path(__file__).with_name("README.md")
    page.write_text(rewrite(page.read_text(encoding="utf-8")), encoding="utf-8")

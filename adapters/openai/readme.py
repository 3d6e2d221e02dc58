"""The tables of README.md; `python -m imageway.adapters.openai.readme` writes them anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from imageway.adapters.openai.models import END_BY_NAME, MODELS, PRICED_BY, PRICED_ON, Model, Prices

BEGIN, END = "<!-- generated -->\n", "<!-- end -->"
NONE = "–"


def rewrite(page: str) -> str:
    """The same page with its generated part made anew."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has no {BEGIN.strip()} … {END}")
    tables = "\n".join([*_takes(), "", *_costs()])
    return f"{before}{BEGIN}\n{tables}\n\n{END}{after}"


def _takes() -> Iterator[str]:
    yield "| model | sizes | qualities | formats | transparent | `input_fidelity` | ends |"
    yield "|---|---|---|---|---|---|---|"
    for model in MODELS:
        for name in model.names:
            yield f"| `{name}` | {' | '.join(_taken(name, model))} |"


def _taken(name: str, model: Model) -> Iterator[str]:
    yield ", ".join(map(str, model.sizes.choices)) or "any by the rule"
    yield ", ".join(model.qualities)
    yield ", ".join(model.formats)
    yield model.transparent
    yield ", ".join(model.fidelities) or NONE
    end = END_BY_NAME.get(name)
    yield f"{end.on}, then `{end.instead}`" if end else NONE


def _costs() -> Iterator[str]:
    yield "US$ for a million tokens (in brackets: cached ones), and for a picture of 1024x1024."
    yield f"As of {PRICED_ON:%B %Y}, by {PRICED_BY}."
    yield ""
    yield "| model | text in | pictures in | pictures out | text out | a picture |"
    yield "|---|---|---|---|---|---|"
    for model in MODELS:
        each = ", ".join(f"{quality} {price}" for quality, price in model.square.items())
        cells = " | ".join((*_priced(model.prices), each or NONE))
        yield f"| `{model.names[0]}` | {cells} |"


def _priced(prices: Prices) -> Iterator[str]:
    yield f"{prices.text_in} ({prices.cached_text_in})"
    yield f"{prices.image_in} ({prices.cached_image_in})"
    yield f"{prices.image_out}"
    yield f"{prices.text_out or NONE}"


if __name__ == "__main__":
    page = Path(__file__).with_name("README.md")
    page.write_text(rewrite(page.read_text(encoding="utf-8")), encoding="utf-8")

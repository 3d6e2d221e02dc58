"""Captions, status lines and failures, as people read them."""

from __future__ import annotations

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.core.events import Charged, ImageFailed, ImageReady, Progress, Queued
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.server.dialects.chat import words
from imageway.server.dialects.chat.pace import MOST, Pace
from tests.server.chatting import PLAIN, ask, content, hear
from tests.server.lab import Lab, picture

READY = ImageReady(0, picture().with_words(seed=7), "lab", "one")


@pytest.mark.parametrize(
    ("charges", "price"),
    [
        ([], ""),
        ([Charged(0.04, "USD"), Charged(0.02, "USD")], "$0.06"),
        ([Charged(0.0125, "USD")], "$0.0125"),
        ([Charged(12, "USD")], "$12.00"),
        ([Charged(30, "buzz"), Charged(0.04, "USD")], "30 buzz, $0.04"),
        ([Charged(392, "tokens"), Charged(9, "seconds")], ""),
    ],
)
def test_a_price_is_told_in_each_unit_of_money(charges: list[Charged], price: str) -> None:
    assert words.price(charges) == price


def test_the_summary_says_how_many_came_and_who_made_them() -> None:
    assert words.summary(1, [READY], []) == "1 picture, seed 7, lab/one"
    assert words.summary(4, [READY], [Charged(1, "USD")]) == (
        "1 of 4 pictures, seed 7, $1.00, lab/one"
    )
    assert words.summary(2, [], []) == "0 of 2 pictures"
    assert words.summary(1, [], []) == "No picture"


def test_one_reason_for_several_pictures_is_told_once() -> None:
    down = ErrorInfo(code=ErrorCode.UNAVAILABLE, message="down", hint="wait")
    refused = ErrorInfo(code=ErrorCode.REJECTED, message="refused")
    failed = [ImageFailed(3, down), ImageFailed(0, refused), ImageFailed(1, down)]
    assert words.failures(4, failed) == "picture 1 of 4: refused; pictures 2, 4 of 4: down; wait"
    assert words.failures(1, [ImageFailed(0, down)]) == "down; wait"


def test_how_far_it_is() -> None:
    assert words.waiting(Queued(None, 0)) == "Queued (next in line)"
    assert words.waiting(Queued(None, 2, 30.4)) == "Queued (2 ahead, about 30 s)"
    assert (
        words.working(Progress(1, 0.25, "step 5 of 20"), 4) == "Drawing 2 of 4: step 5 of 20, 25%"
    )
    assert words.working(Progress(None, None, ""), 1) == "Drawing"


def test_markup_in_foreign_words_is_no_markup() -> None:
    assert words.plain("a [b](c) *d*\n<e>") == r"a \[b\]\(c\) \*d\* \<e\>"
    assert len(words.short("x" * 500)) == words.LONGEST


async def test_of_many_reasons_the_last_still_says_where_to_buy(it: Lab) -> None:
    hint = "buy it at https://shop.example/early/access"

    async def play(request: ImageRequest, run: Run) -> None:
        run.image(picture(), 0)
        run.failed(ErrorInfo(code=ErrorCode.FAILED, message="no " * 50), 1)
        run.failed(ErrorInfo(code=ErrorCode.NOT_ENTITLED, message="not bought", hint=hint), 2)

    it.adapter.play = play
    for text in ((await hear(it, "foxes --n 3", PLAIN)).text, content(await ask(it, "x --n 3"))):
        assert "picture 2 of 3: no no" in text
        assert text.endswith(f"picture 3 of 3: not bought; {hint}")


def test_lines_of_one_kind_come_ever_more_rarely() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    heard: list[float] = []
    while now[0] < 60:
        if pace.allows("working", f"step {now[0]}"):
            heard.append(now[0])
        now[0] += 0.5
    assert heard == [0, 1, 3, 7, 15, 31]


def test_news_of_another_kind_comes_at_once_but_not_for_ever() -> None:
    pace = Pace(lambda: 0.0)
    assert pace.allows("queued", "1 ahead")
    assert not pace.allows("queued", "next in line")
    assert pace.allows("working", "step 1")
    assert not pace.allows("working", "step 1")
    notes = [pace.allows("note", f"note {each}") for each in range(20)]
    assert notes.count(True) == MOST - 2

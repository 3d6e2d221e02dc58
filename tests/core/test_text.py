"""Halves of characters, as a vendor's program cuts them, reach nobody's encoder."""

from __future__ import annotations

import orjson

from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.core.text import whole, whole_tree
from tests.core.samples import listening

HALF = "blocked \ud83d"


def test_a_half_is_replaced_and_everything_else_stays() -> None:
    assert whole(HALF) == "blocked \ufffd"
    assert whole("Grüße 🦊") == "Grüße 🦊"


def test_a_tree_is_replaced_to_its_leaves() -> None:
    assert whole_tree({HALF: [HALF, 1, None]}) == {"blocked \ufffd": ["blocked \ufffd", 1, None]}


def test_a_vendor_s_words_can_always_be_written() -> None:
    info = ErrorInfo(
        code=ErrorCode.REJECTED,
        message=HALF,
        hint=HALF,
        vendor_code=HALF,
        vendor_message=HALF,
        details={"why": [HALF]},
    )
    assert orjson.dumps(info.model_dump(mode="json"))


def test_notes_and_stages_can_always_be_written() -> None:
    run, heard = listening(1)
    run.note("adjusted", HALF)
    run.progress(0.5, HALF)
    assert orjson.dumps([str(event) for event in heard])

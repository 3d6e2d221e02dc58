"""Where in a TOML text a key stands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imageway.providers.file.location import line_of

TEXT = """\
# a comment
schema = 1

[providers.house]     # a house
adapter = "x"
timeout.total = "1s"
api_key = { env = "X" }

[ providers . "fam.ily" ]
"base url" = "y"

[[routes.list]]
try = [
  "a",
]
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("schema",), 2),
        (("providers", "house"), 4),
        (("providers", "house", "adapter"), 5),
        (("providers", "house", "timeout", "total"), 6),
        (("providers", "house", "timeout"), 6),
        (("providers", "house", "api_key", "env"), 7),
        (("providers", "fam.ily"), 9),
        (("providers", "fam.ily", "base url"), 10),
        (("routes", "list", 0, "try"), 12),
        (("providers",), 4),
        (("providers", "house", "missing"), 4),
        (("nothing",), None),
        ((), None),
    ],
)
def test_a_key_is_found_or_the_nearest_thing_that_holds_it(
    path: tuple[str | int, ...], line: int | None
) -> None:
    assert line_of(TEXT, path) == line


def test_only_line_feeds_count_as_lines() -> None:
    assert line_of("# one\u2028still one\x0cstill\nkey = 1\n", ("key",)) == 2


@given(st.text(), st.lists(st.one_of(st.text(), st.integers())))
def test_any_text_and_any_path_are_endured(text: str, path: list[str | int]) -> None:
    line = line_of(text, path)
    assert line is None or 1 <= line <= text.count("\n") + 1

"""The line is first in, first out, whoever comes and goes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from imageway.qwen.line import Line

CAPACITY = 4


class Comings(RuleBasedStateMachine):
    """A line beside a plain list that does the same."""

    def __init__(self) -> None:
        super().__init__()
        self.line: Line[int] = Line(CAPACITY)
        self.expected: list[int] = []
        self.busy = False
        self.number = 0

    @rule(count=st.integers(1, CAPACITY + 1))
    def come(self, count: int) -> None:
        has_room = self.line.has_room(count, is_busy=self.busy)
        assert has_room == (len(self.expected) + count <= CAPACITY + (not self.busy))
        for _ in range(count if has_room else 0):
            self.number += 1
            self.line.join(self.number)
            self.expected.append(self.number)

    @rule()
    def call(self) -> None:
        first = self.expected.pop(0) if self.expected else None
        assert self.line.call() == first
        self.busy = first is not None

    @rule()
    def finish(self) -> None:
        self.busy = False

    @precondition(lambda self: bool(self.expected))
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.expected))
        assert self.line.leave(one)
        assert not self.line.leave(one)
        self.expected.remove(one)

    @invariant()
    def positions_count_the_turns(self) -> None:
        assert [*self.line] == self.expected
        assert [self.line.position(one) for one in self.expected] == [
            *range(1, len(self.expected) + 1)
        ]

    @invariant()
    def never_more_wait_than_may(self) -> None:
        assert len(self.line) <= CAPACITY + 1


TestComings = Comings.TestCase


def test_in_a_line_of_no_length_one_comes_to_who_is_free_and_nobody_to_who_is_busy() -> None:
    line: Line[str] = Line(0)
    assert line.has_room(1, is_busy=False)
    assert not line.has_room(1, is_busy=True)
    line.join("first")
    assert not line.has_room(1, is_busy=False)


def test_who_is_not_in_the_line_has_no_position() -> None:
    assert Line[str](1).position("stranger") is None


@given(waiting=st.integers(0, 20), count=st.integers(1, 4))
def test_several_are_let_in_together_or_not_at_all(waiting: int, count: int) -> None:
    line: Line[int] = Line(16)
    for number in range(waiting):
        line.join(number)
    assert line.has_room(count, is_busy=True) == (waiting + count <= 16)

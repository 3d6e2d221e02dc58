"""A full gate closes who is silent before it turns anybody away."""

from __future__ import annotations

from imageway.serving.gate import Gate


class Knock:
    """A connection that remembers whether it was closed."""

    def __init__(self) -> None:
        self.dropped = False

    def drop(self) -> None:
        self.dropped = True


def test_the_longest_silent_goes_when_one_too_many_comes() -> None:
    gate, first, second, third = Gate(2), Knock(), Knock(), Knock()
    assert [gate.admit(each) for each in (first, second, third)] == [True, True, True]
    assert (first.dropped, second.dropped, gate.count) == (True, False, 2)


def test_who_is_at_work_is_never_closed() -> None:
    gate, busy, late = Gate(1), Knock(), Knock()
    gate.admit(busy)
    gate.work(busy)
    assert not gate.admit(late)
    assert (busy.dropped, gate.count) == (False, 1)


def test_who_was_answered_is_silent_again() -> None:
    gate, first, late = Gate(1), Knock(), Knock()
    gate.admit(first)
    gate.work(first)
    gate.rest(first)
    assert gate.admit(late)
    assert first.dropped


def test_leaving_twice_frees_one_place() -> None:
    gate, first = Gate(1), Knock()
    gate.admit(first)
    gate.leave(first)
    gate.leave(first)
    assert gate.count == 0


def test_who_has_left_does_not_come_back_by_resting() -> None:
    gate, first = Gate(1), Knock()
    gate.admit(first)
    gate.leave(first)
    gate.rest(first)
    assert gate.admit(Knock())
    assert not first.dropped

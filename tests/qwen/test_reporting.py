"""Steps are always told, previews only when it is time and somebody looks."""

from __future__ import annotations

import threading

import pytest
from PIL import Image

from imageway.qwen.engine import Stopped
from imageway.qwen.reporting import Previewed, Reporter, Sign, Stepped


class Desk:
    """A reporter with a clock that is moved by hand."""

    def __init__(self, *, is_watched: bool = True) -> None:
        self.now = 0.0
        self.signs: list[Sign] = []
        self.stop = threading.Event()
        self.reporter = Reporter(
            self.signs.append, self.stop, lambda: is_watched, 2.0, lambda: self.now
        )

    def step(self, number: int) -> None:
        self.reporter.step(number, lambda: Image.new("RGB", (8, 8)))

    @property
    def previews(self) -> list[int]:
        return [sign.number for sign in self.signs if isinstance(sign, Previewed)]


def test_a_preview_comes_at_most_every_interval() -> None:
    desk = Desk()
    for number in range(1, 11):
        desk.step(number)
        desk.now += 0.5
    assert desk.previews == [1, 5, 9]
    assert len([sign for sign in desk.signs if isinstance(sign, Stepped)]) == 10


def test_nobody_looks_so_nothing_is_drawn() -> None:
    desk = Desk(is_watched=False)
    desk.step(1)
    assert desk.previews == []


def test_a_step_without_a_sketch_has_no_preview() -> None:
    desk = Desk()
    desk.reporter.step(0, None)
    assert desk.previews == []


def test_who_is_to_stop_stops_before_anything_is_told() -> None:
    desk = Desk()
    desk.stop.set()
    with pytest.raises(Stopped):
        desk.step(1)
    with pytest.raises(Stopped):
        desk.reporter.check()
    assert desk.signs == []

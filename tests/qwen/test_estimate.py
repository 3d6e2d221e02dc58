"""Predictions follow what was measured, of the same kind where there was one."""

from __future__ import annotations

import pytest

from imageway.qwen.estimate import Estimate, moved
from imageway.qwen.order import Order

PLAIN = Order("a fox", 64, 64, 1, guidance=1.0)
GUIDED = Order("a fox", 64, 64, 1, guidance=4.0)
LARGE = Order("a fox", 128, 64, 1, guidance=4.0)


def test_before_anything_was_measured_the_usual_time_is_said() -> None:
    assert Estimate(2.0).seconds_for(GUIDED) == 100.0


def test_what_was_measured_is_believed() -> None:
    estimate = Estimate(2.0)
    estimate.learn_step(GUIDED, 0.5)
    estimate.learn_end(whole=30.0, finish=5.0)
    assert estimate.seconds_for(GUIDED) == 30.0
    assert estimate.seconds_for(GUIDED, steps=10) == 10.0
    assert estimate.whole_seconds == 30.0


@pytest.mark.parametrize(("order", "seconds"), [(PLAIN, 12.5), (GUIDED, 25.0), (LARGE, 50.0)])
def test_another_kind_is_scaled_from_one_that_is_known(order: Order, seconds: float) -> None:
    estimate = Estimate(9.0)
    estimate.learn_step(GUIDED, 0.5)
    assert estimate.seconds_for(order) == seconds


def test_its_own_kind_is_believed_before_a_scaled_one() -> None:
    estimate = Estimate(9.0)
    estimate.learn_step(GUIDED, 0.5)
    estimate.learn_step(PLAIN, 0.4)
    assert estimate.seconds_for(PLAIN, steps=1) == 0.4


def test_an_average_moves_towards_a_new_sample() -> None:
    assert moved(None, 4.0) == 4.0
    assert moved(4.0, 8.0) == 5.0


def test_the_mean_step_is_of_everything_known() -> None:
    estimate = Estimate(9.0)
    assert estimate.step_seconds == 9.0
    estimate.learn_step(GUIDED, 1.0)
    estimate.learn_step(PLAIN, 3.0)
    assert estimate.step_seconds == 2.0

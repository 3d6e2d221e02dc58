"""The plan for a card's memory, by the figures of the real model."""

from __future__ import annotations

import pytest

from imageway.qwen.diffusion.doctor import CARDS, Device, Examination, told
from imageway.qwen.diffusion.plan import GIB, OVERHEAD, WEIGHTS, decode_bytes, plan, planned

FULL_FRAME = 1328 * 1328


@pytest.mark.parametrize(
    ("card", "placement", "tiling"),
    [
        (32, "resident", False),
        (24, "resident", True),
        (16, "model_offload", True),
        (12, "group_offload", True),
    ],
)
def test_a_card_gets_the_fastest_way_that_fits(card: int, placement: str, tiling: bool) -> None:
    found = plan(card * GIB - OVERHEAD)
    assert (found.placement, found.tiling) == (placement, tiling)
    assert found.bytes_needed < card * GIB


def test_the_weights_and_a_full_frame_take_what_was_calculated() -> None:
    assert sum(WEIGHTS.values()) / GIB == pytest.approx(17.6, abs=0.1)
    assert decode_bytes(FULL_FRAME, 2) / GIB == pytest.approx(9.5, abs=0.1)
    assert decode_bytes(FULL_FRAME, 2, tiling=True) / GIB < 0.6


def test_model_offload_peaks_at_about_13_gib() -> None:
    assert plan(15 * GIB).bytes_needed / GIB == pytest.approx(13.6, abs=0.1)


def test_small_pictures_need_no_tiles_on_a_smaller_card() -> None:
    assert not plan(23 * GIB, pixels=512 * 512).tiling


def test_a_placement_that_was_asked_for_is_kept_also_where_it_does_not_fit() -> None:
    found = planned("resident", 8 * GIB, WEIGHTS, FULL_FRAME, 2)
    assert (found.placement, found.tiling) == ("resident", True)


def test_the_doctor_shows_a_plan_for_each_size_of_card_and_the_command_for_this_one() -> None:
    card = Device("cuda", "NVIDIA GeForce RTX 4090", 23 * GIB, triton=True)
    lines = [*told(Examination(card, {"torch": "2.13.0"}, (), 80 * GIB))]
    assert [int(line.split()[0]) for line in lines if " GB  " in line] == [*CARDS]
    start = "imageway qwen serve --model DIR --placement resident --vae-tiling on"
    assert lines[-1].split(maxsplit=1)[1] == start


def test_the_doctor_names_what_is_missing_and_how_it_is_installed() -> None:
    lines = [*told(Examination(None, {}, ("torch", "sdnq"), 80 * GIB))]
    assert any("torch, sdnq" in line and 'pip install "imageway[qwen]"' in line for line in lines)
    assert "--backend demo" in lines[-1]


def test_the_doctor_says_that_a_processor_is_no_device_for_this() -> None:
    found = Examination(Device("cpu", "x86_64", 20 * GIB, triton=False), {}, (), 1 * GIB)
    lines = [*told(found)]
    assert any("takes very long" in line for line in lines)
    assert any("GiB are wanted" in line for line in lines)

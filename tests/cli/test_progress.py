"""The live lines, drawn into text."""

from __future__ import annotations

import pytest

from imageway.cli.progress import LiveScreen
from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.core.events import Event, ImageFailed, ImageReady, Note, Preview, Progress, Queued
from tests.cli.mine import picture

Capture = pytest.CaptureFixture[str]
FAILURE = ErrorInfo(code=ErrorCode.FAILED, message="the vendor\x1b[2J made nothing")


def drawn(*events: Event, count: int = 2) -> list[str]:
    """What the lines say after these events, while the work goes on."""
    screen = LiveScreen(count, notes=True)
    for event in events:
        screen.hear(event)
    return lines_of(screen)


def lines_of(screen: LiveScreen) -> list[str]:
    with screen.console.capture() as captured:
        screen.console.print(screen.render())
    return [" ".join(line.split()) for line in captured.get().splitlines()]


def test_every_picture_has_a_line() -> None:
    assert len(drawn(count=3)) == 3


def test_a_line_shows_how_far_its_picture_is_and_the_stage() -> None:
    first, second = drawn(Progress(1, 0.25, "sketching"))
    assert second.endswith("25% sketching")
    assert first.endswith("waiting")


def test_progress_of_all_is_shown_at_each_picture() -> None:
    assert all(line.endswith("50% glow") for line in drawn(Progress(None, 0.5, "glow")))


def test_a_queue_says_how_many_are_ahead() -> None:
    assert drawn(Queued(0, 3))[0].endswith("waiting, 3 ahead")


def test_a_queue_says_how_long_it_may_take_where_that_is_known() -> None:
    assert drawn(Queued(0, 2, 41.6))[0].endswith("waiting, 2 ahead, about 42 s")


def test_a_preview_stands_under_its_line_until_the_picture_is_there() -> None:
    screen = LiveScreen(1, notes=True)
    screen.hear(Preview(0, picture()))
    line, *preview = lines_of(screen)
    assert line.endswith("waiting")
    assert preview == ["▀" * 8] * 3
    screen.saved(ImageReady(0, picture(), "mine", "draws"), "fox.png")
    assert len(lines_of(screen)) == 1


def test_a_saved_picture_shows_its_file_and_no_later_progress() -> None:
    screen = LiveScreen(1, notes=True)
    screen.saved(ImageReady(0, picture(), "mine", "draws"), "out/fox-1.png")
    screen.hear(Progress(0, 0.5, "late"))
    (line,) = lines_of(screen)
    assert line.startswith("✓ 1 out/fox-1.png 8×6 · mine/draws · ")


def test_a_failed_picture_shows_why_without_steering_the_terminal() -> None:
    assert drawn(ImageFailed(0, FAILURE))[0] == "✗ 1 the vendor�[2J made nothing"


def test_what_is_left_when_the_screen_closes_was_stopped(capsys: Capture) -> None:
    with LiveScreen(1, notes=True):
        pass
    assert "✗ 1 stopped" in capsys.readouterr().err


@pytest.mark.parametrize(("notes", "shown"), [(True, 1), (False, 0)])
def test_notes_stand_above_the_lines_unless_unwanted(
    capsys: Capture, notes: bool, shown: int
) -> None:
    LiveScreen(1, notes=notes).hear(Note("retried", "[red]asked again[/red]"))
    assert capsys.readouterr().err.count("note: [red]asked again[/red]") == shown

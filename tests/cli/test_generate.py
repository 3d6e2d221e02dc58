"""imageway generate, from the prompt to files, words and exit codes."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from imageway.cli import main
from imageway.core.picture import Picture
from tests.cli.conftest import names

Capture = pytest.CaptureFixture[str]


def test_exactly_as_many_files_as_asked_lie_in_the_folder(folder: Path, capsys: Capture) -> None:
    assert main(["generate", "a red fox", "-n", "3", "-o", "out"]) == 0
    wanted = [f"imageway-a-red-fox-{number}.png" for number in (1, 2, 3)]
    assert names(folder / "out") == wanted
    assert capsys.readouterr().out.split() == [f"out/{name}" for name in wanted]


def test_a_picture_is_on_disk_while_the_next_is_still_drawn(folder: Path) -> None:
    assert main(["generate", "fox", "-n", "2", "-m", "mine/holds-the-second", "-o", "out"]) == 0
    assert names(folder / "out") == ["imageway-fox-1.png", "imageway-fox-2.png"]


def test_a_folder_keeps_what_it_has(folder: Path) -> None:
    old = folder / "out" / "imageway-fox-2.jpeg"
    old.parent.mkdir()
    old.write_bytes(b"mine")
    assert main(["generate", "fox", "-n", "2", "-o", "out"]) == 0
    assert names(folder / "out") == [
        "imageway-fox-2.jpeg",
        "imageway-fox-3.png",
        "imageway-fox-4.png",
    ]
    assert old.read_bytes() == b"mine"


def test_the_current_folder_is_where_pictures_go_by_themselves(folder: Path) -> None:
    assert main(["generate", "fox"]) == 0
    assert (folder / "imageway-fox-1.png").exists()


def test_the_suffix_asks_for_the_format(folder: Path, capsys: Capture) -> None:
    assert main(["generate", "fox", "-o", "fox.jpg"]) == 0
    assert Picture.from_bytes((folder / "fox.jpg").read_bytes()).format == "jpeg"


def test_a_format_that_is_named_goes_before_the_suffix(folder: Path, capsys: Capture) -> None:
    assert main(["generate", "fox", "-o", "fox.png", "--format", "gif"]) == 0
    assert Picture.from_bytes((folder / "fox.png").read_bytes()).format == "gif"
    assert "fox.png holds a gif" in capsys.readouterr().err


def test_a_file_for_several_pictures_is_numbered(folder: Path) -> None:
    assert main(["generate", "fox", "-n", "2", "-o", "fox.png"]) == 0
    assert {"fox-1.png", "fox-2.png"} <= set(names(folder))
    assert not (folder / "fox.png").exists()


def test_an_existing_file_is_refused_before_anybody_is_asked(folder: Path, capsys: Capture) -> None:
    (folder / "fox.png").write_bytes(b"mine")
    assert main(["generate", "fox", "-m", "mine/breaks", "-o", "fox.png"]) == 2
    assert (folder / "fox.png").read_bytes() == b"mine"
    assert "'fox.png' is already there\n  hint: overwrite: --force" in capsys.readouterr().err


def test_force_overwrites_the_file(folder: Path) -> None:
    (folder / "fox.png").write_bytes(b"mine")
    assert main(["generate", "fox", "-o", "fox.png", "--force"]) == 0
    assert (folder / "fox.png").read_bytes() != b"mine"


def test_standard_output_takes_one_picture(
    folder: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    assert main(["generate", "fox", "-o", "-"]) == 0
    assert Picture.from_bytes(capsysbinary.readouterr().out).format == "png"
    assert names(folder) == ["mine.py", "plugins.toml"]


@pytest.mark.parametrize("more", [["-n", "2"], ["--json"]])
def test_standard_output_takes_nothing_besides_one_picture(folder: Path, more: list[str]) -> None:
    assert main(["generate", "fox", "-o", "-", *more]) == 2


def test_the_prompt_may_come_from_standard_input(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a blue whale\n"))
    assert main(["generate", "-"]) == 0
    assert (folder / "imageway-a-blue-whale-1.png").exists()


def test_standard_input_must_be_text(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\xff"), encoding="utf-8"))
    assert main(["generate", "-"]) == 2
    assert "no text" in capsys.readouterr().err


def test_a_prompt_without_plain_letters_names_its_file_by_the_request(folder: Path) -> None:
    assert main(["generate", "赤い狐", "-o", "out"]) == 0
    (name,) = names(folder / "out")
    assert name.startswith("imageway-req_")


def test_some_of_the_pictures_is_a_code_of_its_own(folder: Path, capsys: Capture) -> None:
    assert main(["generate", "fox", "-n", "3", "-m", "mine/refuses-the-second", "-o", "out"]) == 3
    assert names(folder / "out") == ["imageway-fox-1.png", "imageway-fox-3.png"]
    assert capsys.readouterr().err == (
        "imageway: picture 2: the prompt was refused\n"
        "  hint: say it otherwise\n"
        "  mine said: SAFETY blocked �[31mby the filter\n"
        "  mine knows the call as req_theirs\n"
    )


def test_no_picture_is_a_failure_told_once(folder: Path, capsys: Capture) -> None:
    assert main(["generate", "fox", "-n", "2", "-m", "mine/refuses", "-o", "out"]) == 1
    assert capsys.readouterr().err.startswith("imageway: the prompt was refused\n  hint: say it")
    assert names(folder / "out") == []


def test_a_bug_shows_no_trace_and_says_where_it_is(folder: Path, capsys: Capture) -> None:
    assert main(["generate", "fox", "-m", "mine/breaks"]) == 1
    told = capsys.readouterr().err
    log = folder / "state" / "imageway" / "imageway.log"
    assert "Traceback" not in told
    assert str(log) in told
    request = told.split("details under ")[1].split()[0]
    assert request in log.read_text()
    assert "KeyError: 'a bug of the plug-in'" in log.read_text()


def test_a_trace_is_shown_to_who_asks_for_it(folder: Path, capsys: Capture) -> None:
    assert main(["--debug", "generate", "fox", "-m", "mine/breaks"]) == 1
    assert "KeyError: 'a bug of the plug-in'" in capsys.readouterr().err


@pytest.mark.usefixtures("interruptible")
def test_an_interruption_keeps_what_had_come(folder: Path, capsys: Capture) -> None:
    assert main(["generate", "fox", "-n", "2", "-m", "mine/is-interrupted", "-o", "out"]) == 130
    assert names(folder / "out") == ["imageway-fox-1.png"]
    told = capsys.readouterr().err
    assert "imageway: interrupted; 1 of 2 pictures saved" in told
    assert "this may have been charged" in told


def test_json_is_one_object(folder: Path, capsys: Capture) -> None:
    asked = ["generate", "fox", "-n", "2", "--seed", "7", "--style", "ink", "-o", "out", "--json"]
    assert main([*asked, "-m", "mine/draws"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "succeeded"
    assert told["images"][0] == {
        "index": 0,
        "path": "out/imageway-fox-1.png",
        "width": 8,
        "height": 6,
        "media_type": "image/png",
        "provider": "mine",
        "model": "draws",
        "seed": 7,
        "revised_prompt": None,
    }
    assert [image["index"] for image in told["images"]] == [0, 1]
    assert told["notes"] == [
        {"kind": "ignored", "detail": "'draws' knows no style; it is left out"}
    ]
    assert (told["failures"], told["usage"], told["error"]) == ([], [], None)


def test_json_says_which_picture_failed(folder: Path, capsys: Capture) -> None:
    asked = ["generate", "fox", "-n", "2", "-m", "mine/refuses-the-second", "--json"]
    assert main(asked) == 3
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "partial"
    assert told["failures"][0]["index"] == 1
    assert told["failures"][0]["error"]["code"] == "rejected"


def test_json_says_why_nothing_was_asked(folder: Path, capsys: Capture) -> None:
    assert main(["generate", "fox", "-m", "nobodi", "--json"]) == 2
    told = json.loads(capsys.readouterr().out)
    assert told["status"] == "failed"
    assert told["error"]["code"] == "not_found"
    assert told["error"]["hint"] == "did you mean 'nobody'?"


def test_strict_refuses_what_cannot_be_done_exactly(folder: Path, capsys: Capture) -> None:
    asked = ["generate", "fox", "-m", "mine/draws", "--style", "ink", "--strict"]
    assert main(asked) == 1
    assert "knows no style" in capsys.readouterr().err


def test_quiet_leaves_notes_out(folder: Path, capsys: Capture) -> None:
    assert main(["generate", "fox", "-m", "mine/draws", "--style", "ink", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_references_are_read_from_files(folder: Path, capsys: Capture) -> None:
    assert main(["generate", "fox", "--reference", "nosuch.png"]) == 2
    assert "references: cannot read 'nosuch.png'" in capsys.readouterr().err


def test_a_disabled_model_is_refused_with_what_to_set(folder: Path, capsys: Capture) -> None:
    assert main(["generate", "fox", "-m", "nobody"]) == 2
    assert "GEMINI_API_KEY" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["fox", "--size", "huge"], "such as 1024x768, got 'huge'"),
        (["fox", "--size", "8x8", "--aspect", "1:1"], "not both"),
        (["fox", "--seed", "ten"], "--seed: 'ten' is not a whole number"),
        (["fox", "--seed", "-1"], "got -1"),
        (["fox", "--guidance", "much"], "--guidance: 'much' is not a number"),
        (["fox", "-n", "0"], "got 0"),
        (["fox", "-n", "101"], "got 101"),
        ([" "], "must say what to draw"),
        ([], "missing: PROMPT"),
        (["a", "fox"], "put a text with spaces in quotes"),
        (["fox", "--negativ", "x"], "did you mean '--negative'"),
        (["fox", "--output", "x"], "there is no option '--output'"),
        (["fox", "-o", "fox.bmp"], "is neither a folder nor a picture"),
        (["fox", "-o", "nosuch/fox.png"], "there is no folder 'nosuch'"),
        (["fox", "-o", "plugins.toml/x/"], "cannot write to"),
    ],
)
def test_wrong_use_is_one_message_and_code_2(
    folder: Path, capsys: Capture, wrong: list[str], words: str
) -> None:
    assert main(["generate", *wrong]) == 2
    told = capsys.readouterr()
    assert words in told.err
    assert told.err.startswith("imageway: ")
    assert told.err.count("\n") <= 2
    assert told.out == ""


def test_previews_that_nobody_would_see_are_not_asked_for(folder: Path, capsys: Capture) -> None:
    assert main(["generate", "fox", "--previews", "3", "-o", "out"]) == 0
    told = capsys.readouterr().err
    assert "note: previews are shown on a terminal alone; none are asked for\n" in told

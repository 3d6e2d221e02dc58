"""References to secrets: what they find, and what they say when nothing is there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from imageway.providers.secrets import ExposedSecret, MissingSecret, SecretReference

HELD = "s3cret"


def found(reference: SecretReference, folder: Path, **environment: str) -> str:
    return reference.resolve(folder, environment).get_secret_value()


def keep(path: Path, secret: bytes, mode: int = 0o600) -> None:
    """A file as its owner left it."""
    path.write_bytes(secret)
    path.chmod(mode)


def printing(code: str) -> SecretReference:
    return SecretReference(command=[sys.executable, "-c", code])


def test_a_secret_may_lie_in_the_environment(tmp_path: Path) -> None:
    assert found(SecretReference(env="KEY"), tmp_path, KEY=f" {HELD}\n") == HELD


def test_a_secret_may_lie_in_a_file_beside_the_configuration(tmp_path: Path) -> None:
    keep(tmp_path / "key", f"{HELD}\n".encode())
    assert found(SecretReference(file="key"), tmp_path) == HELD


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601])
def test_a_file_that_others_can_read_is_not_used(tmp_path: Path, mode: int) -> None:
    keep(tmp_path / "key", HELD.encode(), mode)
    with pytest.raises(ExposedSecret, match=rf"\(mode {mode:04o}, must be 0600\); run: chmod 600"):
        found(SecretReference(file="key"), tmp_path)


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700])
def test_a_file_that_only_its_owner_can_read_is_used(tmp_path: Path, mode: int) -> None:
    keep(tmp_path / "key", HELD.encode(), mode)
    assert found(SecretReference(file="key"), tmp_path) == HELD


def test_a_link_is_judged_by_what_it_leads_to(tmp_path: Path) -> None:
    keep(tmp_path / "key", HELD.encode(), 0o644)
    (tmp_path / "link").symlink_to("key")
    with pytest.raises(ExposedSecret):
        found(SecretReference(file="link"), tmp_path)


def test_a_secret_may_come_from_a_command_run_beside_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(HELD)
    assert found(printing("print(open('key').read())"), tmp_path) == HELD


def test_a_command_does_not_read_what_is_piped_into_imageway(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"a red fox")
    os.close(writing)
    kept = os.dup(0)
    os.dup2(reading, 0)
    try:
        read = found(printing("import sys; print(repr(sys.stdin.read()))"), tmp_path)
    finally:
        os.dup2(kept, 0)
        os.close(kept)
        os.close(reading)
    assert read == "''"


@pytest.mark.parametrize(
    ("reference", "advice"),
    [
        (SecretReference(env="KEY"), "set KEY in the environment"),
        (SecretReference(env="BLANK"), "set BLANK in the environment"),
        (SecretReference(file="no"), "make .*no readable .No such file"),
        (SecretReference(file="."), "Is a directory"),
        (SecretReference(file="binary"), "it is not text"),
        (SecretReference(file="\x00"), "readable"),
        (SecretReference(file="empty"), "the file is empty"),
        (SecretReference(command=["no-such-program"]), "'no-such-program' did not run"),
        (SecretReference(command=["\x00"]), "did not run"),
        (printing("raise SystemExit(3)"), "failed with exit code 3"),
        (printing(""), "printed nothing"),
        (printing(r"import sys; sys.stdout.buffer.write(b'\xff')"), "did not run"),
    ],
)
def test_a_missing_secret_says_what_to_do(
    tmp_path: Path, reference: SecretReference, advice: str
) -> None:
    keep(tmp_path / "empty", b"\n")
    keep(tmp_path / "binary", b"\xff\xff")
    with pytest.raises(MissingSecret, match=advice):
        found(reference, tmp_path, BLANK=" ")


def test_what_a_failing_command_printed_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(MissingSecret) as caught:
        found(printing(f"print('{HELD}', flush=True); raise SystemExit(1)"), tmp_path)
    assert HELD not in str(caught.value).replace(sys.executable, "")


@pytest.mark.parametrize(
    "wrong",
    [{}, {"env": ""}, {"env": "X", "file": "y"}, {"command": []}, {"evn": "X"}, {"env": 3}],
)
def test_a_malformed_reference_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        SecretReference.model_validate(wrong)

"""The secret behind signed links is made once, kept for its owner alone, and never half."""

from __future__ import annotations

from pathlib import Path
from stat import S_IMODE

import pytest

from imageway.server.signing import Signer


def test_the_secret_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "links.secret"
    sign = Signer(path).sign("file-a", 5)
    assert S_IMODE(path.stat().st_mode) == 0o600
    assert S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == ["links.secret"]
    assert Signer(path).is_good("file-a", 5, sign)


@pytest.mark.parametrize(("name", "until"), [("file-b", 5), ("file-a", 6)])
def test_a_signature_is_for_one_name_and_one_date(tmp_path: Path, name: str, until: int) -> None:
    signer = Signer(tmp_path / "secret")
    assert not signer.is_good(name, until, signer.sign("file-a", 5))


def test_a_secret_that_others_may_read_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    Signer(path).sign("x", 1)
    path.chmod(0o644)
    Signer(path).sign("x", 1)
    assert S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("damaged", [b"", b"short", b"x" * 33])
def test_a_damaged_secret_is_made_anew(tmp_path: Path, damaged: bytes) -> None:
    path = tmp_path / "secret"
    path.write_bytes(damaged)
    sign = Signer(path).sign("x", 1)
    assert len(path.read_bytes()) == 32
    assert Signer(path).is_good("x", 1, sign)


def test_where_it_cannot_be_kept_links_end_with_the_process(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").write_text("a file where a folder belongs")
    path = tmp_path / "state" / "secret"
    signer = Signer(path)
    sign = signer.sign("x", 1)
    assert signer.is_good("x", 1, sign)
    assert not Signer(path).is_good("x", 1, sign)
    assert "links end with this process" in caplog.text

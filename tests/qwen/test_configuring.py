"""Settings come from three places, and a mistake in any is one line that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.qwen.configuring import read_settings
from imageway.qwen.sizes import NATIVE


def refused(
    flags: dict[str, object] | None = None,
    environment: dict[str, str] | None = None,
    file: Path | None = None,
) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        read_settings(flags or {}, environment or {}, file)
    assert caught.value.info.code is ErrorCode.MISCONFIGURED
    return caught.value.info


def test_a_flag_wins_over_a_variable_and_a_variable_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "qwen.toml"
    file.write_text("port = 1\nqueue_depth = 1\nmax_attempts = 1\n")
    variables = {"IMAGEWAY_QWEN_PORT": "2", "IMAGEWAY_QWEN_QUEUE_DEPTH": "2"}
    settings = read_settings({"port": 3, "host": None}, variables, file)
    assert (settings.port, settings.queue_depth, settings.max_attempts) == (3, 2, 1)


def test_lists_and_tables_can_be_said_in_a_variable() -> None:
    variables = {
        "IMAGEWAY_QWEN_ALLOWED_HOSTS": "a.example, b.example",
        "IMAGEWAY_QWEN_WARMUP_RATIOS": "1:1,16:9",
        "IMAGEWAY_QWEN_SIZES": '{"1:1": [64, 64]}',
        "IMAGEWAY_QWEN_EMBED_METADATA": "false",
    }
    settings = read_settings({}, variables)
    assert settings.allowed_hosts == ("a.example", "b.example")
    assert settings.warmup_ratios == ("1:1", "16:9")
    assert settings.sizes == {**NATIVE, "1:1": (64, 64)}
    assert settings.embed_metadata is False


def test_variables_of_others_are_left_alone() -> None:
    assert read_settings({}, {"IMAGEWAY_QWEN_URL": "http://x", "PORT": "x"}).port == 7860


def test_the_usual_settings_are_those_of_the_contract() -> None:
    settings = read_settings({}, {})
    assert (settings.host, settings.port) == ("127.0.0.1", 7860)
    assert (settings.queue_depth, settings.max_attempts, settings.stop_grace_seconds) == (16, 3, 55)
    assert (settings.result_ttl_seconds, settings.result_max_bytes) == (600, 512 * 2**20)
    assert (settings.embed_metadata, settings.log_prompts) == (True, False)
    assert (settings.backend, settings.sizes) == ("sdnq", NATIVE)


def test_a_mistyped_setting_is_answered_with_the_nearest(tmp_path: Path) -> None:
    file = tmp_path / "qwen.toml"
    file.write_text("queue_dept = 1\n")
    info = refused(file=file)
    assert info.message == "there is no setting 'queue_dept'"
    assert info.hint == "did you mean 'queue_depth'?"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "65536"),
        ("PORT", "many"),
        ("QUEUE_DEPTH", "-1"),
        ("BACKEND", "magic"),
        ("SIZES", '{"1:1": [65, 64]}'),
        ("SIZES", '{"5:4": [64, 64]}'),
        ("SIZES", "{"),
        ("WARMUP_RATIOS", "16/9"),
        ("MAX_WAIT_SECONDS", "0"),
        ("STOP_GRACE_SECONDS", "nan"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    assert name.lower() in refused(environment={f"IMAGEWAY_QWEN_{name}": value}).message


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    file = tmp_path / "qwen.toml"
    file.write_text("api_key = 12345678\n")
    info = refused(file=file)
    assert "api_key" in info.message
    assert "12345678" not in info.message


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe", None])
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "qwen.toml"
    if content is not None:
        file.write_bytes(content)
    assert "qwen.toml" in refused(file=file).message

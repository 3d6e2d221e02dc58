"""deploy/imageway-qwen.service, looked through by systemd itself."""

from __future__ import annotations

import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

from imageway.providers.config import Config
from imageway.qwen.run import MISCONFIGURED
from imageway.qwen.settings import Settings
from imageway.server.run import WRONG
from tests.checkout import text
from tests.deploy.programs import DEPLOY, deployed, program

UNIT, GATEWAY = "imageway-qwen.service", "imageway.service"


def service(unit: str = UNIT) -> RawConfigParser:
    parsed = RawConfigParser()
    parsed.optionxform = str  # type: ignore[method-assign,assignment]  # names keep their capitals
    parsed.read_string(text(DEPLOY / unit))
    return parsed


@pytest.mark.slow
@pytest.mark.parametrize("unit", [UNIT, GATEWAY])
def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path, unit: str) -> None:
    (tmp_path / unit).write_text(deployed(unit, **{"/srv/imageway/bin/imageway": "/bin/true"}))
    played = subprocess.run(
        [program("systemd-analyze"), "verify", "--man=no", str(tmp_path / unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (played.returncode, played.stderr) == (0, "")


def test_the_unit_is_not_root_and_has_more_time_to_stop_than_the_service_takes() -> None:
    unit = service()["Service"]
    assert unit["User"] == "imageway"
    assert float(unit["TimeoutStopSec"]) > Settings().stop_grace_seconds


def test_the_unit_starts_anew_after_a_failed_device_and_not_after_a_wrong_configuration() -> None:
    unit = service()["Service"]
    assert unit["Restart"] == "on-failure"
    assert unit["RestartPreventExitStatus"] == str(int(MISCONFIGURED))


def test_the_unit_does_not_start_for_ever_what_cannot_be_loaded() -> None:
    unit = service()["Unit"]
    assert int(unit["StartLimitBurst"]) == 3
    assert int(unit["StartLimitIntervalSec"]) > 3 * 300


def test_the_gateway_s_unit_lets_finish_what_runs_and_says_what_is_wrong_with_a_file() -> None:
    unit = service(GATEWAY)["Service"]
    assert float(unit["TimeoutStopSec"]) > Config().gateway.drain_timeout
    assert unit["RestartPreventExitStatus"] == str(WRONG)
    assert unit["ExecReload"] == unit["ExecStart"].replace(" serve ", " reload ")

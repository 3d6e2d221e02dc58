"""What all tests share: what counts in CI, and vendors that answer without a network."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, settings

from tests.vendor import Vendor, scripted_vendor

IN_CI = os.environ.get("CI", "").lower() not in {"", "0", "false"}

# The Qwen engine's libraries are large and have an environment of their own: `make test-qwen`.
# Open WebUI has one, too, and is driven from outside: `make e2e`. What is named is collected.
collect_ignore = ["e2e"] if find_spec("sdnq") else ["e2e", "qwen_engine"]

# A busy machine is no bug, and what CI finds must be found again by whoever looks for it.
settings.register_profile(
    "ours", deadline=None, derandomize=IN_CI, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ours")


def count_as_failure(report: pytest.TestReport | pytest.CollectReport) -> None:
    """Turn a skip into a failure; an expected failure is no skip."""
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"in CI nothing is skipped: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if IN_CI:
        count_as_failure(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if IN_CI:
        count_as_failure(report)
    return report


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    """Scripted answers for tests of one call; any other address is refused."""
    with scripted_vendor() as scripted:
        yield scripted

"""The Prometheus rules and the Grafana dashboard: they load, ring, and speak of what there is."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel

from tests.checkout import text
from tests.deploy.programs import DEPLOY, program
from tests.qwen.lab import served
from tests.server.lab import lab

ALERTS = "imageway-qwen-alerts.yml"
METRIC = re.compile(r"imageway_qwen_\w+")
GATEWAY_ALERTS = "imageway-alerts.yml"
GATEWAY_METRIC = re.compile(r"expr: (imageway_\w+)")


class Target(BaseModel):
    """One query of a panel."""

    expr: str


class Panel(BaseModel):
    """One panel of a dashboard."""

    title: str
    targets: list[Target]


class Dashboard(BaseModel):
    """A dashboard as Grafana imports it."""

    title: str
    panels: list[Panel]


def asked() -> set[str]:
    """Every metric that rules and dashboard ask for."""
    board = Dashboard.model_validate_json(text(DEPLOY / "grafana.json"))
    queries = [each.expr for panel in board.panels for each in panel.targets]
    return {*METRIC.findall("\n".join([text(DEPLOY / ALERTS), *queries]))}


def test_what_is_asked_for_is_what_the_service_says() -> None:
    with served() as it:
        told = it.service.metrics.text().decode()
    names = {family.name for family in text_string_to_metric_families(told)}
    ends = ("_total", "_bucket", "")
    missing = [name for name in asked() if not any(name.removesuffix(end) in names for end in ends)]
    assert missing == []


def promtool(*words: str, folder: Path) -> None:
    played = subprocess.run(
        [program("promtool"), *words], cwd=folder, capture_output=True, text=True, check=False
    )
    assert played.returncode == 0, played.stdout + played.stderr


@pytest.mark.slow
def test_prometheus_accepts_its_configuration_and_the_rules() -> None:
    promtool("check", "config", "prometheus.yml", folder=DEPLOY)


RINGS = """
rule_files: [{rules}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: 'imageway_qwen_queue_length{{instance="a",job="imageway-qwen"}}'
        values: '6x20'
      - series: 'imageway_qwen_queue_length{{instance="b",job="imageway-qwen"}}'
        values: '5x20'
      - series: 'imageway_qwen_model_ready{{instance="a",job="imageway-qwen"}}'
        values: '0x20'
      - series: 'imageway_qwen_model_ready{{instance="b",job="imageway-qwen"}}'
        values: '0x8 1x12'
      - series: 'imageway_qwen_requests_total{{instance="a",job="imageway-qwen",code="0"}}'
        values: '0+9x20'
      - series: 'imageway_qwen_requests_total{{instance="a",job="imageway-qwen",code="4001"}}'
        values: '0+1x20'
      - series: 'imageway_qwen_failures_total{{instance="a",job="imageway-qwen",reason="nan"}}'
        values: '0+1x20'
      - series: 'imageway_qwen_requests_total{{instance="b",job="imageway-qwen",code="0"}}'
        values: '0+99x20'
      - series: 'imageway_qwen_failures_total{{instance="b",job="imageway-qwen",reason="nan"}}'
        values: '0+1x20'
      - series: 'imageway_qwen_gpu_memory_bytes{{instance="a",job="imageway-qwen",kind="reserved"}}'
        values: '96x20'
      - series: 'imageway_qwen_gpu_memory_bytes{{instance="a",job="imageway-qwen",kind="total"}}'
        values: '100x20'
      - series: 'imageway_qwen_gpu_memory_bytes{{instance="b",job="imageway-qwen",kind="reserved"}}'
        values: '0x20'
      - series: 'imageway_qwen_gpu_memory_bytes{{instance="b",job="imageway-qwen",kind="total"}}'
        values: '0x20'
      - series: 'up{{instance="c",job="imageway-qwen"}}'
        values: '0x20'
    promql_expr_test:
      - expr: count by (alertname, instance) (ALERTS{{alertstate="firing"}})
        eval_time: 15m
        exp_samples:
{expected}
"""
EXPECTED = {
    "QwenLineIsLong": "a",
    "QwenIsNotReady": "a",
    "QwenFails": "a",
    "QwenMemoryIsNearlyFull": "a",
    "QwenIsGone": "c",
}


def samples(expected: Mapping[str, str]) -> str:
    """Which alert rings for whom, as promtool reads it."""
    return "\n".join(
        f'          - {{labels: \'{{alertname="{name}",instance="{instance}"}}\', value: 1}}'
        for name, instance in expected.items()
    )


@pytest.mark.slow
def test_each_alert_rings_for_who_is_ill_and_not_for_who_is_well(tmp_path: Path) -> None:
    rings = RINGS.format(rules=DEPLOY / ALERTS, expected=samples(EXPECTED))
    (tmp_path / "test.yml").write_text(rings)
    promtool("test", "rules", "test.yml", folder=tmp_path)


GATEWAY_RINGS = """
rule_files: [{rules}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: 'imageway_configuration_last_reload_successful{{instance="a",job="imageway"}}'
        values: '0x20'
      - series: 'imageway_configuration_last_reload_successful{{instance="b",job="imageway"}}'
        values: '0x1 1x19'
      - series: 'imageway_provider_health{{instance="a",job="imageway",provider="google"}}'
        values: '0x20'
      - series: 'imageway_provider_health{{instance="b",job="imageway",provider="google"}}'
        values: '0.5x20'
      - series: 'up{{instance="c",job="imageway"}}'
        values: '0x20'
    promql_expr_test:
      - expr: count by (alertname, instance) (ALERTS{{alertstate="firing"}})
        eval_time: 15m
        exp_samples:
{expected}
"""
GATEWAY_EXPECTED = {
    "ImagewayFileIsNotInForce": "a",
    "ImagewayProviderIsDown": "a",
    "ImagewayIsGone": "c",
}


@pytest.mark.slow
def test_each_alert_of_the_gateway_rings_for_who_is_ill(tmp_path: Path) -> None:
    rings = GATEWAY_RINGS.format(rules=DEPLOY / GATEWAY_ALERTS, expected=samples(GATEWAY_EXPECTED))
    (tmp_path / "test.yml").write_text(rings)
    promtool("test", "rules", "test.yml", folder=tmp_path)


async def test_what_the_gateway_s_alerts_ask_for_is_what_it_says() -> None:
    async with lab() as it:
        await it.draw()
        told = (await it.ask("/metrics")).body.decode()
    asked: list[str] = GATEWAY_METRIC.findall(text(DEPLOY / GATEWAY_ALERTS))
    assert [name for name in asked if f"\n{name}" not in told] == []

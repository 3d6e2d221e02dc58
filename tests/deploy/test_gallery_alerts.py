"""The rules and the dashboard for galleries: they load, ring, and ask for what there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.checkout import text
from tests.deploy.programs import DEPLOY
from tests.deploy.test_monitoring import Dashboard, promtool
from tests.server.test_gallery import stand

ALERTS = DEPLOY / "imageway-alerts.yml"
METRIC = re.compile(r"imageway_(?:gallery|provider|service)_\w+")


async def test_what_is_asked_for_is_what_the_gateway_says(tmp_path: Path) -> None:
    async with stand(tmp_path) as it:
        await it.get("/v1/gallery/wall")
        told = (await it.get("/metrics")).body.decode()
    names = {family.name for family in text_string_to_metric_families(told)}
    board = Dashboard.model_validate_json(text(DEPLOY / "grafana-galleries.json"))
    queries = [each.expr for panel in board.panels for each in panel.targets]
    asked = {
        each.removesuffix("_total") for each in METRIC.findall("".join([text(ALERTS), *queries]))
    }
    assert len(asked) > 6
    assert asked - names == set()


@pytest.mark.slow
def test_prometheus_accepts_the_rules() -> None:
    promtool("check", "rules", ALERTS.name, folder=DEPLOY)


SERIES = (
    # a fails and is asked; b failed once and nobody has asked since; c is well.
    ('imageway_gallery_answers_total{{{a},outcome="stale"}}', "0+3x60"),
    ('imageway_gallery_answers_total{{{b},outcome="stale"}}', "7x60"),
    ('imageway_gallery_answers_total{{{c},outcome="stale"}}', "0x60"),
    ('imageway_gallery_failing_seconds{{{a},list="images"}}', "0+60x60"),
    ('imageway_gallery_failing_seconds{{{b},list="images"}}', "0+60x60"),
    ('imageway_gallery_failing_seconds{{{c},list="images"}}', "0x60"),
    ('imageway_gallery_answers_total{{{a},outcome="refused"}}', "0+1x60"),
    ('imageway_gallery_answers_total{{{b},outcome="refused"}}', "3x60"),
    ('imageway_gallery_oldest_stale_seconds{{{a},list="images"}}', "64000+60x60"),
    ('imageway_gallery_oldest_stale_seconds{{{b},list="images"}}', "3600x60"),
    ("imageway_gallery_disk_problem{{{a}}}", "1x60"),
    ("imageway_gallery_disk_problem{{{b}}}", "1x5 0x55"),
    ('imageway_service_health{{{a},code="c",service="images"}}', "0x60"),
    ('imageway_service_health{{{b},code="c",service="images"}}', "0x8 1x52"),
    ('imageway_service_health{{{a},code="c",service="models"}}', "0.5x60"),
    ('imageway_service_health{{{b},code="c",service="models"}}', "1x60"),
)
EXPECTED = (
    "GalleryIsStale",
    "GalleryIsNearlyTooOld",
    "GalleryRefuses",
    "GalleryIsNotKeptOnDisk",
    "ServiceIsDown",
    "ServiceIsDegraded",
)
RINGS = """
rule_files: [{rules}]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
{series}
    promql_expr_test:
      - expr: count by (alertname, provider) (ALERTS{{alertstate="firing"}})
        eval_time: 40m
        exp_samples:
{expected}
"""


def series(pattern: str, values: str) -> str:
    labels = {name: f'instance="i",job="imageway",provider="{name}"' for name in "abc"}
    return f"      - {{series: '{pattern.format(**labels)}', values: '{values}'}}"


@pytest.mark.slow
def test_each_alert_rings_for_who_is_ill_and_not_for_who_is_well(tmp_path: Path) -> None:
    expected = "\n".join(
        f'          - {{labels: \'{{alertname="{name}",provider="a"}}\', value: 1}}'
        for name in EXPECTED
    )
    lines = "\n".join(series(*each) for each in SERIES)
    play = RINGS.format(rules=ALERTS, series=lines, expected=expected)
    (tmp_path / "test.yml").write_text(play)
    promtool("test", "rules", "test.yml", folder=tmp_path)

"""Probes tell the truth: alive, ready for work, and in what numbers."""

from __future__ import annotations

from dataclasses import replace

from tests.server.lab import Lab


async def test_health_tells_the_version(it: Lab) -> None:
    answer = await it.ask("/health")
    assert (answer.status, answer.json["status"]) == (200, "ok")


async def test_ready_names_who_can_and_who_cannot_be_asked(it: Lab) -> None:
    answer = await it.ask("/ready")
    assert answer.status == 200
    assert (answer.json["enabled"], answer.json["disabled"]) == (["lab"], ["shop"])


async def test_a_gateway_that_ends_is_alive_but_not_ready(it: Lab) -> None:
    it.gateway.draining = True
    assert (await it.ask("/ready")).status == 503
    assert (await it.ask("/health")).status == 200


async def test_a_gateway_without_providers_is_not_ready(it: Lab) -> None:
    it.way.in_force.take(replace(it.way.snapshot, providers={}))
    assert (await it.ask("/ready")).status == 503


async def test_metrics_are_in_prometheus_own_format(it: Lab) -> None:
    answer = await it.ask("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    assert b"# TYPE imageway_jobs_running gauge" in answer.body

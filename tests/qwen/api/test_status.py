"""How the service is: line, life, readiness, abilities, numbers."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families

from imageway.qwen.sizes import NATIVE
from tests.qwen.lab import Lab, lab

PUBLISHED = {
    "memory_mb",
    "queue_length",
    "uptime_seconds",
    "avg_generate_seconds",
    "processing",
    "model_loaded",
    "gpu_memory_allocated_mb",
    "gpu_memory_reserved_mb",
}


def numbers(text: bytes) -> dict[str, float]:
    """Every sample by its name and labels, as Prometheus reads them."""
    return {
        sample.name + "".join(f"|{key}={value}" for key, value in sorted(sample.labels.items())): (
            sample.value
        )
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


async def test_an_idle_line(it: Lab) -> None:
    assert (await it.get("/api/queue/status")).json == {
        "status": "idle",
        "queued": 0,
        "processing": 0,
        "estimated_wait_seconds": 0,
        "capacity": 16,
        "avg_generate_seconds": None,
    }


async def test_a_busy_line_says_how_long_a_new_one_would_wait() -> None:
    async with lab(default_step_seconds=1) as it:
        hold = it.engine.hold(1)
        running = await it.submit(num_steps=20)
        await hold.until_reached()
        waiting = await it.submit(num_steps=20)
        told = (await it.get(f"/api/queue/status?request_id={waiting}")).json
        assert (told["status"], told["queued"], told["processing"]) == ("busy", 1, 1)
        place = told["request"]
        assert isinstance(place, dict)
        assert (place["state"], place["position"], place["total_steps"]) == ("queued", 1, 20)
        wait, eta = told["estimated_wait_seconds"], place["eta_seconds"]
        assert isinstance(wait, float | int)
        assert isinstance(eta, float | int)
        assert wait >= eta >= 0
        assert "a red fox" not in str(told)
        hold.go.set()
        await it.ended(waiting)
        assert (await it.state(running))["state"] == "done"


async def test_asking_for_a_strange_request_is_404(it: Lab) -> None:
    assert (await it.get("/api/queue/status?request_id=req_ffffffff")).code == 3902


async def test_it_lives_and_is_not_ready_while_it_loads() -> None:
    async with lab(opens=False) as it:
        assert (await it.get("/api/health")).json == {"status": "ok"}
        answer = await it.get("/api/ready")
        assert (answer.status, answer.json["status"]) == (503, "loading")
        assert int(answer.headers["Retry-After"]) == answer.json["retry_after"]
        assert (await it.get("/api/queue/status")).json["status"] == "loading"
        assert (await it.get("/api/metrics")).json["model_loaded"] is False
        it.engine.release()
        await it.opening
        answer = await it.get("/api/ready")
        assert (answer.status, answer.json) == (200, {"status": "ready"})


async def test_it_says_what_it_is_and_what_it_can_do() -> None:
    async with lab(sizes=NATIVE) as it:
        told = (await it.get("/api/info")).json
    assert (told["backend"], told["model"]) == ("demo", "imageway-demo")
    assert told["sizes"] == {ratio: [*pixels] for ratio, pixels in NATIVE.items()}
    assert told["defaults"] == {
        "aspect_ratio": "1:1",
        "num_steps": 50,
        "cfg_scale": 4.0,
        "seed": 42,
        "format": "png",
        "negative_prompt": "",
    }
    features = told["features"]
    assert isinstance(features, list)
    assert {"async", "events", "previews", "cancel", "idempotency"} <= {*map(str, features)}


async def test_the_numbers_have_the_published_keys(it: Lab) -> None:
    await it.generate()
    await it.generate("")
    told = (await it.get("/api/metrics")).json
    assert set(told) >= PUBLISHED
    assert told["requests"] == {"0": 1, "1001": 1}
    assert told["model_loaded"] is True
    assert told["gpu_memory_allocated_mb"] == 1024


async def test_acceptance_12_prometheus_gets_text(it: Lab) -> None:
    await it.generate()
    for answer in (
        await it.get("/metrics"),
        await it.get("/api/metrics?format=prometheus"),
        await it.get("/api/metrics", Accept="application/openmetrics-text;version=1.0.0,*/*;q=0.1"),
        await it.get("/api/metrics", Accept="text/plain;version=0.0.4"),
    ):
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert numbers(answer.body)["imageway_qwen_requests_total|code=0"] == 1


async def test_acceptance_12_every_promised_number_is_there(it: Lab) -> None:
    it.engine.fails("nan", step=30)
    await it.generate()
    it.engine.fails("nan", "decode")
    await it.generate()
    it.engine.fails("internal")
    await it.generate()
    await it.cancelled()
    told = numbers((await it.get("/metrics")).body)
    prefix = "imageway_qwen_"
    expected = {
        "requests_total|code=0": 2,
        "requests_total|code=4001": 1,
        "requests_total|code=3901": 1,
        "degraded_total|reason=nan": 1,
        "repairs_total|kind=precise_decode": 1,
        "failures_total|reason=internal": 1,
        "cancelled_total|stage=running": 1,
        "generate_seconds_count": 2,
        "queue_wait_seconds_count": 4,
        "queue_length": 0,
        "processing": 0,
        "model_ready": 1,
        "gpu_memory_bytes|kind=allocated": 2**30,
        "gpu_memory_bytes|kind=reserved": 2**31,
        "build_info|diffusers=none|model=imageway-demo|sdnq=none|torch=none": 1,
    }
    assert {name: told[prefix + name] for name in expected} == expected
    assert told[prefix + "step_seconds_count"] > 100
    assert prefix + "model_load_seconds" in told


async def test_no_number_tells_a_prompt_or_an_id(it: Lab) -> None:
    answer = await it.generate("a very secret fox")
    text = (await it.get("/metrics")).body.decode()
    assert "secret" not in text
    assert answer.headers["X-Request-Id"] not in text


async def test_a_wish_that_was_turned_away_is_counted_once(it: Lab) -> None:
    await it.generate(num_steps=1)
    await it.ask("POST", "/api/generate", b"{")
    await it.ask("POST", "/v1/images/generations", {"prompt": ""})
    await it.get("/api/requests/req_ffffffff")
    told = (await it.get("/api/metrics")).json
    assert told["requests"] == {"1001": 1, "1900": 1, "2001": 1}

"""What the Qwen service says when all is well: pictures, states, itself."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from pydantic import JsonValue

from imageway.emulators.answer import Answer, Charge
from imageway.emulators.faults import Fault, Scripted
from imageway.emulators.heard import Heard
from imageway.emulators.pictures import paint
from imageway.emulators.qwen_events import degraded_of
from imageway.emulators.qwen_line import Job, Line
from imageway.emulators.qwen_order import (
    FORMATS,
    LONGEST,
    MOST_SEED,
    NATIVE_SIZES,
    SCALES,
    STEPS,
    Sizes,
)

Told = dict[str, JsonValue]
Figures = Mapping[str, float | bool]
HTML = b"<html><body>this is no picture</body></html>"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a service's owner configures, and what the contract leaves open."""

    model: str = "qwen-image-2512"
    title: str = "Qwen-Image-2512, uint4 with SVD rank 32"
    backend: str = "sdnq"
    sizes: Sizes = field(default_factory=lambda: NATIVE_SIZES)
    queue_depth: int = 16
    result_ttl_seconds: float = 600.0
    allowed_origins: frozenset[str] = frozenset()
    allowed_hosts: frozenset[str] = frozenset({"127.0.0.1", "localhost", "[::1]"})
    previews: int = 3


def painted(job: Job) -> bytes:
    """The picture of a job; the same wishes paint the same."""
    order = job.order
    return paint(order.width, order.height, order.format, order.number)


def charge(job: Job) -> Charge:
    """An entry of a bill that asks for no money: the time that one picture took."""
    return Charge(job.id, 1, Decimal(f"{job.seconds_drawn:.3f}"), "seconds")


def picture(job: Job, scripted: Scripted | None, headers: Mapping[str, str]) -> Answer:
    """The finished picture."""
    fault = scripted.fault if scripted else None
    data = {Fault.NO_IMAGE: b"", Fault.NOT_A_PICTURE: HTML}.get(fault) if fault else None
    body = painted(job) if data is None else data
    return Answer((body,), 200, f"image/{job.order.format}", headers)


def headers_of(job: Job, model: str) -> dict[str, str]:
    """The headers of a finished picture."""
    order = job.order
    headers = {
        "Content-Disposition": f'inline; filename="qwen-{order.seed}-{job.id}.{order.format}"',
        "X-Code": "0",
        "X-Request-Id": job.id,
        "X-Seed": str(order.seed),
        "X-Num-Steps": str(order.num_steps),
        "X-Cfg-Scale": str(order.cfg_scale),
        "X-Width": str(order.width),
        "X-Height": str(order.height),
        "X-Model": model,
        **{f"X-{name.title()}-Seconds": f"{value:.3f}" for name, value in timings(job).items()},
        "X-Degraded": "false" if job.degraded is None else "true",
    }
    if order.ignored:
        headers["X-Ignored-Fields"] = ",".join(order.ignored)
    if job.degraded is not None:
        headers["X-Degrade-Reason"] = job.degraded.reason
        headers["X-Requested-Seed"] = str(job.degraded.requested_seed)
        headers["X-Requested-Steps"] = str(job.degraded.requested_steps)
    return headers


def timings(job: Job) -> Mapping[str, float]:
    """Seconds in the line and at work."""
    began = job.created if job.began is None else job.began
    return {"queue": began - job.created, "generate": job.seconds_drawn}


def in_json(job: Job) -> Answer:
    """The finished picture inside JSON."""
    order = job.order
    told: Told = {
        "code": 0,
        "message": "ok",
        "request_id": job.id,
        "image_base64": base64.b64encode(painted(job)).decode(),
        "mime": f"image/{order.format}",
        "seed": order.seed,
        "num_steps": order.num_steps,
        "cfg_scale": order.cfg_scale,
        "width": order.width,
        "height": order.height,
        "degraded": degraded_of(job),
        "timings": {f"{name}_seconds": value for name, value in timings(job).items()},
    }
    return Answer.of_json(told)


def accepted(job: Job, line: Line) -> Answer:
    """The answer to a request that is drawn in the background."""
    here = f"/api/requests/{job.id}"
    waits = job.state == "queued"
    position = line.position(job) if waits else 0
    told: Told = {
        "code": 0,
        "request_id": job.id,
        "status": job.state,
        "queue_position": position,
        "estimated_wait_seconds": round(line.estimate(position - 1), 1) if waits else 0,
        "events": f"{here}/events",
        "image": f"{here}/image",
    }
    ignored = {"X-Ignored-Fields": ",".join(job.order.ignored)} if job.order.ignored else {}
    return Answer.of_json(told, 202, {"Location": here, **ignored})


def state_of(job: Job, line: Line, heard: Heard) -> Told:
    """What is told of one request; its prompt never is."""
    told: Told = {
        "code": 0,
        "request_id": job.id,
        "state": job.state,
        "position": line.position(job) if job.state == "queued" else None,
        "step": job.step,
        "total_steps": job.order.num_steps,
        "eta_seconds": 0 if job.is_over else round(line.left(job), 1),
    }
    if job.state == "done":
        told |= {"seed": job.order.seed, "degraded": degraded_of(job)}
        told["image"] = f"/api/requests/{job.id}/image"
    if job.problem is not None:
        told["error"] = job.problem.body(heard, job.id)
    return told


def queue_of(line: Line, state: str) -> Told:
    """The published members of the queue's state."""
    running = line.running
    if state == "ready":
        state = "busy" if running or line.waiting else "idle"
    return {
        "status": state,
        "queued": len(line.waiting),
        "processing": 1 if running else 0,
        "estimated_wait_seconds": round(line.estimate(), 1),
    }


def info_of(facts: Facts) -> Told:
    """What an extended service says of itself."""
    return {
        "model": facts.model,
        "title": facts.title,
        "backend": facts.backend,
        "sizes": {ratio: [*size] for ratio, size in facts.sizes.items()},
        "limits": {
            "prompt": LONGEST,
            "negative_prompt": LONGEST,
            "num_steps": [*STEPS],
            "cfg_scale": [*SCALES],
            "seed": [0, MOST_SEED],
            "queue_depth": facts.queue_depth,
            "result_ttl_seconds": facts.result_ttl_seconds,
        },
        "defaults": {
            "aspect_ratio": "1:1",
            "num_steps": 50,
            "cfg_scale": 4.0,
            "seed": 42,
            "format": "png",
        },
        "formats": [*FORMATS],
        "features": ["async", "events", "previews", "cancel", "idempotency"],
        "quantised_layers": {"transformer": 846, "text_encoder": 196},
    }


def metrics_of(line: Line, uptime: float, *, loaded: bool) -> Figures:
    """The figures as JSON, under the published names."""
    return {
        "memory_mb": 1234.5,
        "queue_length": len(line.waiting),
        "uptime_seconds": uptime,
        "avg_generate_seconds": line.seconds(),
        "processing": 1 if line.running else 0,
        "model_loaded": loaded,
        "gpu_memory_allocated_mb": 18_022.4,
        "gpu_memory_reserved_mb": 20_480.0,
    }


def prometheus_of(metrics: Figures) -> Answer:
    """The figures as Prometheus reads them."""
    lines = [
        f"imageway_qwen_{name} {json.dumps(metrics[name])}"
        for name in ("queue_length", "processing", "uptime_seconds")
    ]
    body = "\n".join([*lines, ""]).encode()
    return Answer((body,), 200, "text/plain; version=0.0.4; charset=utf-8")

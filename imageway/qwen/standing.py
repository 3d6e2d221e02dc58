"""How the service stands: its state in one word, whether it lives, whether it should be asked."""

from __future__ import annotations

from math import ceil
from typing import Literal

from pydantic import JsonValue

from imageway.qwen.job import Job, State, degraded_data, image_path
from imageway.qwen.life import Phase
from imageway.qwen.service import Service

Status = Literal["loading", "idle", "busy", "stopping", "error"]
Illness = Literal["worker_dead", "stuck", "device"]
Told = dict[str, JsonValue]

LEAST_STUCK_SECONDS = 120.0
STUCK_STEPS = 20


def status_of(service: Service) -> Status:
    """One word."""
    if service.phase is Phase.STOPPING:
        return "stopping"
    if service.broken or service.is_failing:
        return "error"
    if service.phase is Phase.LOADING:
        return "loading"
    return "busy" if service.turn is not None or len(service.line) else "idle"


def illness_of(service: Service) -> Illness | None:
    """Why it should be restarted; None while it lives, also while it loads."""
    if service.broken and service.broken.reason == "device":
        return "device"
    if service.broken or not service.stage.is_alive:
        return "worker_dead"
    if service.turn is not None and _is_stuck(service, service.clock() - service.turn.last_sign):
        return "stuck"
    return None


def _is_stuck(service: Service, silent: float) -> bool:
    usual = max(LEAST_STUCK_SECONDS, STUCK_STEPS * service.estimate.step_seconds)
    return silent > (service.settings.stuck_seconds or usual)


def readiness_of(service: Service) -> Told:
    """Whether it should be sent requests, and if not, when to look again."""
    if service.is_ready:
        return {"status": "ready"}
    status = status_of(service)
    again = service.loading.seconds_left if status == "loading" else 5
    return {"status": status, "retry_after": round(again)}


def queue_of(service: Service) -> Told:
    """The line as a new request would find it; prompts never appear."""
    average = service.estimate.whole_seconds
    return {
        "status": status_of(service),
        "queued": len(service.line),
        "processing": 0 if service.turn is None else 1,
        "estimated_wait_seconds": ceil(service.seconds_until_turn()),
        "capacity": service.line.capacity,
        "avg_generate_seconds": None if average is None else round(average, 3),
    }


def place_of(service: Service, job: Job) -> Told:
    """How far one request is: until it begins while it waits, until it is done while it runs."""
    return {
        "state": job.state,
        "position": job.position or None,
        "step": job.step,
        "total_steps": job.total_steps or job.order.steps,
        "eta_seconds": round(seconds_left(service, job), 1),
    }


def seconds_left(service: Service, job: Job) -> float:
    """Until a waiting request begins, or a running one is done."""
    if job.state is State.QUEUED:
        return service.seconds_until_turn(service.line.position(job))
    if service.turn is not None and service.turn.job is job:
        return service.turn.seconds_left()
    return 0.0


def job_data(service: Service, job: Job) -> Told:
    """Everything that may be told of a request, but for why it failed."""
    order, task = job.order, None if job.result is None else job.result.task
    told: Told = {
        "code": 0,
        "request_id": job.id,
        **place_of(service, job),
        "seed": order.seed if task is None else task.seed,
        "num_steps": order.steps if task is None else task.steps,
        "cfg_scale": order.guidance,
        "width": order.width,
        "height": order.height,
        "format": order.format,
        "degraded": None if job.result is None else degraded_data(job.result),
        "timings": timings_of(job),
        "events": f"/api/requests/{job.id}/events",
    }
    return {**told, "image": image_path(job.id)} if job.state is State.DONE else told


def timings_of(job: Job) -> Told:
    """How long it waited, and how long it took."""
    return {
        "queue_seconds": round(job.queue_seconds, 3),
        "generate_seconds": round(job.generate_seconds, 3),
    }

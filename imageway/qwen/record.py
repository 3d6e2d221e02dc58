"""One log line for every request that is over."""

from __future__ import annotations

import logging
from hashlib import sha256

import orjson

from imageway.qwen.job import Job

log = logging.getLogger("imageway.qwen")
# Silent unless the settings ask for it; what people draw is nobody's business.
prompts = logging.getLogger("imageway.qwen.prompts")


def record(job: Job) -> None:
    """Write down what was asked and what came; the prompt only as its digest."""
    order = job.order
    log.info(
        "%s",
        orjson.dumps(
            {
                "request_id": job.id,
                "state": job.state,
                "code": int(job.code),
                "prompt_sha256": sha256(order.prompt.encode()).hexdigest(),
                "size": f"{order.width}x{order.height}",
                "num_steps": order.steps,
                "cfg_scale": order.guidance,
                "seed": order.seed,
                "degraded": job.result is not None and job.result.degraded is not None,
                "queue_seconds": round(job.queue_seconds, 3),
                "generate_seconds": round(job.generate_seconds, 3),
            }
        ).decode(),
    )
    prompts.debug("%s %r", job.id, order.prompt)


def record_failure(job: Job, what: str, trace: str) -> None:
    """Write down why a picture did not come, with the engine's trace."""
    log.error("%s: %s\n%s", job.id, what, trace)

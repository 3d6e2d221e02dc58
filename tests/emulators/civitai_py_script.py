"""Plays what was once recorded with civitai-py, and tells what it saw; needs CIVITAI_API_TOKEN."""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Callable
from importlib import import_module
from typing import Any

# It lives in an environment of its own, where no checker looks.
civitai: Any = import_module("civitai")

SD1 = "urn:air:sd1:checkpoint:civitai:4384@128713"
SDXL = "urn:air:sdxl:checkpoint:civitai:101055@128078"
LORA = "urn:air:sdxl:lora:civitai:123456@789012"
USUAL = {
    "prompt": "a lighthouse at dusk",
    "negativePrompt": "blurry",
    "scheduler": "EulerA",
    "steps": 20,
    "cfgScale": 7,
    "width": 512,
    "height": 512,
    "clipSkip": 2,
}
FULL = {
    "model": SDXL,
    "params": {"prompt": "PARTIAL lighthouse", "width": 1024, "height": 1024, "seed": -1},
    "additionalNetworks": {LORA: {"type": "Lora", "strength": 0.8}},
    "callbackUrl": "https://example.invalid/hook",
    "quantity": 3,
    "properties": {"userId": 4, "requestKey": "abc-1"},
}
FAULTS = ("bad_key", "forbidden", "rate_limited", "html")


def main() -> None:
    url = sys.argv[1]
    civitai.civitai.base_path = url
    seen: dict[str, object] = {}
    first = civitai.image.create({"model": SD1, "params": USUAL})
    seen["minimal"] = len(first["jobs"])
    seen["full"] = len(civitai.image.create(FULL)["jobs"])
    waited = civitai.image.create({"model": SD1, "params": USUAL}, wait=True)
    seen["waited"] = waited["jobs"][0]["result"]["available"]
    seen["by_token"] = len(civitai.jobs.get(token=first["token"])["jobs"])
    one = first["jobs"][0]["jobId"]
    seen["by_id"] = told(lambda: civitai.jobs.get(job_id=one))
    found = civitai.jobs.query({"properties": {"requestKey": "abc-1"}}, detailed=True)
    seen["query"] = len(found.jobs)
    civitai.jobs.cancel(one)
    seen["too_wide"] = told(lambda: create(width=1025))
    for fault in FAULTS:
        script(url, fault)
        seen[fault] = told(lambda: create())
    sys.stdout.write(json.dumps(seen))


def create(**params: object) -> object:
    return civitai.image.create({"model": SD1, "params": {**USUAL, **params}})


def script(url: str, fault: str) -> None:
    body = json.dumps({"fault": fault}).encode()
    request = urllib.request.Request(f"{url}/_emulator/faults", body, method="POST")
    urllib.request.urlopen(request).close()


def told(step: Callable[[], object]) -> object:
    try:
        return step()
    except Exception as error:  # noqa: BLE001
        return [type(error).__name__, getattr(error, "status_code", None)]


if __name__ == "__main__":
    main()

"""A service in a process of its own: python -m tests.qwen.program [KEY=JSON …] [FAILURE].

The failure is one of FAILURES; without one the engine is the demo's own.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping

import orjson

from imageway.qwen.configuring import misconfigured
from imageway.qwen.demo import DemoEngine
from imageway.qwen.engine import Engine
from imageway.qwen.run import serve
from imageway.qwen.settings import Settings
from tests.qwen.lab import lab_settings
from tests.qwen.scripted import Scripted


def failing_device(settings: Settings) -> Engine:
    engine = Scripted(settings)
    engine.fails("device", step=3)
    return engine


def no_folder(settings: Settings) -> Engine:
    engine = Scripted(settings)
    engine.fails(misconfigured("there is no folder 'x'", "name another"), "load")
    return engine


def no_disk(settings: Settings) -> Engine:
    engine = Scripted(settings)
    engine.fails(OSError("the disk is gone"), "load")
    return engine


def endless_step(settings: Settings) -> Engine:
    engine = Scripted(settings)
    engine.hold(5)
    return engine


FAILURES: Mapping[str, Callable[[Settings], Engine]] = {
    "none": DemoEngine,
    "device": failing_device,
    "config": no_folder,
    "load": no_disk,
    "endless": endless_step,
}


def main(failure: str, *pairs: str) -> int:
    """Serve with the lab's settings and those that are given."""
    parted = (each.partition("=") for each in pairs)
    given = {name: orjson.loads(value) for name, _, value in parted}
    settings = lab_settings(port=0, **given)
    return serve(settings, FAILURES[failure](settings))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

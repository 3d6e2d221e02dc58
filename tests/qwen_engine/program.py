"""The service with the real engine and a fault, in a process of its own.

python -m tests.qwen_engine.program MODEL CALL: the device fails at that call of the transformer.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from imageway.qwen.diffusion.engine import DiffusionEngine
from imageway.qwen.run import serve
from tests.qwen_engine.faults import fault, poisoned
from tests.qwen_engine.tiny import tiny_settings


class Failing(DiffusionEngine):
    """Its device fails at a call."""

    call = 1

    def load(self, report: Callable[[float], None]) -> None:
        """Load, and bring in the fault for good."""
        super().load(report)
        self._fault = fault(self.studio.pipe.transformer.proj_out, poisoned, self.call)
        self._fault.__enter__()


if __name__ == "__main__":
    settings = tiny_settings(Path(sys.argv[1]), port=0)
    Failing.call = int(sys.argv[2])
    sys.exit(serve(settings, Failing(settings)))

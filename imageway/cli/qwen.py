"""imageway qwen: the local Qwen-Image service and its tools."""

from __future__ import annotations

from imageway.cli import qwen_doctor, qwen_info, qwen_quantize, qwen_serve, qwen_verify
from imageway.cli.command import Group

COMMANDS = Group(
    "qwen",
    "the local Qwen-Image service",
    (
        qwen_serve.COMMAND,
        qwen_info.COMMAND,
        qwen_doctor.COMMAND,
        qwen_quantize.COMMAND,
        qwen_verify.COMMAND,
    ),
)

"""imageway qwen: the local Qwen-Image service and its tools."""

from __future__ import annotations

from imageway.cli import qwen_info, qwen_serve
from imageway.cli.command import Group

COMMANDS = Group(
    "qwen",
    "the local Qwen-Image service",
    (qwen_serve.COMMAND, qwen_info.COMMAND),
)

"""imageway key: the keys of the gateway's callers."""

from __future__ import annotations

from imageway.cli import key_list, key_new, key_revoke
from imageway.cli.command import Group

COMMANDS = Group(
    "key",
    "make, list and revoke the keys of the gateway's callers",
    (key_new.COMMAND, key_list.COMMAND, key_revoke.COMMAND),
)

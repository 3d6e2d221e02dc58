"""References to secrets: { env = "NAME" }, { file = "PATH" } or { command = ["pass", "x"] }."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

COMMAND_SECONDS = 20
# Docker, Kubernetes and systemd hand secrets over there, with rights of their own choosing.
MOUNTED = Path("/run")
OTHERS = stat.S_IRWXG | stat.S_IRWXO


class MissingSecret(Exception):
    """The reference is well formed but nothing is there; the text says what to set."""


class ExposedSecret(MissingSecret):
    """Others on this machine can read the secret's file, so it is not used."""


class SecretReference(BaseModel):
    """Where a secret lies; exactly one of the three."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    env: str | None = Field(default=None, min_length=1)
    file: str | None = Field(default=None, min_length=1)
    command: list[str] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _is_one(self) -> SecretReference:
        if sum(value is not None for value in (self.env, self.file, self.command)) != 1:
            raise ValueError("must be exactly one of env, file and command")
        return self

    def resolve(self, folder: Path, environment: Mapping[str, str]) -> SecretStr:
        """Fetch the secret; raises MissingSecret when there is none."""
        if self.env is not None:
            return _present(environment.get(self.env, ""), f"set {self.env} in the environment")
        if self.file is not None:
            return _read(folder / self.file)
        return _run(self.command or [], folder)


def looks_like_reference(table: Mapping[str, object]) -> bool:
    """Whether a table of the file is meant as a reference to a secret."""
    return bool(table) and table.keys() <= SecretReference.model_fields.keys()


def _present(text: str, advice: str) -> SecretStr:
    if not text.strip():
        raise MissingSecret(advice)
    return SecretStr(text.strip())


def refuse_exposed(path: Path) -> None:
    """Raise ExposedSecret for a file of ours that others can read; as ssh does with its keys.

    What belongs to somebody else, or was put below /run by whoever runs us, is not ours to change.
    """
    try:
        path = path.resolve()
        status = path.stat()
    except (OSError, ValueError):
        return
    is_ours = status.st_uid == os.geteuid() and not path.is_relative_to(MOUNTED)
    if stat.S_ISREG(status.st_mode) and is_ours and status.st_mode & OTHERS:
        mode = f"{stat.S_IMODE(status.st_mode):04o}"
        raise ExposedSecret(
            f"others can read {path} (mode {mode}, must be 0600); run: chmod 600 {path}"
        )


def _read(path: Path) -> SecretStr:
    refuse_exposed(path)
    try:
        return _present(path.read_text(), f"write the secret to {path}; the file is empty")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise MissingSecret(f"make {path} readable ({reason})") from error


def _run(command: list[str], folder: Path) -> SecretStr:
    """Run a password manager; its output is never shown, its failure is."""
    name = command[0]
    try:
        done = subprocess.run(  # noqa: S603 - the operator wrote this command in their own file
            command,
            stdin=subprocess.DEVNULL,  # or it would eat a prompt that is piped in
            capture_output=True,
            cwd=folder,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise MissingSecret(f"the command {name!r} did not run ({type(error).__name__})") from error
    if done.returncode != 0:
        raise MissingSecret(f"the command {name!r} failed with exit code {done.returncode}")
    return _present(done.stdout, f"the command {name!r} printed nothing")

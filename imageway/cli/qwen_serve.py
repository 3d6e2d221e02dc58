"""imageway qwen serve: the local Qwen-Image service."""

from __future__ import annotations

import os
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from imageway.cli.command import Command, Exit
from imageway.cli.output import complain
from imageway.core.errors import ImagewayError
from imageway.qwen.configuring import PREFIX, read_settings
from imageway.qwen.settings import Settings

# A command line is seen by everybody on the machine.
NOT_ON_THE_COMMAND_LINE = frozenset({"api_key"})
FLAGS = tuple(name for name in Settings.model_fields if name not in NOT_ON_THE_COMMAND_LINE)
NOTE = f"each is also a variable, such as {PREFIX}PORT, and a key of the TOML file behind --config"
# Its usual value is a table of seven lines; the manual shows it.
TOO_LONG_TO_SHOW = frozenset({"sizes"})


def _arguments(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("settings", NOTE)
    for name in FLAGS:
        field = Settings.model_fields[name]
        usual = "" if name in TOO_LONG_TO_SHOW else _usual(field)
        group.add_argument(
            f"--{name.replace('_', '-')}",
            metavar=_metavar(field),
            help=f"{field.description}{usual}".replace("%", "%%"),
        )


def _metavar(field: FieldInfo) -> str:
    if field.annotation is bool:
        return "true|false"
    if get_origin(field.annotation) is Literal:
        return "|".join(map(str, get_args(field.annotation)))
    return "VALUE"


def _usual(field: FieldInfo) -> str:
    """The default in brackets, as it would be typed."""
    value: object = field.default
    if value is None or value == ():
        return ""
    if isinstance(value, tuple):
        value = ",".join(map(str, value))  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]: any tuple
    return f" (default: {str(value).lower() if isinstance(value, bool) else value})"


def _run(chosen: Namespace) -> int:
    from imageway.qwen.engines import make_engine
    from imageway.qwen.run import serve

    file = None if chosen.config is None else Path(chosen.config)
    flags = {name: getattr(chosen, name) for name in FLAGS}
    try:
        settings = read_settings(flags, os.environ, file)
        engine = make_engine(settings)
    except ImagewayError as error:
        complain(error.info)
        return Exit.MISCONFIGURED
    return serve(settings, engine)


COMMAND = Command("serve", "start the service", _arguments, _run, logs_itself=True)

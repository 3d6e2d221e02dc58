"""imageway qwen quantize: a checkpoint as uint4 with SVD, from one in bfloat16."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from imageway.cli.command import Command, Exit
from imageway.cli.output import clean, complain, say
from imageway.core.errors import ErrorCode, ImagewayError


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("source", metavar="SRC", type=Path, help="the checkpoint to read")
    parser.add_argument("target", metavar="DST", type=Path, help="the folder to write")
    parser.add_argument(
        "--device",
        metavar="DEVICE",
        default="auto",
        help="what computes the decompositions: auto, cuda, xpu, mps or cpu (default: auto)",
    )


def _run(chosen: Namespace) -> int:
    from imageway.qwen.diffusion import libraries

    try:
        libraries.require()
        counts = _quantised(chosen)
    except ImagewayError as error:
        complain(error.info)
        is_wrong = error.info.code is ErrorCode.MISCONFIGURED
        return Exit.MISCONFIGURED if is_wrong else Exit.NOTHING
    layers = ", ".join(f"{count} layers of {name}" for name, count in counts.items())
    say(clean(f"{chosen.target} is ready: {layers}"))
    return Exit.DONE


def _quantised(chosen: Namespace) -> dict[str, int]:
    from imageway.qwen.diffusion import libraries
    from imageway.qwen.diffusion.devices import find_device

    device = find_device(chosen.device)
    libraries.prepare_here(device.type, offline=True)
    # SDNQ reads its environment while it is imported.
    from imageway.qwen.diffusion.quantizing import Quantising

    return {**Quantising(chosen.source, chosen.target, say, str(device)).run()}


COMMAND = Command("quantize", "quantise a checkpoint: uint4 with SVD rank 32", _arguments, _run)

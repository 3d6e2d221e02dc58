"""python -m imageway.emulators NAME [--port]: runs one emulator until it is stopped."""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser, Namespace

from imageway.emulators.serving import find, serve


def main() -> None:
    """Read the command line and run."""
    parser = ArgumentParser(prog="python -m imageway.emulators", description=__doc__)
    parser.add_argument("name", help="an installed emulator, or a dotted path like house:Emulator")
    parser.add_argument("--port", type=int, default=0, help="0, the default, takes a free one")
    parser.add_argument("--seconds", type=float, default=0.0, help="work for one picture")
    try:
        asyncio.run(_run(parser.parse_args()))
    except LookupError as error:
        parser.error(str(error))
    except KeyboardInterrupt:
        return


async def _run(arguments: Namespace) -> None:
    kind = find(arguments.name)
    emulator = kind(seconds_per_picture=arguments.seconds)
    async with serve(emulator, arguments.port) as url:
        sys.stdout.write(
            f"base URL  {url}{emulator.base_path}\nkey       {emulator.key or 'none is needed'}\n"
            f"control   {url}/_emulator\n"
        )
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    main()

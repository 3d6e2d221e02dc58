"""What every adapter promises besides: only errors of the house, no loose ends, no secrets told."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Generator
from contextlib import contextmanager

from imageway.core.errors import ImagewayError
from imageway.emulators.faults import Fault
from imageway.testing.clockwork import a_while
from imageway.testing.lab import Lab
from imageway.testing.needs import wire
from imageway.testing.outcome import described
from imageway.testing.scenario import Broken, expect, scenario

A_STRANGER = "no-such-model-of-the-kit"
PRIVATE_PROMPT = "a prompt that is nobody's business"
A_SECRET_NAME = re.compile(r"(API_?KEY|TOKEN|SECRET|PASSWORD|CREDENTIALS|_KEY$|BASE_URL|_HOST$)")
# Of these the adapter has no say: Python and aiohttp read them for everybody.
OF_OTHERS = frozenset({"SSLKEYLOGFILE"})


@scenario("describes a model that it does not know, instead of refusing")
async def a_stranger_is_described(lab: Lab) -> None:
    """Answer `Capabilities.permissive()` for a name you do not know: the vendor may know it."""
    try:
        can = await lab.adapter.describe(A_STRANGER)
    except ImagewayError as error:
        raise Broken(f"an unknown model was refused: {described(error.info)}") from None
    expect(can.images_per_call >= 1, "an unknown model makes no picture")


@scenario("describes its model also when nobody is there", wire)
async def it_describes_without_its_vendor(lab: Lab) -> None:
    """When the vendor cannot be asked what a model can do, answer `Capabilities.permissive()`."""
    async with lab.deserted() as deserted:
        try:
            await deserted.adapter.describe(lab.subject.model)
        except ImagewayError as error:
            raise Broken(f"nobody was there to ask: {described(error.info)}") from None


@scenario("raises only errors of the house")
async def only_our_errors_leave(lab: Lab) -> None:
    """Raise `ImagewayError` and nothing else: everything that an answer may hold must be looked
    at before it is used.
    """
    for fault in _short_faults(lab):
        outcome = await lab.suffer(fault)
        raised = ", ".join(repr(error)[:120] for error in outcome.raised)
        expect(not raised, f"after {fault} it raised {raised}")
    outcome = await lab.ask()
    expect(not outcome.raised, f"for a plain request it raised {outcome.raised!r}")


@scenario("tells nothing once it has returned")
async def nothing_is_told_too_late(lab: Lab) -> None:
    """Await what you start: a callback or a task of yours must have ended when you return."""
    asking = lab.begin(lab.request())
    await asking.end()
    await a_while()
    late = [told.what for told in asking.told if told.late]
    expect(not late, f"after it had returned it told of {late}")


@scenario("leaves no task behind")
async def no_task_is_left_behind(lab: Lab) -> None:
    """Start tasks in an `asyncio.TaskGroup`, or not at all; nobody ends those that you forget."""
    asking = lab.begin(lab.request())
    await asking.end()
    await a_while()
    left = lab.clock.left_behind(asking.number)
    names = sorted(getattr(task.get_coro(), "__qualname__", "a task") for task in left)
    for task in left:
        task.cancel()
    expect(not names, f"when it had returned {names} went on")


@scenario("reads no secret and no address from the environment")
async def the_environment_is_not_read(lab: Lab) -> None:
    """Everything that an adapter needs is in its `Config`; references like
    `{ env = "HOUSE_KEY" }` are resolved before it is made.
    """
    with _watched() as read:
        fresh = lab.rebuilt()
        await fresh.ask()
        await fresh.memo.close()
    names = sorted({name for name in read if A_SECRET_NAME.search(name)} - OF_OTHERS)
    expect(not names, f"it read {names} from the environment")


@contextmanager
def _watched() -> Generator[list[str]]:
    """Notes which variables are read by name meanwhile."""
    read: list[str] = []
    usual = type(os.environ)

    class Watched(usual):  # type: ignore[valid-type, misc]  # the class of os.environ has no public name
        def __getitem__(self, name: str) -> str:
            read.append(name)
            return str(super().__getitem__(name))

    os.environ.__class__ = Watched
    try:
        yield read
    finally:
        os.environ.__class__ = usual


@scenario("logs neither its key nor a prompt")
async def no_secret_is_logged(lab: Lab) -> None:
    """Log ids, codes and counts; never headers, bodies, prompts or the config."""
    with _listening() as logged:
        await lab.ask(prompt=PRIVATE_PROMPT)
        for fault in _short_faults(lab):
            lab.script(fault)
            await lab.ask(prompt=PRIVATE_PROMPT)
            lab.vendor.playlist.clear()
    told = "\n".join(logged)
    expect(PRIVATE_PROMPT not in told, "the prompt stands in the log")
    secret = lab.emulator.key if lab.emulator else None
    expect(secret is None or secret not in told, "the key stands in the log")


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.logged: list[str] = []
        self.setFormatter(logging.Formatter("%(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.logged.append(self.format(record))


@contextmanager
def _listening() -> Generator[list[str]]:
    """Hears everything that is logged meanwhile."""
    root, listener = logging.getLogger(), _Listener()
    level = root.level
    root.addHandler(listener)
    root.setLevel(logging.DEBUG)
    try:
        yield listener.logged
    finally:
        root.setLevel(level)
        root.removeHandler(listener)


@scenario("shows no key when it is printed", wire)
async def no_key_when_printed(lab: Lab) -> None:
    """Keep the key in a `SecretStr`, and read it only where it is sent."""
    secret = lab.vendor.key
    shown = f"{lab.adapter!r} {vars(lab.adapter)!r}" if hasattr(lab.adapter, "__dict__") else ""
    expect(secret is None or secret not in shown, "the key can be read when the adapter is printed")


def _short_faults(lab: Lab) -> list[Fault]:
    long = {Fault.STALL, Fault.DRIP, Fault.OVERSIZED, Fault.NEVER_ENDS}
    return sorted(lab.vendor.can_say - long) if lab.emulator else []

"""What breaks on the wire to each vendor, and what its caller sees: a table of failures.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from imageway.core.errors import Charged
from imageway.emulators.faults import Fault, Spot
from tests.faults.lab import Json
from tests.faults.wire import VENDORS, Bench
from tests.proxy import CLEAN, Toxic

Spoil = Callable[[Bench], None]

HUNG_UP = "the provider hung up before its answer was complete"
NO_ANSWER = "the provider did not answer in time"
TOO_SLOW = "the provider's answer came too slowly"
TOO_LARGE = "the provider's answer is larger than 67108864 bytes"
MEBIBYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Seen:
    """What one vendor's caller sees, and how many orders that vendor has heard."""

    code: str | None
    charged: Charged
    orders: int
    says: str = ""

    @property
    def cell(self) -> str:
        """The same in the table."""
        if self.code is None:
            return f"the picture, {self.orders}"
        return f"`{self.code}`, {self.charged}, {self.orders}"


PICTURE = Seen(None, "yes", 1)


@dataclass(frozen=True, slots=True)
class Break:
    """One row: what happens on the wire, and what each vendor's caller sees of it.

    The vendor may be asked again within so many seconds; memory is in bytes.
    """

    line: str
    injected: str
    spoil: Spoil
    sees: Mapping[str, Seen]
    seconds: tuple[float, float] = (0.0, 1.6)
    memory: int = 24 * MEBIBYTE
    times: int = 1
    table: Json = field(default_factory=dict[str, JsonValue])

    @property
    def name(self) -> str:
        """As its test is called."""
        return f"{self.line.lower()}_{self.injected.replace(' ', '_').replace(',', '')}"


def everybody(seen: Seen, **others: Seen) -> Mapping[str, Seen]:
    """The same for all, but for those that are named."""
    return {name: others.get(name, seen) for name in VENDORS}


def refuses(bench: Bench) -> None:
    """Nobody listens."""
    bench.proxy.refuse()


def always(up: Toxic = CLEAN, down: Toxic = CLEAN, *, dies: bool = False) -> Spoil:
    """Every request suffers."""
    return lambda bench: bench.proxy.poison(up=up, down=down, dies_at_reuse=dies)


def order(up: Toxic = CLEAN, down: Toxic = CLEAN) -> Spoil:
    """The order suffers, and nothing else."""
    return lambda bench: bench.proxy.poison(bench.vendor.order, up=up, down=down)


def mid_order(toxic: Callable[[int], Toxic]) -> Spoil:
    """The answer to the order suffers behind its head, after so many bytes."""
    return lambda bench: order(down=toxic(bench.vendor.middle))(bench)


def file(down: Toxic) -> Spoil:
    """The file that an answer points to suffers."""

    def spoil(bench: Bench) -> None:
        assert bench.vendor.file is not None
        bench.proxy.poison(bench.vendor.file, down=down)

    return spoil


def too_much(size: int, rate: float | None = None) -> Spoil:
    """The right answer to the order, with so many blanks behind it."""

    def spoil(bench: Bench) -> None:
        bench.emulator.script(Fault.OVERSIZED, None, size=size, spot=Spot.WORK)
        bench.proxy.poison(down=Toxic(rate=rate))

    return spoil


def unknown(says: str, orders: int) -> Seen:
    """Nobody knows whether it was paid."""
    return Seen("outcome_unknown", "maybe", orders, says)


def repeated(code: str, says: str, orders: int) -> Seen:
    """Local work, which is asked three times."""
    return Seen(code, "no", orders, says)


# CivitAI's second order is a look-up: the same key and bytes bring what the first has begun.
LOST = everybody(
    unknown(HUNG_UP, 1), civitai=unknown(HUNG_UP, 2), qwen=repeated("network", HUNG_UP, 3)
)
LATE = Toxic(latency=1.0, jitter=1.0)
ALONE = Toxic(slice=1, pause=0.0)
TWENTIETH: Json = {
    "timeout": {"first_byte": "9s", "idle": "1500ms", "attempt": "30s", "total": "45s"}
}

BREAKS = (
    Break(
        "F01",
        "the connection is refused",
        refuses,
        everybody(Seen("network", "no", 0, "the provider refused the connection")),
    ),
    Break(
        "F08",
        "every connection is taken and nothing is said on it",
        always(up=Toxic(passes=0, ending="silence")),
        everybody(
            unknown(NO_ANSWER, 0),
            civitai=Seen("timeout", "no", 0, "not finished after 900 seconds"),
            qwen=repeated("timeout", NO_ANSWER, 0),
        ),
        seconds=(180, 901),
    ),
    Break(
        "F08",
        "the order is taken and nothing is said of it",
        order(up=Toxic(passes=0, ending="silence")),
        everybody(
            unknown(NO_ANSWER, 0),
            civitai=unknown("the call was sent and its answer was not waited for", 0),
            qwen=repeated("timeout", NO_ANSWER, 0),
        ),
        seconds=(180, 542),
    ),
    Break(
        "F05",
        "a reset before any byte of the order is read",
        order(up=Toxic(passes=0, ending="reset")),
        everybody(unknown(HUNG_UP, 0), qwen=repeated("network", HUNG_UP, 0)),
    ),
    Break(
        "F06",
        "a reset in the middle of the order",
        order(up=Toxic(passes=100, ending="reset")),
        everybody(unknown(HUNG_UP, 0), qwen=repeated("network", HUNG_UP, 0)),
    ),
    Break(
        "F06",
        "a reset after the order was read",
        order(down=Toxic(passes=0, ending="reset")),
        LOST,
    ),
    Break(
        "F07",
        "a reset in the middle of its answer",
        mid_order(lambda head: Toxic(passes=head, ending="reset")),
        LOST,
    ),
    Break(
        "F07",
        "its answer ends in the middle",
        mid_order(lambda head: Toxic(passes=head)),
        LOST,
    ),
    Break(
        "F08",
        "its answer stops in the middle",
        mid_order(lambda head: Toxic(passes=head, ending="silence")),
        everybody(
            unknown(NO_ANSWER, 1),
            civitai=unknown(NO_ANSWER, 2),
            qwen=repeated("timeout", NO_ANSWER, 3),
        ),
        seconds=(30, 100),
    ),
    Break(
        "F07",
        "a reset in the middle of the picture's file",
        file(Toxic(passes=2000, ending="reset")),
        {"civitai": Seen("network", "yes", 1, HUNG_UP), "qwen": repeated("network", HUNG_UP, 3)},
        seconds=(0, 30),
    ),
    Break(
        "F09",
        "its answer drips",
        mid_order(lambda head: Toxic(spares=head, rate=2.0)),
        everybody(
            unknown(TOO_SLOW, 1),
            civitai=unknown(TOO_SLOW, 2),
            qwen=repeated("timeout", TOO_SLOW, 3),
        ),
        seconds=(20, 80),
    ),
    Break(
        "F09",
        "the picture's file drips",
        file(Toxic(rate=2.0, spares=1000)),
        {"civitai": Seen("timeout", "yes", 1, TOO_SLOW), "qwen": repeated("timeout", TOO_SLOW, 3)},
        seconds=(20, 400),
    ),
    Break(
        "F10",
        "a large answer comes slowly",
        too_much(1_000_000, 50_000.0),
        everybody(PICTURE),
        seconds=(18, 30),
        table=TWENTIETH,
    ),
    Break(
        "F10",
        "everything comes two to four seconds late",
        always(LATE, LATE),
        everybody(PICTURE),
        seconds=(2, 30),
    ),
    Break(
        "F11",
        "every byte comes alone",
        always(ALONE, ALONE),
        everybody(PICTURE),
    ),
    Break(
        "F12",
        "the vendor does not hang up behind its answer",
        always(down=Toxic(slow_close=600.0)),
        everybody(PICTURE),
    ),
    Break(
        "F13",
        "an idle connection is closed just when it is used again",
        always(dies=True),
        everybody(Seen(None, "yes", 2)),
        times=2,
    ),
    Break(
        "F14",
        "the answer is larger than is taken",
        too_much(80 * MEBIBYTE),
        everybody(
            Seen("too_large", "yes", 1, TOO_LARGE),
            civitai=Seen("too_large", "yes", 2, TOO_LARGE),
            qwen=Seen("too_large", "no", 1, TOO_LARGE),
        ),
        seconds=(0, 5),
        memory=(64 + 50) * MEBIBYTE,
    ),
)


def as_markdown() -> str:
    """The table as it stands on the page."""
    head = f"| on the wire | {' | '.join(VENDORS)} | in words |"
    return "\n".join([head, "|---" * (len(VENDORS) + 2) + "|", *map(_row, BREAKS), ""])


def _row(row: Break) -> str:
    cells = [row.sees[name].cell if name in row.sees else "–" for name in VENDORS]
    words = dict.fromkeys(seen.says for seen in row.sees.values() if seen.says)
    return f"| {' | '.join([row.injected, *cells, '; or '.join(words)])} |"

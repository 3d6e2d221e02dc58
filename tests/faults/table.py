"""What goes wrong at a vendor, and what its caller sees: the first table of docs/failures.md."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from pydantic import JsonValue

from imageway.core.errors import Charged
from tests.faults.lab import BLACK_HOLE, NO_NAME, NOBODY, Json, items
from tests.loopback import Ending, Loopback

Play = Callable[[Loopback], None]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = STREAM + b"Transfer-Encoding: chunked\r\n\r\n"
COMMENT = b"8\r\n: wait\n\n\r\n"
HTML = b"<html><body>502 Bad Gateway</body></html>"
QUICK = (0.0, 0.1)


@dataclass(frozen=True, slots=True)
class Sees:
    """What is said where no other provider is left: the code, its status, what it may have cost."""

    code: str
    status: int
    charged: Charged


@dataclass(frozen=True, slots=True)
class Fault:
    """One row: what happens at the first of two providers, and what follows from it."""

    line: str
    injected: str
    play: Play
    sees: Sees
    calls: int = 1
    elsewhere: bool = False
    seconds: tuple[float, float] = QUICK
    address: str | None = None
    first: Json = field(default_factory=dict[str, JsonValue])

    @property
    def name(self) -> str:
        """As its test is called."""
        return f"{self.line.lower()}_{self.injected.replace(' ', '_')}"


def nobody(site: Loopback) -> None:
    """The site is never reached."""


def slams(site: Loopback) -> None:
    """Every connection is reset unread."""
    site.slams = 99


def says(data: bytes, ending: Ending = "close") -> Play:
    """Raw bytes."""
    return lambda site: site.says(data, ending)


def drips(head: bytes) -> Play:
    """Two bytes a second behind a head."""
    return lambda site: site.drips([head, *[b" x"] * 99], 1.0)


def answers(status: int, body: bytes = b"{}", retry_after: str = "", location: str = "") -> Play:
    """A whole answer."""
    named = {"Retry_After": retry_after, "Location": location}
    headers = {name: value for name, value in named.items() if value}
    return lambda site: site.answers(status, body, "application/json", "keep", **headers)


def made(body: bytes) -> Play:
    """A success with this body."""
    return answers(200, body)


def refuses(status: int, code: str) -> Play:
    """A refusal with a word of the vendor's own."""
    return answers(status, json.dumps({"error": {"code": code, "message": "no foxes"}}).encode())


def takes_a_job(then: Play) -> Play:
    """A job is taken; what is asked of it is played by another."""

    def play(site: Loopback) -> None:
        site.answers(body=b'{"id": "job-1", "status": "queued"}')
        site.answers(body=b'{"id": "job-1", "status": "running", "progress": 0.5}')
        then(site)

    return play


UNKNOWN = Sees("outcome_unknown", 424, "maybe")
JOB_UNKNOWN = Sees("outcome_unknown", 424, "yes")
NO_CONNECTION = Sees("network", 502, "no")
UNREADABLE = Sees("bad_answer", 502, "yes")
# Each wait between the three attempts is at its longest here: half a second, then a whole one.
REPEATED = (1.5, 1.6)
LOCAL: Json = {"cost": "local"}
JOB: Json = {"way": "job"}

FAULTS = (
    Fault("F01", "the connection is refused", nobody, NO_CONNECTION, 0, True, REPEATED, NOBODY),
    Fault(
        "F02",
        "nobody answers a connection",
        nobody,
        NO_CONNECTION,
        0,
        True,
        (10.5, 10.6),
        BLACK_HOLE,
    ),
    Fault("F03", "its name does not exist", nobody, NO_CONNECTION, 0, True, REPEATED, NO_NAME),
    Fault("F05", "a reset before any byte of a paid call is read", slams, UNKNOWN, 0),
    Fault(
        "F05",
        "resets before any byte of local work is read",
        slams,
        NO_CONNECTION,
        0,
        True,
        REPEATED,
        first=LOCAL,
    ),
    Fault("F06", "a reset after the request was read", says(b"", "reset"), UNKNOWN),
    Fault("F06", "the vendor hangs up without a word", says(b""), UNKNOWN),
    Fault("F07", "a reset in the middle of the answer", says(HEAD + b"{", "reset"), UNKNOWN),
    Fault("F08", "the answer never begins", says(b"", "stall"), UNKNOWN, seconds=(180, 180.1)),
    Fault(
        "F08", "the answer stops in the middle", says(HEAD, "stall"), UNKNOWN, seconds=(180, 181)
    ),
    Fault("F09", "the answer drips", drips(HEAD + b"{"), UNKNOWN, seconds=(20, 25)),
    Fault(
        "F14",
        "the answer is larger than is taken",
        made(items(None) + b" " * 5000),
        Sees("too_large", 413, "yes"),
        first={"limit": 4000},
    ),
    Fault(
        "F21",
        "too many calls and an hour to wait",
        answers(429, retry_after="3600"),
        Sees("rate_limited", 429, "no"),
        elsewhere=True,
    ),
    Fault(
        "F21",
        "too many calls and a date to wait for",
        answers(429, retry_after="Fri, 31 Dec 2999 23:59:59 GMT"),
        Sees("rate_limited", 429, "no"),
        elsewhere=True,
    ),
    Fault(
        "F21",
        "too many calls and nonsense to wait for",
        answers(429, retry_after="soon, maybe"),
        Sees("rate_limited", 429, "no"),
        3,
        True,
        REPEATED,
    ),
    Fault(
        "F22",
        "the vendor is overloaded",
        answers(503),
        Sees("unavailable", 503, "no"),
        3,
        True,
        REPEATED,
    ),
    Fault(
        "F23", "a broken server shows a page", answers(500, HTML), Sees("unavailable", 503, "maybe")
    ),
    Fault(
        "F24",
        "an error comes as a success",
        made(b'{"error": {"code": "x", "message": "no"}}'),
        Sees("failed", 502, "yes"),
        elsewhere=True,
    ),
    Fault(
        "F25",
        "a success has no picture",
        made(b'{"items": []}'),
        Sees("failed", 502, "yes"),
        elsewhere=True,
    ),
    Fault("F27", "the answer is no JSON", made(HTML), UNREADABLE),
    Fault("F27", "the JSON is cut off", made(items(None)[:-9]), UNREADABLE),
    Fault("F27", "the JSON holds NaN", made(b'{"progress": NaN}'), UNREADABLE),
    Fault("F27", "the JSON has a name twice", made(b'{"items": [], "items": []}'), UNREADABLE),
    Fault("F27", "the JSON is nested deeply", made(b'{"x": ' + b"[" * 10_000), UNREADABLE),
    Fault(
        "F27",
        "the JSON holds a huge number",
        made(b'{"x": ' + b"9" * (20 << 20) + b"}"),
        UNREADABLE,
    ),
    Fault("F27", "the picture is none", made(items({"b64": "AAAA"})), UNREADABLE),
    Fault(
        "F28",
        "a stream breaks off",
        says(CHUNKED + COMMENT, "reset"),
        UNKNOWN,
        first={"way": "stream"},
    ),
    Fault(
        "F28",
        "a stream ends without its picture",
        says(CHUNKED + COMMENT + b"0\r\n\r\n"),
        Sees("failed", 502, "yes"),
        elsewhere=True,
        first={"way": "stream"},
    ),
    Fault(
        "F28",
        "a stream without a mark ends",
        says(STREAM + b"\r\n: wait\n\n"),
        Sees("failed", 502, "maybe"),
        first={"way": "stream"},
    ),
    Fault(
        "F29",
        "a job is forgotten",
        takes_a_job(answers(404)),
        JOB_UNKNOWN,
        seconds=(1.0, 1.1),
        first=JOB,
    ),
    Fault(
        "F31",
        "the vendor redirects",
        answers(307, location="http://elsewhere.invalid/"),
        Sees("bad_answer", 502, "maybe"),
    ),
    Fault(
        "F33",
        "our key is refused",
        answers(401),
        Sees("unauthenticated", 502, "no"),
        elsewhere=True,
    ),
    Fault("F33", "our account may not", answers(403), Sees("forbidden", 502, "no"), elsewhere=True),
    Fault(
        "F34",
        "our money is spent",
        refuses(402, "no_money"),
        Sees("quota_exhausted", 402, "no"),
        elsewhere=True,
    ),
    Fault("F35", "the content is refused", refuses(400, "safety"), Sees("rejected", 400, "no")),
    Fault(
        "F36",
        "the model is not bought",
        refuses(403, "early_access"),
        Sees("not_entitled", 403, "no"),
        elsewhere=True,
    ),
)


def as_markdown() -> str:
    """The table as it stands on the page."""
    head = "| what goes wrong | code | HTTP | charged | calls | the next is asked |"
    return "\n".join([head, "|---|---|---|---|---|---|", *map(_row, FAULTS), ""])


def _row(fault: Fault) -> str:
    sees = fault.sees
    asked = "yes" if fault.elsewhere else "no"
    told = (fault.injected, f"`{sees.code}`", sees.status, sees.charged, fault.calls, asked)
    return f"| {' | '.join(map(str, told))} |"

"""What may go wrong at a vendor, in no vendor's words, and the playlist of what goes wrong next."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Fault(StrEnum):
    """One way of going wrong; each emulator says those in its `can_say` as its vendor would."""

    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    BAD_KEY = "bad_key"
    REFUSED = "refused"
    REGION = "region"
    FORBIDDEN = "forbidden"
    QUOTA = "quota"
    NOT_FOUND = "not_found"
    SERVER_ERROR = "server_error"
    HTML = "html"
    REDIRECT = "redirect"
    GARBAGE = "garbage"
    HANG_UP = "hang_up"
    CUT = "cut"
    STALL = "stall"
    DRIP = "drip"
    OVERSIZED = "oversized"
    CUT_STREAM = "cut_stream"
    OUT_OF_ORDER = "out_of_order"
    NO_PREVIEWS = "no_previews"
    NEVER_ENDS = "never_ends"
    DEGRADED = "degraded"
    NO_IMAGE = "no_image"
    FEWER_IMAGES = "fewer_images"
    NOT_A_PICTURE = "not_a_picture"
    CHATTER = "chatter"


# Told with a status and a body; nothing was made, so nothing is charged.
SAID = frozenset(
    {
        Fault.RATE_LIMITED,
        Fault.UNAVAILABLE,
        Fault.BAD_KEY,
        Fault.REFUSED,
        Fault.REGION,
        Fault.FORBIDDEN,
        Fault.QUOTA,
        Fault.NOT_FOUND,
        Fault.SERVER_ERROR,
        Fault.HTML,
        Fault.REDIRECT,
    }
)
# Done to an answer on its way; the work was done, and is charged.
SPOILT = frozenset(
    {
        Fault.GARBAGE,
        Fault.HANG_UP,
        Fault.CUT,
        Fault.STALL,
        Fault.DRIP,
        Fault.OVERSIZED,
        Fault.CHATTER,
    }
)


class Spot(StrEnum):
    """The step of a vendor's API at which a fault strikes."""

    WORK = "work"
    POLL = "poll"
    DOWNLOAD = "download"
    CANCEL = "cancel"
    LOOK = "look"


class Scripted(BaseModel):
    """One entry of the playlist: a fault, when it strikes, and its details."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    fault: Fault
    times: int | None = Field(default=1, ge=1, description="None: until reset")
    after: int = Field(default=0, ge=0, description="requests at this spot that pass first")
    spot: Spot | None = Field(default=None, description="None: where this vendor says it")
    variant: str | None = Field(default=None, description="one of the vendor's ways to say it")
    status: int | None = Field(default=None, ge=200, le=599)
    message: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    retry_after: str | None = Field(default=None, description="as sent: seconds or an HTTP date")
    location: str = Field(default="http://127.0.0.1:9/elsewhere", description="of a redirect")
    after_events: int | None = Field(default=None, ge=0, description="of a stream, sent first")
    keep: int = Field(default=0, ge=0, description="pictures or previews that are left")
    size: int = Field(default=64 << 20, ge=1, description="bytes of an oversized answer")
    step: int = Field(default=1, ge=1, description="bytes at a time of a drip")
    pause: float = Field(default=0.5, ge=0, description="seconds between steps of a drip")
    charged: bool | None = Field(default=None, description="None: as SAID and SPOILT tell")

    @property
    def costs(self) -> bool:
        """Whether the vendor charges for the work in spite of this fault."""
        return self.fault not in SAID if self.charged is None else self.charged


class Playlist:
    """Scripted faults in the order they were added; each spot plays its own."""

    def __init__(self) -> None:
        self._turns: list[_Turn] = []

    def add(self, scripted: Scripted) -> None:
        """Put a fault at the end."""
        self._turns.append(_Turn(scripted, scripted.after, scripted.times))

    def take(self, spot: Spot) -> Scripted | None:
        """The fault for the next request at this spot, if one is due."""
        turn = next((turn for turn in self._turns if turn.scripted.spot == spot), None)
        if turn is None:
            return None
        if turn.passes:
            turn.passes -= 1
            return None
        if turn.times is not None:
            turn.times -= 1
            if turn.times == 0:
                self._turns.remove(turn)
        return turn.scripted

    def pending(self) -> tuple[Scripted, ...]:
        """What is still to come."""
        return tuple(turn.scripted for turn in self._turns)

    def clear(self) -> None:
        """Forget everything."""
        self._turns.clear()


@dataclass(slots=True, eq=False)
class _Turn:
    scripted: Scripted
    passes: int
    times: int | None

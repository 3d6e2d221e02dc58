"""What was understood of a prompt, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from imageway.painting.colours import Colour


@dataclass(frozen=True, slots=True)
class Thing:
    """Some things of one kind; a place is `left`, `right`, `top`, `bottom` or `centre`."""

    kind: str
    count: int = 1
    colours: tuple[Colour, ...] = ()
    size: float = 1.0
    column: str | None = None
    row: str | None = None


@dataclass(frozen=True, slots=True)
class Ground:
    """A stretch of land or water, in the colour asked for, if one was."""

    kind: str
    colour: Colour | None = None


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that is to be seen, and what is not."""

    things: tuple[Thing, ...] = ()
    grounds: tuple[Ground, ...] = ()
    sky: str | None = None
    sky_colour: Colour | None = None
    palette: tuple[Colour, ...] = ()
    edits: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    @property
    def says_nothing(self) -> bool:
        """Nothing that can be painted was named."""
        return not (self.things or self.grounds or self.sky)

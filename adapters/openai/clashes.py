"""Wishes that cannot be had together, and what is asked instead."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.events import NoteKind
from imageway.core.request import ImageRequest
from imageway.core.run import Run


@dataclass(frozen=True, slots=True)
class Clash:
    """Two wishes of which only one can be had, and what is asked instead."""

    is_there: Callable[[ImageRequest], bool]
    kind: NoteKind
    reason: str
    outcome: str
    instead: Mapping[str, object]


def _is_gif_and(wished: Callable[[ImageRequest], object]) -> Callable[[ImageRequest], bool]:
    return lambda request: request.format == "gif" and bool(wished(request))


CLASHES = (
    Clash(
        lambda request: request.background == "transparent" and request.format == "jpeg",
        "adjusted",
        "a jpeg cannot be transparent",
        "the picture is a webp",
        {"format": "webp"},
    ),
    Clash(
        _is_gif_and(lambda request: request.background == "transparent"),
        "ignored",
        "a gif is not made transparent",
        "the background is left out",
        {"background": None},
    ),
    Clash(
        _is_gif_and(lambda request: request.mask),
        "adjusted",
        "a gif is not made with a mask",
        "the picture is a png",
        {"format": "png"},
    ),
    Clash(
        _is_gif_and(lambda request: request.previews),
        "ignored",
        "a gif is not shown unfinished",
        "previews are left out",
        {"previews": None},
    ),
)


def fitted(request: ImageRequest, run: Run) -> ImageRequest:
    """The request without what cannot be had together; a strict one is refused instead."""
    for clash in CLASHES:
        if not clash.is_there(request):
            continue
        if request.strict:
            raise ImagewayError(
                ErrorCode.UNSUPPORTED,
                clash.reason,
                hint="leave one of the two out, or do not ask strictly",
                details={"param": next(iter(clash.instead))},
            )
        run.note(clash.kind, f"{clash.reason}; {clash.outcome}")
        request = request.having(**clash.instead)
    return request

"""Wishes against capabilities: what is passed on, fitted, dropped with a note, or refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.events import NoteKind
from imageway.core.options import ROW_BY_OPTION, Option, Range
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.size import Aspect, Size
from imageway.core.streaming import Handler

Describe = Callable[[str], Awaitable[Capabilities]]


@dataclass(frozen=True, slots=True)
class Change:
    """One wish that cannot be passed on as it is, and what is asked instead."""

    option: Option
    kind: NoteKind
    detail: str
    instead: object = None


def negotiate(inner: Handler, describe: Describe) -> Handler:
    """Fit a request to its model; a strict request is refused instead of changed."""

    async def handler(request: ImageRequest, run: Run) -> None:
        can = await describe(request.model)
        if not can.known:
            run.note(
                "degraded", f"nothing is known of {request.model!r}; it may not heed each wish"
            )
        request, changes = fitted(request, can)
        for change in changes:
            run.note(change.kind, change.detail)
        await inner(request, run)

    return handler


def fitted(request: ImageRequest, can: Capabilities) -> tuple[ImageRequest, Sequence[Change]]:
    """What the model is asked instead, and each wish that was changed; raises unsupported."""
    request = _shaped(request, can)
    _refuse_what_changes_the_meaning(request, can)
    changes = list(_changes(request, can))
    if request.strict and changes:
        told = f"{request.model!r} cannot do exactly that: {changes[0].detail}"
        raise _unsupported(changes[0].option, told)
    return request.having(**{each.option.value: each.instead for each in changes}), changes


def _shaped(request: ImageRequest, can: Capabilities) -> ImageRequest:
    """Say a size as an aspect, or an aspect as a size, where the model takes only the other."""
    if request.aspect and Option.ASPECT not in can.options and Option.SIZE in can.options:
        return request.having(size=can.sizes.shaped(request.aspect), aspect=None)
    if request.size and Option.SIZE not in can.options and Option.ASPECT in can.options:
        request = request.having(aspect=request.size.aspect, size=None)
    return _as_the_model_writes_it(request, can)


def _as_the_model_writes_it(request: ImageRequest, can: Capabilities) -> ImageRequest:
    """The same shape in the model's own numbers, as 21:9 for 7:3; that is no change."""
    if request.aspect is None:
        return request
    nearest = _nearest_aspect(request.aspect, can)
    is_same = nearest is not None and nearest.ratio == request.aspect.ratio
    return request.having(aspect=nearest) if is_same else request


def _refuse_what_changes_the_meaning(request: ImageRequest, can: Capabilities) -> None:
    for option in request.wishes:
        if ROW_BY_OPTION[option].grade == "means" and option not in can.options:
            raise _unsupported(option, f"{request.model!r} takes no {option.value}")
    if len(request.references) > can.references:
        raise _unsupported(
            Option.REFERENCES,
            f"{request.model!r} takes at most {can.references} references, "
            f"got {len(request.references)}",
        )


def _changes(request: ImageRequest, can: Capabilities) -> Iterator[Change]:
    for option, value in request.wishes.items():
        name = option.value
        if option not in can.options:
            yield Change(option, "ignored", f"{request.model!r} knows no {name}; it is left out")
        elif isinstance(value, Size):
            yield from _fitted_size(value, can)
        elif isinstance(value, Aspect):
            yield from _fitted_aspect(value, can)
        elif isinstance(value, str):
            yield from _fitted_word(option, value, can)
        elif isinstance(value, int | float):
            yield from _fitted_number(option, value, can)


def _fitted_size(size: Size, can: Capabilities) -> Iterator[Change]:
    fitted = can.sizes.fit(size)
    if fitted != size:
        yield Change(Option.SIZE, "adjusted", f"size {size} became {fitted}", fitted)


def _fitted_aspect(aspect: Aspect, can: Capabilities) -> Iterator[Change]:
    nearest = _nearest_aspect(aspect, can)
    if nearest is not None and nearest != aspect:
        yield Change(Option.ASPECT, "adjusted", f"aspect {aspect} became {nearest}", nearest)


def _nearest_aspect(aspect: Aspect, can: Capabilities) -> Aspect | None:
    """The allowed aspect of the nearest shape; None where any is allowed."""
    words = can.allowed.get(Option.ASPECT)
    if not isinstance(words, frozenset) or not words:
        return None

    def difference(other: Aspect) -> float:
        return max(other.ratio / aspect.ratio, aspect.ratio / other.ratio)

    return min(map(Aspect.parse, sorted(words)), key=difference)


def _fitted_word(option: Option, word: str, can: Capabilities) -> Iterator[Change]:
    words = can.allowed.get(option)
    if isinstance(words, frozenset) and word not in words:
        known = ", ".join(sorted(words))
        yield Change(
            option, "ignored", f"{option.value} {word!r} is not one of {known}; it is left out"
        )


def _fitted_number(option: Option, number: float, can: Capabilities) -> Iterator[Change]:
    bounds = can.allowed.get(option)
    if isinstance(bounds, Range) and number not in bounds:
        bounded = min(max(number, bounds.least), bounds.most)
        nearest = int(bounded) if isinstance(number, int) else bounded
        yield Change(option, "adjusted", f"{option.value} {number} became {nearest}", nearest)


def _unsupported(option: Option, message: str) -> ImagewayError:
    return ImagewayError(
        ErrorCode.UNSUPPORTED,
        message,
        hint="choose another model, or leave it out",
        details={"param": option.value},
    )

"""What is said before anything is sent: a model that is gone, one that goes, a strange base URL."""

from __future__ import annotations

from datetime import date

from imageway.adapters.gemini.account import Account
from imageway.adapters.gemini.models import (
    END_BY_NAME,
    IMAGEN_END,
    LIVING,
    MODEL_BY_NAME,
    is_imagen,
)
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.run import Run


def tell(account: Account, name: str, run: Run, today: date) -> None:
    """Note what a caller should know; raises where the model is gone."""
    _tell_of_address(account, run)
    if is_imagen(name):
        _mind_imagen(account, name, run)
    end = END_BY_NAME.get(name)
    if end is None:
        return
    if end.is_over(today):
        raise ImagewayError(
            ErrorCode.NOT_FOUND,
            f"Google shut down {name!r} {_when(end.told, month_only=end.month_only)}",
            hint=f"use {end.instead!r}",
        )
    if end.deprecated is not None:
        detail = f"Google has deprecated {name!r} since {end.deprecated}; use {end.instead!r}"
        run.note("deprecated", detail)


def _when(told: str, *, month_only: bool) -> str:
    return f"in {told}" if month_only else f"on {told}"


def _tell_of_address(account: Account, run: Run) -> None:
    base = account.config.base
    if base is not None and base.is_route:
        address = account.address
        detail = f"base_url is the address of one route; asked is {address.root}/{address.version}"
        run.note("adjusted", detail)


def _mind_imagen(account: Account, name: str, run: Run) -> None:
    """Imagen is gone from one API, and leaves the other on a day that nobody agrees on."""
    vertex = account.config.vertex
    if vertex is not None and vertex.imagen:
        run.note("deprecated", f"Google ends Imagen on Vertex AI too; {LIVING!r} stays")
        return
    if vertex is None and name not in MODEL_BY_NAME:
        return
    where = "the Gemini API" if vertex is None else "Vertex AI, where the day is uncertain"
    raise ImagewayError(
        ErrorCode.NOT_FOUND,
        f"{name!r} is gone: Google shut Imagen down on {where}"
        + (f", the last of it on {IMAGEN_END}" if vertex is None else ""),
        hint=_instead(has_vertex=vertex is not None),
    )


def _instead(*, has_vertex: bool) -> str:
    if has_vertex:
        return f"use {LIVING!r}, or write vertex.imagen = true to ask all the same"
    return f"use {LIVING!r}; where Vertex AI still has it, a provider with vertex.imagen = true"

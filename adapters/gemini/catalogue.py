"""Asking Google, for free, which models there are and how each is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from pydantic import JsonValue

from imageway.adapters.gemini.account import Account
from imageway.adapters.gemini.models import (
    IMAGEN_END,
    LIVING,
    LIVING_PRO,
    UNKNOWN,
    UNKNOWN_IMAGEN,
    Model,
    is_imagen,
    living,
)
from imageway.adapters.gemini.wire import ListedModel, ModelPage
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.outgoing import CallOptions

REMEMBERED = 600.0
PAGE = "1000"
MOST_PAGES = 20
# A name becomes a part of an address; anything else would be another address.
A_NAME = re.compile(r"[A-Za-z0-9][\w.@-]{0,199}", re.ASCII)
IMAGEN_IS_GONE = (
    f"Google shut Imagen down, the last of it on the Gemini API on {IMAGEN_END};"
    f" use {LIVING!r}, or write vertex.imagen = true where Vertex AI still has it"
)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The models of one account, as Google lists them."""

    account: Account

    async def every(self) -> list[ListedModel]:
        """All of them, page by page."""
        found: list[ListedModel] = []
        token: str | None = None
        for _ in range(MOST_PAGES):
            page = await self._page(PAGE, token)
            found += page.models
            token = page.next_page_token
            if not token:
                break
        return found

    async def first(self) -> ModelPage:
        """A look at the list that brings little."""
        return await self._page("1", None)

    async def _page(self, size: str, token: str | None) -> ModelPage:
        account = self.account
        params = {"pageSize": size, **({"pageToken": token} if token else {})}
        options: CallOptions = {**await account.free(account.explainer(None)), "params": params}
        return await account.http.json("GET", account.address.models, ModelPage, **options)

    async def find(self, name: str, who: str | None = None) -> ListedModel | None:
        """One model, remembered for a while; None where there is none of this name."""

        async def ask() -> ListedModel | None:
            try:
                return await self._look(name, who)
            except ImagewayError as error:
                if error.info.code is ErrorCode.NOT_FOUND:
                    return None
                raise

        return await self.account.memo.remember(("model", name), REMEMBERED, ask)

    async def _look(self, name: str, who: str | None) -> ListedModel:
        account = self.account
        options = await account.free(account.explainer(who, name))
        return await account.http.json("GET", account.address.model(name), ListedModel, **options)

    async def model(self, name: str, who: str | None, today: date) -> Model:
        """How a model that is in no table of ours is asked; raises where it cannot be."""
        found = await self.find(name, who) if A_NAME.fullmatch(name) else None
        if found is None:
            raise ImagewayError.carrying(self._missing(name, who, today))
        methods = found.supported_generation_methods
        if methods is None:
            return UNKNOWN_IMAGEN if is_imagen(name) else UNKNOWN
        if UNKNOWN.method in methods:
            return UNKNOWN
        if UNKNOWN_IMAGEN.method in methods:
            return UNKNOWN_IMAGEN
        raise ImagewayError.carrying(self._other(name, who, methods))

    async def explained(
        self, error: ImagewayError, name: str, who: str | None, today: date
    ) -> ImagewayError:
        """A model that was not found, with what Google's list says of it."""
        self.account.memo.forget(("model", name))
        try:
            found = await self.find(name, who)
        except ImagewayError:
            return error
        if found is None:
            better = self._missing(name, who, today)
        elif found.supported_generation_methods is None:
            better = self._not_here(name, who)
        elif UNKNOWN.method in found.supported_generation_methods:
            better = self._closed(name, who)
        else:
            better = self._other(name, who, found.supported_generation_methods)
        kept = {"message": better.message, "hint": better.hint}
        details = {**error.info.details, **better.details}
        return ImagewayError.carrying(error.info.model_copy(update={**kept, "details": details}))

    def _missing(self, name: str, who: str | None, today: date) -> ErrorInfo:
        known = living(today)
        near = get_close_matches(name[:100], known, 1, 0.5)
        hint = f"did you mean {near[0]!r}?" if near else f"there is {', '.join(known)}"
        return self._info(
            ErrorCode.NOT_FOUND,
            f"{who or 'google'} has no model {name!r}",
            IMAGEN_IS_GONE if is_imagen(name) else hint,
        )

    def _not_here(self, name: str, who: str | None) -> ErrorInfo:
        vertex = self.account.config.vertex
        where = vertex.location if vertex and vertex.project else "express mode"
        hint = 'most image models are served from "global" alone; look at vertex.location'
        return self._info(
            ErrorCode.NOT_FOUND,
            f"{who or 'google'} has {name!r}, but not in {where!r} or not for this account",
            IMAGEN_IS_GONE if is_imagen(name) else hint,
        )

    def _closed(self, name: str, who: str | None) -> ErrorInfo:
        return self._info(
            ErrorCode.NOT_FOUND,
            f"{who or 'google'} lists {name!r}, and does not serve it to this account",
            f"use {(LIVING if name != LIVING else LIVING_PRO)!r}",
        )

    def _other(self, name: str, who: str | None, methods: list[str]) -> ErrorInfo:
        told = ", ".join(methods) or "no method at all"
        known: list[JsonValue] = [*methods]
        info = self._info(
            ErrorCode.UNSUPPORTED,
            f"{who or 'google'} has {name!r} for {told} only, by which it draws no pictures",
            IMAGEN_IS_GONE if is_imagen(name) else f"use {LIVING!r}",
        )
        return info.model_copy(update={"details": {"methods": known}})

    def _info(self, code: ErrorCode, message: str, hint: str) -> ErrorInfo:
        return ErrorInfo(code=code, message=message, hint=hint, origin="vendor")

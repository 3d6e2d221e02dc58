"""Ask OpenAI's Images API, or a server like it: check, send once, read what comes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, date, datetime
from functools import lru_cache

from imageway.adapters.openai.asking import Asking, asking
from imageway.adapters.openai.claims import capabilities, known_model
from imageway.adapters.openai.config import OpenAIConfig
from imageway.adapters.openai.errors import Explainer
from imageway.adapters.openai.models import END_BY_NAME, Model, is_image_model
from imageway.adapters.openai.prices import quote
from imageway.adapters.openai.reading import Reader
from imageway.adapters.openai.wire import ImagesAnswer, ModelList
from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.options import Option
from imageway.core.outgoing import LARGEST_ANSWER, CallOptions
from imageway.core.powers import Health, ModelInfo, Quote
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.core.sse import ServerSentEvent

# Still of use: what cannot list its models may draw all the same.
DEGRADED = frozenset({ErrorCode.RATE_LIMITED, ErrorCode.NOT_FOUND})

MOST_NAMES = 128


def _utc_today() -> date:
    return datetime.now(UTC).date()


class OpenAIAdapter:
    """Speaks to OpenAI, or by another profile to a server that speaks like it."""

    Config = OpenAIConfig

    def __init__(
        self,
        config: OpenAIConfig,
        http: Http,
        memo: Memo,
        today: Callable[[], date] = _utc_today,
    ) -> None:
        self._config = config
        self._profile = config.dialect

        # Looked up several times a request, and made of tables that never change.
        @lru_cache(MOST_NAMES)
        def described(model: str) -> Capabilities:
            return capabilities(model, config.dialect, split=config.split)

        self._described = described
        self._http = http
        self._today = today

    async def describe(self, model: str) -> Capabilities:
        """Answer from the tables of models and profiles; nobody is asked."""
        return self._described(model)

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Send one call, as a stream where previews are wanted, and hand over what it brings."""
        self._mind_the_end(request.model, run)
        can = await self.describe(request.model)
        asked = await asking(request, run, self._profile, can)
        reader = self._reader(request, run, can)
        if asked.body.stream:
            await self._stream(asked, reader)
        else:
            await self._plain(asked, reader)

    async def _plain(self, asked: Asking, reader: Reader) -> None:
        options = self._paid(asked, reader)
        url = self._url(asked.route)
        await reader.whole(await self._http.json("POST", url, ImagesAnswer, **options))

    async def _stream(self, asked: Asking, reader: Reader) -> None:
        """Read events, or the plain answer of a server that knows no streams."""
        plain: list[bytes] = []

        def explain(status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
            if 200 <= status < 300:
                plain.append(body)
                return ImagewayError(ErrorCode.BAD_ANSWER, "a plain answer, read below")
            return reader.explainer.explain(status, headers, body)

        options = self._paid(asked, reader)
        options["explain"] = explain
        try:
            async with aclosing(self._events(asked.route, options)) as events:
                await reader.stream(events)
        except ImagewayError:
            if not plain:
                raise
        for body in plain:
            await reader.plain(body)

    def _events(self, route: str, options: CallOptions) -> AsyncGenerator[ServerSentEvent]:
        return self._http.events("POST", self._url(route), **options)

    def _paid(self, asked: Asking, reader: Reader) -> CallOptions:
        """The one call that costs money; its answer may hold every picture that was asked."""
        return {
            **asked.payload,
            "headers": self._headers(),
            "paid": reader.run,
            "explain": reader.explainer.explain,
            "limit": LARGEST_ANSWER * reader.count,
        }

    def _reader(self, request: ImageRequest, run: Run, can: Capabilities) -> Reader:
        model = self._priced(request.model)
        return Reader(
            run=run,
            http=self._http,
            explainer=self._explainer(run.provider or self._vendor, request.model),
            count=request.count,
            seed=request.seed if Option.SEED in can.options else None,
            prices=model.prices if model else None,
        )

    def _mind_the_end(self, model: str, run: Run) -> None:
        """Refuse a model that is gone, and warn of one that soon will be."""
        end = END_BY_NAME.get(model)
        if end is None or not self._is_openais_own:
            return
        if end.is_near(self._today()):
            detail = f"{model!r} will be shut down on {end.on}; use {end.instead!r} instead"
            run.note("deprecated", detail)
        if self._config.is_openai and end.is_over(self._today()):
            raise ImagewayError(
                ErrorCode.NOT_FOUND,
                f"OpenAI shut down {model!r} on {end.on}",
                hint=f"use {end.instead!r}",
            )

    async def models(self) -> Sequence[ModelInfo]:
        """What the account or the server has; of OpenAI's many models only those that draw."""
        listed = await self._list()
        names = [model.id for model in listed.data]
        if self._config.is_openai:
            names = [name for name in names if is_image_model(name)]
        return tuple(ModelInfo(name=name, shutdown=self._end_of(name)) for name in names)

    def _end_of(self, name: str) -> date | None:
        end = END_BY_NAME.get(name) if self._profile.knows_models else None
        return end.on if end else None

    async def check(self) -> Health:
        """Ask for the list of models, which is free."""
        try:
            listed = await self._list()
        except ImagewayError as error:
            status = "degraded" if error.info.code in DEGRADED else "down"
            return Health(status=status, detail=error.info.message)
        return Health(status="up", detail=f"{len(listed.data)} models are listed")

    async def quote(self, request: ImageRequest) -> Quote:
        """The price by OpenAI's dated table; what is sent along comes on top."""
        return quote(request, self._priced(request.model))

    def _priced(self, name: str) -> Model | None:
        """The table's model, where its prices are those of this provider."""
        return known_model(name, self._profile) if self._is_openais_own else None

    @property
    def _is_openais_own(self) -> bool:
        """Whether the names, ends and prices of OpenAI's models hold at this provider."""
        return self._profile.knows_models and self._profile.is_sure

    async def _list(self) -> ModelList:
        return await self._http.json(
            "GET",
            self._url("/models"),
            ModelList,
            headers=self._headers(),
            explain=self._explainer(self._vendor, "").explain,
        )

    @property
    def _vendor(self) -> str:
        """How the vendor is called where no provider is asked by its name."""
        return "openai" if self._is_openais_own else "the server"

    def _explainer(self, who: str, model: str) -> Explainer:
        return Explainer(who, model, secret=self._key)

    @property
    def _key(self) -> str | None:
        key = self._config.api_key
        return None if key is None else key.get_secret_value()

    def _headers(self) -> dict[str, str]:
        named = {
            "Authorization": f"Bearer {self._key}" if self._key else None,
            "OpenAI-Organization": self._config.organization,
            "OpenAI-Project": self._config.project,
        }
        return {name: value for name, value in named.items() if value is not None}

    def _url(self, route: str) -> str:
        return f"{self._config.base_url}{route}"

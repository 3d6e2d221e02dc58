"""Ask Google's image models: each at the method that serves it, once, and read what comes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import UTC, date, datetime

from pydantic import BaseModel

from imageway.adapters.gemini import beforehand
from imageway.adapters.gemini.account import Account
from imageway.adapters.gemini.asking import Setting, generate_body, shape_of
from imageway.adapters.gemini.catalogue import Catalogue
from imageway.adapters.gemini.claims import capabilities
from imageway.adapters.gemini.config import GeminiConfig
from imageway.adapters.gemini.documents import Documents
from imageway.adapters.gemini.errors import Explainer
from imageway.adapters.gemini.imagen_wire import Predicted
from imageway.adapters.gemini.models import (
    END_BY_NAME,
    MODEL_BY_NAME,
    UNKNOWN,
    Model,
    bare,
    draws,
    is_imagen,
)
from imageway.adapters.gemini.predicting import predict_body
from imageway.adapters.gemini.predictions import PredictionReader
from imageway.adapters.gemini.prices import PRICED_ON, is_stale, quote
from imageway.adapters.gemini.reading import Reader
from imageway.adapters.gemini.rows import NO_FILE
from imageway.adapters.gemini.tokens import Tokens, fetcher
from imageway.adapters.gemini.uploads import Uploads
from imageway.adapters.gemini.wire import ListedModel, Said
from imageway.core import document
from imageway.core.capability import Capabilities
from imageway.core.document import Unreadable
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.outgoing import LARGEST_ANSWER, CallOptions
from imageway.core.powers import Health, ModelInfo, Quote
from imageway.core.request import ImageRequest
from imageway.core.run import Run

# Drafts of a model that makes several, each as large as its last.
MOST_DRAFTS = 3


def _utc_today() -> date:
    return datetime.now(UTC).date()


class GeminiAdapter:
    """Speaks to the Gemini API with a key, or to Vertex AI with a key or Google credentials."""

    Config = GeminiConfig

    def __init__(
        self,
        config: GeminiConfig,
        http: Http,
        memo: Memo,
        today: Callable[[], date] = _utc_today,
    ) -> None:
        vertex, tokens = config.vertex, None
        if vertex is not None and vertex.project is not None:
            tokens = Tokens(memo, fetcher(vertex.text))
        self._account = Account(config, http, memo, tokens)
        self._catalogue = Catalogue(self._account)
        self._config = config
        self._http = http
        self._memo = memo
        self._today = today

    async def describe(self, model: str) -> Capabilities:
        """Answer from the table; of a model that is not in it, Google is asked how it is asked."""
        name = bare(model)
        known = MODEL_BY_NAME.get(name) or self._gone(name)
        try:
            found = known or await self._catalogue.model(name, None, self._today())
        except ImagewayError:
            # Whoever asks for it is told what is wrong.
            return Capabilities.permissive()
        return capabilities(found, self._account.place, known=known is not None)

    def _gone(self, name: str) -> Model | None:
        """A model that will only be refused is not worth a question, nor a note."""
        end = END_BY_NAME.get(name)
        return UNKNOWN if end is not None and end.is_over(self._today()) else None

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Make one paid call, and hand over what it brings."""
        name = bare(request.model)
        beforehand.tell(self._account, name, run, self._today())
        model = MODEL_BY_NAME.get(name)
        if model is None:
            model = await self._catalogue.model(name, run.provider, self._today())
        uploads = self._uploads(run, name)
        setting = Setting(self._config, model, name, uploads)
        try:
            await self._ask(request, run, setting)
        except ImagewayError as error:
            raise await self._explained(error, request, run, setting) from None

    async def _ask(self, request: ImageRequest, run: Run, setting: Setting) -> None:
        self._mind_the_prices(run)
        if setting.model.method == "predict":
            await self._predict(request, run, setting)
        elif request.previews and setting.model.thinks:
            await self._stream(request, run, setting)
        else:
            await self._draw(request, run, setting)

    async def _draw(self, request: ImageRequest, run: Run, setting: Setting) -> None:
        body = await generate_body(request, run, setting)
        reader = self._reader(request, run, setting)
        options = await self._paid(body, run, reader.explainer, setting)
        url = self._account.address.method(setting.name, "generateContent")
        reader.take(await self._http.json("POST", url, Said, **options))
        reader.end()

    async def _stream(self, request: ImageRequest, run: Run, setting: Setting) -> None:
        body = await generate_body(request, run, setting)
        reader = self._reader(request, run, setting)
        options = await self._paid(body, run, reader.explainer, setting)
        try:
            await self._read_stream(reader, setting, options)
        except ImagewayError as error:
            # What came is kept; without a picture the error is the answer.
            if not reader.broke_off(error.info):
                raise
        except asyncio.CancelledError:
            reader.keep()
            raise
        else:
            reader.end()

    async def _read_stream(self, reader: Reader, setting: Setting, options: CallOptions) -> None:
        url = self._account.address.method(setting.name, "streamGenerateContent")
        documents = Documents()
        options["params"] = {"alt": "sse"}
        chunks = self._http.chunks("POST", url, documents.between, **options)
        async with aclosing(chunks):
            async for chunk in chunks:
                for each in documents.feed(chunk):
                    reader.take(_said(each))

    async def _predict(self, request: ImageRequest, run: Run, setting: Setting) -> None:
        body = await predict_body(request, run, setting)
        explainer = self._account.explainer(run.provider, setting.name)
        options = await self._paid(body, run, explainer, setting)
        options["limit"] = LARGEST_ANSWER * request.count
        url = self._account.address.method(setting.name, "predict")
        answer = await self._http.json("POST", url, Predicted, **options)
        seed = request.seed if request.count == 1 else None
        PredictionReader(run, explainer, request.count, seed, request.size).read(answer)

    def _reader(self, request: ImageRequest, run: Run, setting: Setting) -> Reader:
        if request.seed is not None:
            detail = f"{setting.name!r} is told the seed, and promises no equal picture for it"
            run.note("degraded", detail)
        return Reader(
            run=run,
            explainer=self._account.explainer(run.provider, setting.name),
            last_is_final=setting.model.last_is_final,
            previews=request.previews or 0,
            asked=request.size,
        )

    async def _paid(
        self, body: BaseModel, run: Run, explainer: Explainer, setting: Setting
    ) -> CallOptions:
        """The one call that costs money."""
        drafts = MOST_DRAFTS if setting.model.last_is_final else 1
        options = await self._account.free(explainer)
        return {**options, "send": body, "paid": run, "limit": LARGEST_ANSWER * drafts}

    async def _explained(
        self, error: ImagewayError, request: ImageRequest, run: Run, setting: Setting
    ) -> ImagewayError:
        """The same error with what else is known, for free."""
        info = error.info
        if info.message == NO_FILE.message.format(who=self._account.explainer(run.provider).who):
            for each in request.references:
                await setting.uploads.forget(each.picture)
        if info.code is not ErrorCode.NOT_FOUND or info.vendor_message is None:
            return error
        return await self._catalogue.explained(error, setting.name, run.provider, self._today())

    def _mind_the_prices(self, run: Run) -> None:
        if is_stale(self._today()):
            run.note("stale", f"the prices in US$ are of {PRICED_ON}, more than 90 days ago")

    def _uploads(self, run: Run, name: str) -> Uploads:
        account = self._account
        explainer = account.explainer(run.provider, name)
        return Uploads(self._http, self._memo, account.address, account.headers, explainer)

    async def models(self) -> Sequence[ModelInfo]:
        """Those of Google's many models that draw, and are not gone by our table."""
        listed = await self._catalogue.every()
        return tuple(_info(each) for each in listed if self._is_alive(bare(each.name)))

    def _is_alive(self, name: str) -> bool:
        end, vertex = END_BY_NAME.get(name), self._config.vertex
        if is_imagen(name) and not (vertex is not None and vertex.imagen):
            return False
        return draws(name) and not (end is not None and end.is_over(self._today()))

    async def check(self) -> Health:
        """Look at the list of models, which is free."""
        try:
            await self._catalogue.first()
        except ImagewayError as error:
            status = "degraded" if error.info.code is ErrorCode.RATE_LIMITED else "down"
            return Health(status=status, detail=error.info.message)
        return Health(status="up", detail=f"{self._account.address.told} answers")

    async def quote(self, request: ImageRequest) -> Quote:
        """The price by the dated table; the words around a picture come on top."""
        name = bare(request.model)
        shape = shape_of(request, MODEL_BY_NAME.get(name, UNKNOWN))
        return quote(name, shape, request.count)


def _said(found: bytes) -> Said:
    try:
        return document.read(Said, found)
    except Unreadable as error:
        raise ImagewayError(
            ErrorCode.BAD_ANSWER, f"the provider's JSON cannot be read: {error}", origin="vendor"
        ) from None


def _info(listed: ListedModel) -> ModelInfo:
    name = bare(listed.name)
    end = END_BY_NAME.get(name)
    return ModelInfo(name=name, title=listed.display_name, shutdown=end.on if end else None)

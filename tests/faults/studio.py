"""A vendor of no particular name: an adapter with every way in which vendors answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from imageway.core.capability import Capabilities
from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.core.picture import Picture
from imageway.core.powers import ModelInfo
from imageway.core.reply import explain_status
from imageway.core.request import ImageRequest
from imageway.core.run import Run

KEY = "sk-CANARY-of-the-studio"
KEYS = {"Authorization": f"Bearer {KEY}"}

CODE_BY_WORD: Mapping[str, ErrorCode] = {
    "safety": ErrorCode.REJECTED,
    "early_access": ErrorCode.NOT_ENTITLED,
    "no_money": ErrorCode.QUOTA_EXHAUSTED,
}


class StudioConfig(BaseModel):
    """Where it is, and which way of answering it has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    way: Literal["plain", "stream", "job"] = "plain"
    limit: int = 64 << 20
    images_per_call: int = 4


class Order(BaseModel):
    """What is sent."""

    prompt: str
    model: str
    count: int


class Problem(BaseModel):
    """Why something was not made."""

    code: str = ""
    message: str = ""
    ends_at: str | None = None


class Item(BaseModel):
    """One picture: in the answer, elsewhere, or not made."""

    b64: str | None = None
    url: str | None = None
    error: Problem | None = None


class Made(BaseModel):
    """An answer, or the state of a job."""

    id: str = ""
    status: str = "done"
    progress: float | None = None
    items: list[Item] = []
    error: Problem | None = None


class Refusal(BaseModel):
    """The body of an answer that is no success."""

    error: Problem


class Studio:
    """Speaks to it."""

    Config = StudioConfig

    def __init__(self, config: StudioConfig, http: Http, memo: Memo) -> None:
        self._config = config
        self._http = http

    async def describe(self, model: str) -> Capabilities:
        """Nothing but a prompt."""
        return Capabilities(images_per_call=self._config.images_per_call)

    async def models(self) -> Sequence[ModelInfo]:
        """A free question."""
        url = f"{self._config.base_url}/models"
        made = await self._http.json("GET", url, Made, headers=KEYS)
        return [ModelInfo(name=made.id or "one")]

    async def generate(self, request: ImageRequest, run: Run) -> None:
        """Answer in the configured way."""
        order = Order(prompt=request.prompt, model=request.model, count=request.count)
        match self._config.way:
            case "plain":
                await self._take(await self._ask("draw", order, run), run)
            case "stream":
                await self._listen(order, run)
            case "job":
                await self._wait(await self._ask("jobs", order, run), run)

    async def _ask(self, path: str, order: Order, run: Run) -> Made:
        made = await self._http.json(
            "POST",
            f"{self._config.base_url}/{path}",
            Made,
            send=order,
            headers=KEYS,
            paid=run,
            explain=explain,
            limit=self._config.limit,
        )
        if made.error is not None:
            raise ImagewayError.carrying(meant(made.error))
        return made

    async def _take(self, made: Made, run: Run) -> None:
        for index, item in enumerate(made.items):
            if item.error is not None:
                run.failed(meant(item.error), index)
            elif item.url is not None:
                data = await self._http.download(item.url, headers=KEYS, limit=self._config.limit)
                run.image(Picture.from_bytes(data), index)
            else:
                run.image(Picture.from_base64(item.b64 or ""), index)

    async def _listen(self, order: Order, run: Run) -> None:
        events = self._http.events(
            "POST",
            f"{self._config.base_url}/draw",
            send=order,
            headers=KEYS,
            paid=run,
            explain=explain,
            limit=self._config.limit,
        )
        async for event in events:
            match event.event:
                case "preview":
                    run.preview(Picture.from_base64(event.data.decode()))
                case "picture":
                    run.image(Picture.from_base64(event.data.decode()))
                case "error":
                    problem = Problem.model_validate_json(event.data)
                    raise ImagewayError.carrying(meant(problem))
                case _:
                    pass

    async def _wait(self, job: Made, run: Run) -> None:
        await run.accepted(job.id)

        async def ask() -> Made | None:
            url = f"{self._config.base_url}/jobs/{job.id}"
            state = await self._http.json("GET", url, Made, headers=KEYS, explain=explain_job)
            if state.error is not None:
                raise ImagewayError.carrying(meant(state.error))
            run.progress(state.progress, state.status)
            return state if state.status == "done" else None

        await self._take(await self._http.poll(ask), run)


def meant(problem: Problem) -> ErrorInfo:
    """A problem in our words."""
    details: dict[str, JsonValue] = {"ends_at": problem.ends_at} if problem.ends_at else {}
    return ErrorInfo(
        code=CODE_BY_WORD.get(problem.code, ErrorCode.FAILED),
        message="the studio did not make it",
        origin="vendor",
        vendor_code=problem.code,
        vendor_message=problem.message,
        details=details,
    )


def explain(status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
    """A refusal in our words; what is no JSON says only its status."""
    try:
        problem = Refusal.model_validate_json(body).error
    except ValidationError:
        return explain_status(status, headers, body)
    if problem.code not in CODE_BY_WORD:
        info = explain_status(status, headers, body).info
        return ImagewayError.carrying(
            info.model_copy(update={"vendor_code": problem.code, "vendor_message": problem.message})
        )
    return ImagewayError.carrying(meant(problem))


def explain_job(status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
    """A job that was taken and is not known any more may have been done."""
    if status == 404:
        return ImagewayError(
            ErrorCode.OUTCOME_UNKNOWN, "the studio does not know its own job", origin="vendor"
        )
    return explain(status, headers, body)

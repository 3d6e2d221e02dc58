"""The pipe against a gateway, without Open WebUI around it; the real one is in tests/e2e."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.openwebui.imageway_pipe import Json, Pipe
from tests.checkout import ROOT, text
from tests.server.lab import Lab, Scripted, lab, picture

FILE = ROOT / "imageway" / "openwebui" / "imageway_pipe.py"
TOOL = FILE.with_name("imageway_tool.py")


def pipe_to(it: Lab, key: str = "") -> Pipe:
    made = Pipe()
    made.valves = Pipe.Valves(BASE_URL=f"{it.url}/openwebui/v1", API_KEY=key)
    return made


def body(wish: str, *, stream: bool = True, model: str = "imageway.default") -> Json:
    return {"model": model, "stream": stream, "messages": [{"role": "user", "content": wish}]}


class Page:
    """Hears what the page would."""

    def __init__(self) -> None:
        self.heard: list[Json] = []
        self.stirred = asyncio.Event()

    async def __call__(self, event: Json) -> None:
        self.heard.append(event)
        self.stirred.set()

    def kinds(self) -> set[str]:
        return {str(each["type"]) for each in self.heard}


async def pieces(made: Pipe, order: Json, page: Page | None = None) -> list[Json]:
    answer = await made.pipe(order, __event_emitter__=page)
    assert not isinstance(answer, str)
    return [piece async for piece in answer]


async def test_the_models_of_the_gateway_are_offered(it: Lab) -> None:
    offered = await pipe_to(it).pipes()
    assert {"id": "default", "name": "default"} in offered
    assert {"id": "lab/one", "name": "lab/one"} in offered


async def test_only_the_models_that_are_wanted_are_offered(it: Lab) -> None:
    made = pipe_to(it)
    made.valves.MODELS = "default, lab/two"
    assert [each["id"] for each in await made.pipes()] == ["default", "lab/two"]


async def test_a_gateway_that_is_away_is_named_in_the_picker() -> None:
    made = Pipe()
    made.valves.BASE_URL = "http://127.0.0.1:9/openwebui/v1"
    [only] = await made.pipes()
    assert only["id"] == "unreachable"
    assert "`imageway serve`" in only["name"]


async def test_a_missing_key_is_told_in_the_gateways_words() -> None:
    async with lab(keys={"me": {"token": {"env": "ME"}}}, environment={"ME": "iw-me"}) as it:
        [only] = await pipe_to(it).pipes()
        assert "asks for a key" in only["name"]
        assert len(await pipe_to(it, "iw-me").pipes()) > 1
        [failed] = await pieces(pipe_to(it, "iw-wrong"), body("a fox"))
        assert "does not know the key" in json.dumps(failed)


async def test_a_picture_comes_as_a_piece_that_open_webui_keeps(it: Lab) -> None:
    page = Page()
    told = await pieces(pipe_to(it), body("a red fox"), page)
    assert f"data:image/png;base64,{picture().base64}" in json.dumps(told)
    assert page.kinds() == {"status"}
    assert page.heard[-1]["data"] == {"description": "1 picture, lab/one", "done": True}


async def test_a_failed_picture_is_told_beside_the_one_that_came(it: Lab) -> None:
    async def half(request: ImageRequest, run: Run) -> None:
        run.image(picture(), 0)
        run.failed(ErrorInfo(code=ErrorCode.REJECTED, message="no"), 1)

    it.adapter.play = half
    told = json.dumps(await pieces(pipe_to(it), body("two foxes --n 2")))
    assert "picture 2 of 2" in told
    assert "data:image/png" in told


async def test_a_persons_settings_go_before_the_administrators(it: Lab) -> None:
    made = pipe_to(it)
    made.valves.SIZE, made.valves.COUNT = "512x512", 2
    own = {"id": "u", "valves": Pipe.UserValves(SIZE="256x128", SEED=7)}
    answer = await made.pipe(body("a fox"), __user__=own)
    assert not isinstance(answer, str)
    async for _ in answer:
        continue
    [asked] = it.adapter.asked
    assert (str(asked.size), asked.count, asked.seed) == ("256x128", 2, 7)


async def test_programs_that_do_not_stream_get_a_text_with_links(it: Lab) -> None:
    answer = await pipe_to(it).pipe(body("a fox", stream=False))
    assert isinstance(answer, str)
    assert "/v1/files/file-" in answer


async def test_programs_that_do_not_stream_are_refused_in_words(it: Lab) -> None:
    with pytest.raises(RuntimeError, match="WIDTHxHEIGHT"):
        await pipe_to(it).pipe(body("a fox --size enormous", stream=False))


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("title_generation", {"title": "a red fox"}),
        ("tags_generation", {"tags": ["Pictures"]}),
        ("follow_up_generation", {"follow_ups": []}),
        ("image_prompt_generation", {"prompt": "/new a red fox --n 4"}),
    ],
)
async def test_hidden_tasks_draw_nothing(it: Lab, task: str, answer: Json) -> None:
    asked = body("/new a red fox --n 4", stream=False)
    said = await pipe_to(it).pipe(body("### Task: …"), __task__=task, __task_body__=asked)
    assert json.loads(str(said)) == answer
    assert it.adapter.asked == []


async def test_whoever_stops_reading_ends_the_job_also_where_it_may_have_cost() -> None:
    sent, ended = asyncio.Event(), asyncio.Event()

    async def for_ever(request: ImageRequest, run: Run) -> None:
        await run.paying()
        sent.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with lab(environment={"SHOP_TOKEN": "x"}) as it:
        shop = it.way.snapshot.providers["shop"].adapter
        assert isinstance(shop, Scripted)
        shop.play = for_ever
        page = Page()
        order = body("a fox", model="imageway.bought")
        answer = await pipe_to(it).pipe(order, __event_emitter__=page)
        assert not isinstance(answer, str)
        reading = asyncio.create_task(_read(answer))
        await asyncio.gather(sent.wait(), page.stirred.wait())
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
        await ended.wait()


async def _read(answer: AsyncGenerator[Json]) -> None:
    async for _ in answer:
        continue


@pytest.mark.parametrize("file", [FILE, TOOL], ids=["pipe", "tool"])
def test_open_webui_can_read_the_files_head(file: object) -> None:
    head, end, _ = text(FILE if file is FILE else TOOL).removeprefix('"""\n').partition('"""')
    fields = dict(line.split(": ", 1) for line in head.splitlines())
    assert end
    assert {"title", "version", "required_open_webui_version", "license"} <= fields.keys()
    assert "requirements" not in fields


@pytest.mark.parametrize("file", [FILE, TOOL], ids=["pipe", "tool"])
def test_the_files_stand_alone_and_have_no_word_that_open_webui_rewrites(file: object) -> None:
    code = text(FILE if file is FILE else TOOL)
    assert "import imageway" not in code
    assert "from imageway" not in code
    assert [word for word in ("utils", "apps", "main", "config") if f"from {word}" in code] == []

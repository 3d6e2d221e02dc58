"""Jobs over HTTP: their owner sees how they stand and ends them; nobody else knows of them."""

from __future__ import annotations

import asyncio

import pytest

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.server.recent import MOST
from tests.server.chatting import PAGE, messages
from tests.server.lab import GENERATIONS, Json, Lab, lab, picture

BODY_BY_PATH: dict[str, Json] = {
    GENERATIONS: {"prompt": "two foxes", "n": 2},
    PAGE: {"messages": messages("two foxes --n 2")},
}


@pytest.mark.parametrize("streams", [False, True])
@pytest.mark.parametrize("path", BODY_BY_PATH)
async def test_every_answer_names_the_job_behind_it(it: Lab, path: str, streams: bool) -> None:
    answer = await it.ask(path, {**BODY_BY_PATH[path], "stream": streams})
    told = await it.ask(f"/v1/jobs/{answer.headers['X-Imageway-Job']}")
    assert told.json == {
        "id": answer.headers["X-Imageway-Job"],
        "object": "imageway.job",
        "status": "succeeded",
        "model": "default",
        "count": 2,
        "pictures": 2,
        "failures": 0,
    }


@pytest.mark.parametrize("path", BODY_BY_PATH)
async def test_a_job_that_runs_ends_at_once_on_its_owners_word(it: Lab, path: str) -> None:
    ended = asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        run.image(picture())
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    it.adapter.play = play
    body = {**BODY_BY_PATH[path], "stream": True}
    async with it.session.post(it.url + path, json=body) as response:
        where = f"/v1/jobs/{response.headers['X-Imageway-Job']}"
        told = await it.ask(where)
        assert (told.json["status"], told.json["pictures"]) == ("running", 1)
        gone = await it.ask(where, method="DELETE")
        assert (gone.status, gone.json["status"]) == (200, "cancelling")
        async with asyncio.timeout(1):
            await ended.wait()
            text = (await response.read()).decode()
    assert "the request was cancelled" in text
    await it.gateway.close()
    assert (await it.ask(where)).json["status"] == "partial"


async def test_a_job_that_has_ended_cannot_be_cancelled_any_more(it: Lab) -> None:
    job = (await it.draw()).headers["X-Imageway-Job"]
    answer = await it.ask(f"/v1/jobs/{job}", method="DELETE")
    assert (answer.status, answer.json["status"]) == (200, "succeeded")


async def test_a_failed_job_tells_why(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        raise ImagewayError(ErrorCode.REJECTED, "refused by the filter")

    it.adapter.play = play
    job = (await it.draw()).headers["X-Imageway-Job"]
    told = await it.ask(f"/v1/jobs/{job}")
    assert told.json["status"] == "failed"
    assert told.json["error"] == {"code": "rejected", "message": "refused by the filter"}


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_the_job_of_another_looks_like_none(method: str) -> None:
    keys = {"ann": {"token": {"env": "ANN"}}, "bob": {"token": {"env": "BOB"}}}
    bob = "Bearer iw-bob"
    async with lab(keys=keys, environment={"ANN": "iw-ann", "BOB": "iw-bob"}) as it:
        held = asyncio.Event()

        async def play(request: ImageRequest, run: Run) -> None:
            await held.wait()
            run.image(picture())

        it.adapter.play = play
        ann = {"Authorization": "Bearer iw-ann"}
        body: Json = {"prompt": "x", "stream": True}
        async with it.session.post(it.url + GENERATIONS, json=body, headers=ann) as response:
            running = response.headers["X-Imageway-Job"]
            others = await it.ask(f"/v1/jobs/{running}", method=method, Authorization=bob)
            none = await it.ask("/v1/jobs/req_0", method=method, Authorization=bob)
            assert others.status == none.status == 404
            told = [{**each.error, "request_id": ""} for each in (others, none)]
            assert told[0] == told[1]
            held.set()
            await response.read()
        await it.gateway.close()
        ended = await it.ask(f"/v1/jobs/{running}", method=method, Authorization=bob)
        assert ended.status == 404
        assert (await it.ask(f"/v1/jobs/{running}", method=method)).status == 401


async def test_jobs_that_ended_long_ago_are_forgotten(
    it: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imageway.server.recent.MOST", 2)
    jobs = [(await it.draw()).headers["X-Imageway-Job"] for _ in range(3)]
    await it.gateway.close()
    seen = [(await it.ask(f"/v1/jobs/{job}")).status for job in jobs]
    assert seen == [404, 200, 200]
    assert MOST >= 1000

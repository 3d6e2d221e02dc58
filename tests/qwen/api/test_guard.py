"""Who is let in: by host, by origin, by key."""

from __future__ import annotations

import pytest

from imageway.qwen.api.guard import TELLABLE
from tests.qwen.lab import GENERATE, Lab, lab

PAGE = "https://pages.example"
OPEN = ("/", "/api/health", "/api/ready")
CLOSED = ("/api/info", "/api/queue/status", "/api/metrics", "/metrics", "/v1/models")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "file://"])
async def test_a_foreign_page_is_refused_and_makes_nothing(it: Lab, origin: str) -> None:
    answer = await it.ask("POST", GENERATE, {"prompt": "x"}, Origin=origin)
    assert (answer.status, answer.code) == (403, 1902)
    assert it.engine.tasks == []


async def test_the_services_own_page_is_let_in(it: Lab) -> None:
    assert (await it.ask("POST", GENERATE, {"prompt": "x"}, Origin=it.url)).status == 200


async def test_an_allowed_page_is_let_in_and_may_read_the_answer() -> None:
    async with lab(allowed_origins=[PAGE]) as it:
        answer = await it.ask("POST", GENERATE, {"prompt": "x"}, Origin=PAGE)
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert answer.headers["Access-Control-Expose-Headers"] == TELLABLE
        refused = await it.ask("POST", GENERATE, {"prompt": ""}, Origin=PAGE)
        assert refused.headers["Access-Control-Allow-Origin"] == PAGE
        number = await it.submit()
        events = await it.get(f"/api/requests/{number}/events", Origin=PAGE)
        assert events.headers["Access-Control-Allow-Origin"] == PAGE


async def test_a_browser_may_ask_first_without_a_key() -> None:
    async with lab(allowed_origins=[PAGE], api_key="sesame") as it:
        answer = await it.ask("OPTIONS", GENERATE, Origin=PAGE)
        assert answer.status == 204
        assert "POST" in answer.headers["Access-Control-Allow-Methods"]
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
        assert (await it.ask("OPTIONS", GENERATE, Origin="https://evil.example")).status == 403


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b", ""])
async def test_a_foreign_host_is_refused(it: Lab, host: str) -> None:
    answer = await it.get("/api/health", Host=host)
    assert (answer.status, answer.code) == (403, 1902)


@pytest.mark.parametrize("host", ["localhost:1", "127.0.0.1", "[::1]:7860"])
async def test_this_machines_own_names_are_let_in(it: Lab, host: str) -> None:
    assert (await it.get("/api/health", Host=host)).status == 200


async def test_an_allowed_host_is_let_in() -> None:
    async with lab(allowed_hosts=["images.example"]) as it:
        assert (await it.get("/api/health", Host="images.example:443")).status == 200
        assert (await it.get("/api/health", Host="other.example")).status == 403


async def test_who_listens_for_others_goes_by_any_name_unless_told_which() -> None:
    async with lab(host="0.0.0.0") as it:
        assert (await it.get("/api/health", Host="images.example")).status == 200
    async with lab(host="0.0.0.0", allowed_hosts=["images.example"]) as it:
        assert (await it.get("/api/health", Host="other.example")).status == 403


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic sesame"}, {"X-Api-Key": "ä"}],
)
async def test_without_the_key_nothing_is_said(headers: dict[str, str]) -> None:
    async with lab(api_key="sesame") as it:
        for path in CLOSED:
            answer = await it.get(path, **headers)
            assert answer.status == 401
        answer = await it.ask("POST", GENERATE, {"prompt": "x"}, **headers)
        assert (answer.status, answer.code) == (401, 1901)
        assert it.engine.tasks == []


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer sesame"}, {"X_Api_Key": "sesame"}])
async def test_with_the_key_everything_is(headers: dict[str, str]) -> None:
    async with lab(api_key="sesame") as it:
        assert [(await it.get(path, **headers)).status for path in CLOSED] == [200] * len(CLOSED)


async def test_probes_and_the_page_need_no_key() -> None:
    async with lab(api_key="sesame") as it:
        assert [(await it.get(path)).status for path in OPEN] == [200] * len(OPEN)

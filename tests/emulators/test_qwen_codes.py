"""Every code of the Qwen service: its status, its keys, its language, and which is told first."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from pydantic import JsonValue

from imageway.emulators.faults import Fault
from imageway.emulators.serving import serve
from tests.emulators.qwen_client import Body, SmallQwen, generate, look


@pytest.fixture
def emulator() -> SmallQwen:
    return SmallQwen()


@pytest.fixture
async def client(emulator: SmallQwen) -> AsyncIterator[aiohttp.ClientSession]:
    async with serve(emulator) as url, aiohttp.ClientSession(url) as session:
        yield session


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"prompt": None}, 1001),
        ({"prompt": " \n"}, 1001),
        ({"prompt": 7}, 1001),
        ({"prompt": "half a \ud83e"}, 1001),
        ({"prompt": "狐" * 513}, 1002),
        ({"negative_prompt": "狐" * 513}, 1904),
        ({"negative_prompt": 7}, 1904),
        ({"aspect_ratio": "16/9"}, 1003),
        ({"aspect_ratio": "21:9"}, 1003),
        ({"num_steps": 19}, 2001),
        ({"num_steps": 101}, 2001),
        ({"num_steps": 50.5}, 2001),
        ({"num_steps": True}, 2001),
        ({"cfg_scale": 0.9}, 2002),
        ({"cfg_scale": 20.1}, 2002),
        ({"cfg_scale": False}, 2002),
        ({"seed": -2}, 2903),
        ({"seed": 2**53}, 2903),
        ({"seed": "7"}, 2903),
        ({"format": "gif"}, 2904),
        ({"async": 1}, 2904),
        ({"allow_degrade": "no"}, 2904),
        ({"max_wait_seconds": 0}, 2904),
    ],
)
async def test_a_wrong_field_has_its_code(
    emulator: SmallQwen, client: aiohttp.ClientSession, body: Body, code: int
) -> None:
    status, answer = await generate(client, body)
    assert (status, answer["code"]) == (400, code)
    assert emulator.charges == []


@pytest.mark.parametrize(
    "body",
    [
        {"prompt": "狐" * 512},
        {"prompt": f"  {'🦊' * 512}  "},
        {"num_steps": 50.0},
        {"seed": -1},
        {"seed": 2**53 - 1},
        {"negative_prompt": None, "aspect_ratio": None, "num_steps": None, "cfg_scale": None},
    ],
)
async def test_what_the_contract_allows_is_drawn(client: aiohttp.ClientSession, body: Body) -> None:
    assert (await generate(client, body))[0] == 200


async def test_nan_is_no_scale(client: aiohttp.ClientSession) -> None:
    body = b'{"prompt": "a", "cfg_scale": NaN}'
    async with client.post("/api/generate", data=body) as response:
        assert (await response.json())["code"] == 2002


async def test_the_first_wrong_field_of_the_table_is_told(client: aiohttp.ClientSession) -> None:
    _, answer = await generate(client, prompt="", num_steps=1, seed="x")
    assert answer["code"] == 1001
    _, answer = await generate(client, num_steps=1, aspect_ratio="x", negative_prompt=7)
    assert answer["code"] == 1904


async def test_a_wrong_request_is_told_so_while_the_model_loads(
    emulator: SmallQwen, client: aiohttp.ClientSession
) -> None:
    emulator.standing = "loading"
    assert (await generate(client, num_steps=1))[1]["code"] == 2001
    status, answer = await generate(client)
    assert (status, answer["code"], answer["retry_after"]) == (503, 3001, 20)


async def test_an_unknown_ratio_is_told_the_known_ones(client: aiohttp.ClientSession) -> None:
    _, answer = await generate(client, aspect_ratio="5:4")
    assert answer["allowed"] == ["1:1", "16:9", "9:16", "4:3", "3:4", "3:2", "2:3"]


@pytest.mark.parametrize("body", [b"[]", b"{", b"", b'"fox"', b"\xff"])
async def test_what_is_no_object_is_1900(client: aiohttp.ClientSession, body: bytes) -> None:
    async with client.post("/api/generate", data=body) as response:
        assert (response.status, (await response.json())["code"]) == (400, 1900)


async def test_a_body_over_64_kib_is_1900_too(client: aiohttp.ClientSession) -> None:
    async with client.post("/api/generate", data=b"x" * 66_000) as response:
        assert (response.status, (await response.json())["code"]) == (413, 1900)


async def test_no_content_type_is_needed(client: aiohttp.ClientSession) -> None:
    body = json.dumps({"prompt": "test"}).encode()
    skipping = {"Content-Type"}
    async with client.post("/api/generate", data=body, skip_auto_headers=skipping) as response:
        assert (response.status, response.content_type) == (200, "image/png")


async def test_a_key_is_asked_for_where_there_is_one() -> None:
    emulator = SmallQwen(key="secret")
    async with serve(emulator) as url, aiohttp.ClientSession(url) as client:
        status, answer = await generate(client)
        assert (status, answer["code"]) == (401, 1901)
        assert (await generate(client, headers={"Authorization": "Bearer secret"}))[0] == 200


async def test_a_strange_page_may_not_ask(client: aiohttp.ClientSession) -> None:
    status, answer = await generate(client, headers={"Origin": "https://evil.example"})
    assert (status, answer["code"]) == (403, 1902)


async def test_its_own_page_may_ask(client: aiohttp.ClientSession) -> None:
    async with client.get("/") as response:
        own = str(response.url.origin())
    assert (await generate(client, headers={"Origin": own}))[0] == 200


async def test_a_strange_host_is_refused(client: aiohttp.ClientSession) -> None:
    async with client.get("/api/health", headers={"Host": "evil.example"}) as response:
        assert (await response.json())["code"] == 1902


async def test_a_message_is_chinese_for_who_prefers_it(client: aiohttp.ClientSession) -> None:
    _, answer = await generate(
        client, headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"}, prompt=""
    )
    assert answer["message"] == "提示词不能为空"
    _, answer = await generate(client, headers={"Accept-Language": "en, zh;q=0.5"}, prompt="")
    assert answer["message"] == "Prompt cannot be empty"


async def test_the_id_of_an_error_is_that_of_its_answer(client: aiohttp.ClientSession) -> None:
    async with client.post("/api/generate", json={}) as response:
        answer = await response.json()
        assert answer["request_id"] == response.headers["X-Request-Id"]
        assert set(answer) == {"code", "message", "request_id"}


@pytest.mark.parametrize(
    ("fault", "variant", "status", "code"),
    [
        (Fault.RATE_LIMITED, None, 503, 3002),
        (Fault.RATE_LIMITED, "3903", 503, 3903),
        (Fault.UNAVAILABLE, None, 503, 3001),
        (Fault.UNAVAILABLE, "3904", 503, 3904),
        (Fault.BAD_KEY, None, 401, 1901),
        (Fault.FORBIDDEN, None, 403, 1902),
        (Fault.SERVER_ERROR, None, 500, 4001),
        (Fault.SERVER_ERROR, "oom", 500, 4001),
        (Fault.SERVER_ERROR, "4002", 500, 4002),
        (Fault.SERVER_ERROR, "4950", 500, 4950),
    ],
)
async def test_every_code_is_said_on_demand(
    emulator: SmallQwen,
    client: aiohttp.ClientSession,
    fault: Fault,
    variant: str | None,
    status: int,
    code: int,
) -> None:
    emulator.script(fault, variant=variant)
    said, answer = await generate(client)
    assert (said, answer["code"]) == (status, code)
    assert (await generate(client))[0] == 200


async def test_a_wait_is_said_twice(emulator: SmallQwen, client: aiohttp.ClientSession) -> None:
    emulator.script(Fault.RATE_LIMITED, retry_after="7")
    async with client.post("/api/generate", json={"prompt": "a"}) as response:
        assert response.headers["Retry-After"] == "7"
        assert (await response.json())["retry_after"] == 7


@pytest.mark.parametrize("variant", ["none", "12", "٤٠٠١"])
def test_a_variant_that_is_no_code_is_refused(emulator: SmallQwen, variant: str) -> None:
    with pytest.raises(ValueError, match="a variant is a code of four digits"):
        emulator.script(Fault.SERVER_ERROR, variant=variant)


@pytest.mark.parametrize(
    ("body", "advice"),
    [
        ({"num_steps": 50}, ["reduce num_steps to 40", "try a different seed"]),
        ({"num_steps": 20}, ["try a different seed"]),
        (
            {"num_steps": 24, "cfg_scale": 9},
            ["reduce num_steps to 20", "try a different seed", "lower cfg_scale to 3.5-5"],
        ),
    ],
)
async def test_the_advice_after_nan_is_legal(
    emulator: SmallQwen, client: aiohttp.ClientSession, body: Body, advice: JsonValue
) -> None:
    emulator.script(Fault.DEGRADED)
    status, answer = await generate(client, body, allow_degrade=False)
    assert (status, answer["code"], answer["reason"]) == (500, 4001, "nan")
    assert answer["suggested_fix"] == advice


async def test_an_unknown_request_is_3902(client: aiohttp.ClientSession) -> None:
    for path in ("", "/events", "/image"):
        status, answer = await look(client, f"/api/requests/req_00000000{path}")
        assert (status, answer["code"]) == (404, 3902)
    async with client.delete("/api/requests/req_00000000") as response:
        assert (await response.json())["code"] == 3902

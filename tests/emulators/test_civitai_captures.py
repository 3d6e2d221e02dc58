"""Requests that CivitAI's own clients made, replayed: each is answered as it was recorded."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest
from pydantic import BaseModel, ConfigDict, JsonValue, TypeAdapter

from imageway.emulators.civitai import CivitaiEmulator
from imageway.emulators.civitai_zod import body, complaint_about_id, complaints, pretty
from imageway.emulators.faults import Fault, Scripted
from tests.emulators.civitai_lab import Client, Said, client_of, emulator

DATA = Path(__file__).parents[1] / "data" / "civitai"


class Captured(BaseModel):
    """One captured request, and the status it was answered with."""

    model_config = ConfigDict(frozen=True)

    method: str
    path: str
    query: str
    body: JsonValue
    status: int
    gave: tuple[str, ...] = ()


CAPTURED = TypeAdapter(dict[str, list[Captured]]).validate_json(
    (DATA / "captured_requests.json").read_text()
)
ZOD = json.loads((DATA / "zod_bodies.json").read_text())
# What the recorded server answered to a prompt that said so.
FAULT_BY_WORD: Mapping[str, Scripted] = {
    "ERR400": Scripted(fault=Fault.NOT_FOUND, status=400),
    "ERR401": Scripted(fault=Fault.BAD_KEY),
    "ERR403": Scripted(fault=Fault.FORBIDDEN),
    "ERR429": Scripted(fault=Fault.RATE_LIMITED),
    "ERR500": Scripted(fault=Fault.HTML),
}
# The recording server knew things that nobody had made, and ended nothing that was cancelled.
STATUS_BY_REQUEST: Mapping[str, int] = {
    "POST /v2/consumer/blobs/ABC.jpeg/refresh": 404,
    "PUT /v2/consumer/workflows/{id}": 409,
    "PATCH /v2/consumer/workflows/{id}": 409,
}


@pytest.fixture
def vendor() -> CivitaiEmulator:
    return emulator()


@pytest.fixture
async def client(vendor: CivitaiEmulator) -> AsyncIterator[Client]:
    async with client_of(vendor) as made:
        yield made


async def replay(vendor: CivitaiEmulator, client: Client, name: str) -> None:
    """Play a client's requests in their order; ids that were given out then have new ones now."""
    renamed: dict[str, str] = {}
    for captured in CAPTURED[name]:
        _script(vendor, captured)
        path, query = captured.path, captured.query
        for old, new in renamed.items():
            path, query = path.replace(old, new), query.replace(old, new)
        said = await client.ask(captured.method, f"{path}?{query}", captured.body)
        shown = f"{captured.method} {captured.path}"
        assert said.status in _expected(captured), f"{shown}: {said.status} {said.body}"
        if captured.gave:
            renamed |= dict(zip(captured.gave, _given(said), strict=True))


def _script(vendor: CivitaiEmulator, captured: Captured) -> None:
    text = json.dumps(captured.body)
    for word, scripted in FAULT_BY_WORD.items():
        if word in text:
            vendor.add(scripted)


def _expected(captured: Captured) -> set[int]:
    """The recorded status; a job that takes longer than it did there is 202 and not 200."""
    general = f"{captured.method} {re.sub(r'/[0-9]+-[0-9]+', '/{id}', captured.path)}"
    other = STATUS_BY_REQUEST.get(general, captured.status)
    return {captured.status, other} | ({200, 202} if captured.status in {200, 202} else set())


def _given(said: Said) -> list[str]:
    """The ids that an answer gives out, as paths and queries spell them."""
    if not isinstance(said.body, dict):
        return []
    jobs = said.body.get("jobs")
    if not isinstance(jobs, list):
        return [str(said.body.get("id"))]
    token = quote(str(said.body.get("token")))
    return [token, *(str(job["jobId"]) for job in jobs if isinstance(job, dict))]


@pytest.mark.parametrize("name", CAPTURED)
async def test_the_requests_of_a_client_are_answered_as_recorded(
    vendor: CivitaiEmulator, client: Client, name: str
) -> None:
    await replay(vendor, client, name)


async def test_a_recorded_order_is_paid_once_though_it_is_sent_twice(
    vendor: CivitaiEmulator, client: Client
) -> None:
    twice = [
        each for each in CAPTURED["civitai-client"] if "imageway-0001" in json.dumps(each.body)
    ]
    answers = [await client.ask("POST", each.path, each.body) for each in twice]
    assert [said.status for said in answers] == [202, 200]
    assert len(vendor.charges) == 1


BAD_BY_NAME: Mapping[str, dict[str, str]] = {
    "limit_too_big": {"limit": "500"},
    "limit_not_number": {"limit": "abc"},
    "bad_sort": {"sort": "Best"},
    "bad_period": {"period": "Decade"},
    "bad_username": {"username": "a b!"},
    "two_problems": {"limit": "-1", "sort": "Best"},
}


@pytest.mark.parametrize("major", [3, 4])
@pytest.mark.parametrize("name", BAD_BY_NAME)
def test_a_bad_parameter_is_told_as_zod_prints_it(name: str, major: int) -> None:
    assert body(complaints(BAD_BY_NAME[name]), major) == ZOD[f"zod{major}"][name]


@pytest.mark.parametrize(("text", "name"), [("x", "id_nan"), ("0", "id_zero")])
def test_a_bad_id_is_told_as_zod_prints_it_for_people(text: str, name: str) -> None:
    wrong = complaint_about_id(text)
    assert wrong is not None
    assert pretty(wrong) == {"error": ZOD["zod4_prettify"][name]}

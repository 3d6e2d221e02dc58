"""From a caller through gateway and adapter to the service and the real pipeline, and back."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from pydantic import BaseModel

from tests.qwen_engine.faults import fault, none
from tests.qwen_engine.lab import RealLab, real_lab
from tests.server.lab import Answer, Lab, lab

pytestmark = pytest.mark.timeout(180)

MODEL = "qwen/qwen-image-2512"


class Note(BaseModel):
    """Something that the caller should know."""

    kind: str
    detail: str


class Beside(BaseModel):
    """What stands beside the pictures."""

    notes: list[Note] = []


@asynccontextmanager
async def house(model: Path) -> AsyncGenerator[tuple[RealLab, Lab]]:
    """The service with the real engine, and a gateway in front of it."""
    async with real_lab(model) as service:
        qwen = {
            "adapter": "qwen",
            "base_url": service.url,
            "cost": "local",
            "network": "private",
        }
        async with lab(providers={"qwen": qwen}) as gateway:
            yield service, gateway


def pictures(answer: Answer) -> list[bytes]:
    assert answer.status == 200, answer.body
    return [b64decode(str(each["b64_json"])) for each in answer.data]


def notes(answer: Answer) -> list[Note]:
    return Beside.model_validate(answer.beside).notes


async def test_the_same_seed_brings_the_same_bytes_through_gateway_adapter_and_service(
    quantised: Path,
) -> None:
    async with house(quantised) as (service, gateway):
        answers = [await gateway.draw(model=MODEL, seed=7, steps=20) for _ in range(2)]
        direct = await service.generate("a red circle", seed=7, num_steps=20)
        first, second = (pictures(answer) for answer in answers)
        assert first == second == [direct.body]
        other = await gateway.draw(model=MODEL, seed=8, steps=20)
        assert pictures(other) != first


async def test_a_degraded_picture_carries_a_note_to_the_caller_of_the_gateway(
    quantised: Path,
) -> None:
    async with house(quantised) as (service, gateway):
        with fault(service.studio.pipe.transformer.proj_out, none, 59):
            answer = await gateway.draw(model=MODEL, seed=7, steps=50)
        assert len(pictures(answer)) == 1
        [note] = [each for each in notes(answer) if each.kind == "degraded"]
        assert "40" in note.detail


async def test_what_failed_twice_is_an_error_with_advice_at_the_gateway(quantised: Path) -> None:
    async with house(quantised) as (service, gateway):
        with fault(service.studio.pipe.transformer.proj_out, none):
            answer = await gateway.draw(model=MODEL, seed=7, steps=50)
        assert answer.status == 502
        assert "4001" in str(answer.error)
        assert "reduce num_steps to 40" in str(answer.error)
        assert len(pictures(await gateway.draw(model=MODEL, seed=7, steps=20))) == 1


async def test_repaired_decoding_is_no_note_for_the_caller(quantised: Path) -> None:
    async with house(quantised) as (service, gateway):
        with fault(service.studio.pipe.vae.decoder, none, 1):
            answer = await gateway.draw(model=MODEL, seed=7, steps=20)
        assert len(pictures(answer)) == 1
        assert [each for each in notes(answer) if each.kind == "degraded"] == []

"""A model of few steps has a range of its own, and the usual one keeps its own."""

from __future__ import annotations

import pytest
from pydantic import BaseModel, ValidationError

from imageway.qwen.failures import fewer_steps
from imageway.qwen.profiles import LIGHTNING, STANDARD
from imageway.qwen.settings import Settings
from tests.qwen.lab import lab


class Limits(BaseModel):
    """What may be asked for."""

    num_steps: tuple[int, int]
    cfg_scale: tuple[float, float]


class Info(BaseModel):
    """What a service tells of itself."""

    profile: str
    limits: Limits


async def test_the_few_step_profile_has_its_own_range_and_tells_it() -> None:
    async with lab(profile="lightning") as it:
        told = Info.model_validate_json((await it.get("/api/info")).body)
        assert told.profile == "lightning"
        assert (told.limits.num_steps, told.limits.cfg_scale) == ((4, 8), (1.0, 1.0))
        answer = await it.generate()
        assert (answer.headers["X-Num-Steps"], answer.headers["X-Cfg-Scale"]) == ("4", "1.0")
        refused = await it.generate(num_steps=20)
        assert (refused.code, refused.json["limit"]) == (2001, [4, 8])
        assert (await it.generate(cfg_scale=4)).code == 2002


async def test_the_alias_asks_the_few_step_profile_for_few_steps() -> None:
    async with lab(profile="lightning") as it:
        body = {"prompt": "a fox", "size": "256x256", "quality": "high"}
        assert (await it.ask("POST", "/v1/images/generations", body)).status == 200
        assert it.engine.tasks[-1].steps == 8


async def test_the_usual_range_is_not_widened() -> None:
    async with lab() as it:
        assert (await it.generate(num_steps=4)).code == 2001
        told = Info.model_validate_json((await it.get("/api/info")).body)
    assert (told.profile, told.limits.num_steps) == ("standard", (20, 100))
    assert STANDARD.steps == (20, 100)


@pytest.mark.parametrize("steps", range(LIGHTNING.steps[0], LIGHTNING.steps[1] + 1))
def test_a_few_steps_are_not_made_more_by_degrading(steps: int) -> None:
    assert fewer_steps(steps) == steps


@pytest.mark.parametrize("given", [{"profile": "lightning"}, {"lora": "lora.safetensors"}])
def test_the_profile_and_its_lora_belong_together(given: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="belong together"):
        Settings.model_validate(given)

"""The list of models: routes first, only what can be asked, only what the key may use."""

from __future__ import annotations

import pytest
from openai.types import Model

from tests.server.lab import OBJECT, Lab, lab

KEYS = {"family": {"token": {"env": "FAMILY"}, "allow": ["default"]}}
HERE = {"FAMILY": "iw-secret"}


async def test_a_route_whose_providers_are_all_disabled_is_not_listed(it: Lab) -> None:
    answer = await it.ask("/v1/models")
    models = [Model.model_validate(item) for item in answer.data]
    assert [(model.id, model.owned_by) for model in models] == [
        ("default", "imageway"),
        ("lab/one", "lab"),
        ("lab/two", "lab"),
    ]


async def test_one_model_may_have_a_slash_in_its_id(it: Lab) -> None:
    assert (await it.ask("/v1/models/lab/two")).json["id"] == "lab/two"


@pytest.mark.parametrize("name", ["lab/twoo", "LAB/two", "bought"])
async def test_an_unknown_model_is_404_with_near_names(it: Lab, name: str) -> None:
    answer = await it.ask(f"/v1/models/{name}")
    assert (answer.status, answer.error["code"]) == (404, "model_not_found")
    assert answer.error["hint"]


async def test_a_key_sees_only_its_own_models() -> None:
    async with lab(keys=KEYS, environment=HERE) as it:
        answer = await it.ask("/v1/models", Authorization="Bearer iw-secret")
        assert [item["id"] for item in answer.data] == ["default"]
        hidden = await it.ask("/v1/models/lab/one", Authorization="Bearer iw-secret")
        assert hidden.status == 404
        assert "lab/one'?" not in str(hidden.error["hint"])


async def test_a_model_says_who_draws_and_wants_no_tools(it: Lab) -> None:
    route, model, *_ = (await it.ask("/openwebui/v1/models")).data
    assert (route["name"], model["name"]) == ("default", "lab/one")
    meta = OBJECT.validate_python(OBJECT.validate_python(route["info"])["meta"])
    assert meta["description"] == "Draws with lab/one."
    able = OBJECT.validate_python(meta["capabilities"])
    assert able["builtin_tools"] is False
    assert able["usage"] is True

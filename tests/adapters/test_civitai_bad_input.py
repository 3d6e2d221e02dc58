"""Bad input: one clear sentence, a code, the vendor's words, the next step, and no charge."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.emulators.faults import Fault, Spot
from tests.adapters.civitai_stand import Stand, stand
from tests.emulators.civitai_lab import SDXL

LORA = "urn:air:sdxl:lora:civitai:123456@789012"


@pytest.fixture
async def found() -> AsyncIterator[Stand]:
    async with stand() as made:
        yield made


def free_of_charge(found: Stand, error: ErrorInfo) -> None:
    """Nothing was ordered, nobody paid, and the message is one sentence in our style."""
    assert (error.charged, found.vendor.user.spent, found.ordered) == ("no", 0, [])
    assert not error.message.endswith(".")
    assert error.hint


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("urn:air:sdxl:checkpoint:civitai", "its source would be 'checkpoint'"),
        ("urn:air:sdxl:checkpoint:civitai:abc@1", "the model 'abc' is no number"),
        ("urn:air:sdxl:checkpoint:civitai:1@x", "the version 'x' is no number"),
        ("urn:air:sdxl:checkpoint:civitai:1@2 3", "it has not the form urn:air:"),
        ("nonsense", "it is neither an AIR nor a number nor an address"),
        ("https://example.org/models/1", "'example.org' is not CivitAI"),
        ("https://civitai.com/images/1", "it is not the address of a model's page"),
        ("https://civitai.com/models/1?modelVersionId=x", "its modelVersionId 'x' is no number"),
        ("https://[civitai.com/models/1", "it is no address"),
    ],
)
async def test_a_broken_name_is_refused_with_what_would_be_right(
    found: Stand, name: str, why: str
) -> None:
    error = await found.refusal(model=name)
    assert error.code is ErrorCode.INVALID_REQUEST
    assert why in error.message
    assert "urn:air:sdxl:checkpoint:civitai:101055@128078" in (error.hint or "")
    assert error.param == "model"
    free_of_charge(found, error)


async def test_a_broken_air_of_a_lora_is_blamed_on_the_extras(found: Stand) -> None:
    error = await found.refusal(extras={"civitai": {"loras": {"urn:air:nothing": 1.0}}})
    assert (error.code, error.param) == (ErrorCode.INVALID_REQUEST, "civitai.loras")
    free_of_charge(found, error)


@pytest.mark.parametrize("name", [LORA, "789012", "https://civitai.com/models/123456"])
async def test_a_lora_as_the_checkpoint_is_refused(found: Stand, name: str) -> None:
    error = await found.refusal(model=name)
    assert error.code is ErrorCode.INVALID_REQUEST
    assert error.message == (
        "'Lantern Glow v1' is of the type 'lora', and here a checkpoint is needed"
    )
    assert "civitai.loras" in (error.hint or "")
    free_of_charge(found, error)


async def test_a_checkpoint_as_a_lora_is_refused(found: Stand) -> None:
    error = await found.refusal(extras={"civitai": {"loras": ["290640"]}})
    assert "'Pony V6 V6' is of the type 'checkpoint'" in error.message
    free_of_charge(found, error)


async def test_a_lora_of_another_family_is_refused_by_both_names(found: Stand) -> None:
    error = await found.refusal(extras={"civitai": {"loras": ["182559"]}})
    assert (error.code, error.param) == (ErrorCode.INVALID_REQUEST, "civitai.loras")
    assert "'Old Rope v1' is made for SD 1.5, and 'SD XL v1.0 VAE fix' is SDXL 1.0" in error.message
    free_of_charge(found, error)


async def test_a_lora_for_a_child_of_the_family_is_taken(found: Stand) -> None:
    pony = "urn:air:sdxl:checkpoint:civitai:257749@290640"
    assert (await found.draw(model=pony, extras={"civitai": {"loras": [LORA]}})).images


async def test_an_unknown_version_is_not_found(found: Stand) -> None:
    error = await found.refusal(model="999999")
    assert (error.code, error.param) == (ErrorCode.NOT_FOUND, "model")
    free_of_charge(found, error)


async def test_a_version_that_the_generator_does_not_run_is_no_offer_to_buy(found: Stand) -> None:
    error = await found.refusal(model="777060")
    assert error.code is ErrorCode.UNSUPPORTED
    assert "buying it would not change that" in error.message
    assert "buy it" not in (error.hint or "")
    free_of_charge(found, error)


async def test_thirty_steps_over_the_limit_become_the_limit_with_a_note(found: Stand) -> None:
    flux = "urn:air:flux1:checkpoint:civitai:618692@691639"
    await found.draw(model=flux, steps=80)
    assert (found.input["steps"], found.notes) == (50, ["steps 80 became 50"])


async def test_thirty_steps_over_the_limit_are_refused_when_strict(found: Stand) -> None:
    flux = "urn:air:flux1:checkpoint:civitai:618692@691639"
    error = await found.refusal(model=flux, steps=80, strict=True)
    assert (error.code, error.param) == (ErrorCode.UNSUPPORTED, "steps")
    free_of_charge(found, error)


async def test_thirty_steps_over_the_limit_are_refused_where_nothing_was_known_before(
    found: Stand,
) -> None:
    found.vendor.script(Fault.UNAVAILABLE, spot=Spot.LOOK)
    error = await found.refusal(model="691639", steps=80)
    assert (error.code, error.param) == (ErrorCode.INVALID_REQUEST, "steps")
    assert error.message == "steps: sdcpp/flux1 takes them from 4 to 50, got 80"
    assert error.hint == "ask for 50"
    free_of_charge(found, error)


async def test_an_unknown_sampler_is_refused_with_near_names(found: Stand) -> None:
    error = await found.refusal(extras={"civitai": {"sampler": "dpm++3m"}})
    assert (error.code, error.param) == (ErrorCode.INVALID_REQUEST, "civitai.sampler")
    assert error.message == "civitai.sampler: the engine sdcpp/sdxl knows no 'dpm++3m'"
    assert "dpm++2m" in (error.hint or "")
    free_of_charge(found, error)


async def test_a_bad_key_is_known_though_the_site_takes_it_for_nobody(found: Stand) -> None:
    found.vendor.user.token = "sk-changed"
    error = await found.refusal()
    assert error.code is ErrorCode.UNAUTHENTICATED
    assert error.message == "CivitAI refused imageway's key"
    assert error.vendor_message == "Unauthorized"
    free_of_charge(found, error)


async def test_the_key_is_asked_about_once(found: Stand) -> None:
    await found.draw()
    await found.draw()
    asked = [heard.path for heard in found.vendor.heard if heard.path == "/api/v1/me"]
    assert len(asked) == 1


async def test_a_muted_account_is_told(found: Stand) -> None:
    found.vendor.user.status = "muted"
    error = await found.refusal()
    assert (error.code, error.vendor_code) == (ErrorCode.FORBIDDEN, "muted")
    free_of_charge(found, error)


async def test_a_key_without_the_scope_is_told_in_the_vendors_words(found: Stand) -> None:
    found.vendor.user.scopes = 1
    error = await found.refusal()
    assert error.code is ErrorCode.FORBIDDEN
    assert error.charged == "no"
    assert "may not generate" in (error.vendor_message or "")


async def test_a_region_block_is_forbidden(found: Stand) -> None:
    found.vendor.script(Fault.REGION, times=None)
    error = await found.refusal()
    assert (error.code, error.vendor_code) == (ErrorCode.FORBIDDEN, "REGION_BLOCKED")
    assert "legal restrictions" in (error.vendor_message or "")
    free_of_charge(found, error)


async def test_a_result_link_to_a_private_address_is_not_followed(found: Stand) -> None:
    found.vendor.files_host = "169.254.169.254"
    error = await found.refusal()
    assert error.code is ErrorCode.FORBIDDEN
    assert "'169.254.169.254' may not be connected to" in error.message
    assert (error.charged, found.charged) == ("yes", found.vendor.user.spent)


async def test_an_empty_purse_is_told_from_a_missing_right(found: Stand) -> None:
    found.vendor.user.wallets.update({"blue": 0, "yellow": 1})
    error = await found.refusal()
    assert error.code is ErrorCode.QUOTA_EXHAUSTED
    assert error.vendor_message == "You don't have enough funds to perform this action."
    assert (error.charged, found.vendor.user.spent) == ("no", 0)


@pytest.mark.parametrize("kind", ["text", "problem", "payment_required"])
async def test_an_empty_purse_is_known_in_every_shape(found: Stand, kind: str) -> None:
    found.vendor.facts = replace(found.vendor.facts, funds_refusal=kind)  # type: ignore[arg-type]  # one of three
    found.vendor.user.wallets.update({"blue": 0, "yellow": 1})
    assert (await found.refusal()).code is ErrorCode.QUOTA_EXHAUSTED


async def test_what_else_a_403_means_is_forbidden(found: Stand) -> None:
    found.vendor.script(Fault.FORBIDDEN)
    error = await found.refusal()
    assert error.code is ErrorCode.FORBIDDEN
    assert error.vendor_message == "You are not allowed to use this feature."


async def test_more_than_max_buzz_is_refused_before_anything_is_ordered() -> None:
    async with stand(max_buzz=20) as found:
        error = await found.refusal(count=4)
        assert error.code is ErrorCode.QUOTA_EXHAUSTED
        assert error.message == "CivitAI asks 32 Buzz for this, and max_buzz is 20"
        assert error.origin == "imageway"
        free_of_charge(found, error)
        assert (await found.draw(count=2)).status == "succeeded"


@pytest.mark.parametrize(
    ("extras", "param", "hint"),
    [
        ({"lora": []}, "civitai.lora", "did you mean 'loras'?"),
        ({"steps": 3}, "civitai.steps", "set 'steps' there"),
        ({"loras": {"789012": 99}}, "civitai.loras.789012", None),
        ({"clip_skip": 2}, "civitai.clip_skip", "leave it out"),
        ({"engine": "comfy"}, "civitai.engine", None),
        ({"schedule": "cosine"}, "civitai.schedule", None),
        ({"t5xxl": "334"}, "civitai.t5xxl", "leave it out"),
    ],
)
async def test_a_wrong_extra_is_named(
    found: Stand, extras: dict[str, object], param: str, hint: str | None
) -> None:
    error = await found.refusal(extras={"civitai": extras})
    assert (error.code, error.param) == (ErrorCode.INVALID_REQUEST, param)
    assert hint is None or error.hint == hint
    assert found.ordered == []


async def test_a_prompt_too_long_for_its_engine_is_refused(found: Stand) -> None:
    flux = "urn:air:flux1:checkpoint:civitai:618692@691639"
    error = await found.refusal("x" * 1001, model=flux)
    assert error.message == "prompt: sdcpp/flux1 takes 1000 characters, got 1001"
    free_of_charge(found, error)


async def test_what_the_orchestrator_refuses_by_its_path_is_named_in_our_words(
    found: Stand,
) -> None:
    found.vendor.facts = replace(found.vendor.facts, flux1_needs_parts=True)
    error = await found.refusal(model="urn:air:flux1:checkpoint:civitai:618692@691639")
    assert (error.code, error.param) == (ErrorCode.INVALID_REQUEST, "civitai.clip_l")
    assert "The clipLModel field is required." in (error.vendor_message or "")
    assert (error.charged, found.vendor.user.spent) == ("no", 0)


async def test_a_wish_that_no_engine_knows_is_refused_when_strict(found: Stand) -> None:
    error = await found.refusal(strict=True, style="vivid")
    assert error.code is ErrorCode.UNSUPPORTED
    assert SDXL in error.message

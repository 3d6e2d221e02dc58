"""Every fault of OpenAI's emulator and every row of its table of errors, as the SDK sees them."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import openai
import pytest
from openai.types import ImagesResponse

from imageway.emulators.faults import Fault
from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.openai_errors import ROWS_BY_FAULT
from imageway.emulators.openai_order import Facts
from imageway.emulators.serving import serve

Sdk = openai.AsyncOpenAI


@pytest.fixture
def emulator() -> OpenAIEmulator:
    return OpenAIEmulator()


@pytest.fixture
async def client(emulator: OpenAIEmulator) -> AsyncIterator[Sdk]:
    async with (
        serve(emulator) as url,
        Sdk(base_url=f"{url}/v1", api_key="sk-emulated", max_retries=0, timeout=5) as client,
    ):
        yield client


async def generate(client: Sdk, n: int = 1) -> ImagesResponse:
    return await client.images.generate(model="gpt-image-2", prompt="mug", quality="low", n=n)


STATUS_BY_FAULT: Mapping[Fault, int] = {
    Fault.RATE_LIMITED: 429,
    Fault.UNAVAILABLE: 503,
    Fault.BAD_KEY: 401,
    Fault.REFUSED: 400,
    Fault.REGION: 403,
    Fault.FORBIDDEN: 403,
    Fault.QUOTA: 429,
    Fault.NOT_FOUND: 404,
    Fault.SERVER_ERROR: 500,
    Fault.HTML: 502,
}


@pytest.mark.parametrize("fault", STATUS_BY_FAULT)
async def test_a_fault_that_is_said_has_its_status_and_no_charge(
    emulator: OpenAIEmulator, client: Sdk, fault: Fault
) -> None:
    emulator.script(fault)
    with pytest.raises(openai.APIStatusError) as caught:
        await generate(client)
    assert caught.value.status_code == STATUS_BY_FAULT[fault]
    assert emulator.charges == []
    assert (await generate(client)).data


async def test_a_redirect_is_followed_by_the_sdk(emulator: OpenAIEmulator, client: Sdk) -> None:
    emulator.script(Fault.REDIRECT, location=f"{client.base_url}elsewhere")
    with pytest.raises(openai.NotFoundError, match=r"Invalid URL \(POST /v1/elsewhere\)"):
        await generate(client)
    assert emulator.charges == []


async def hung_up(client: Sdk) -> None:
    with pytest.raises(openai.APIConnectionError):
        await generate(client)


async def stalled(client: Sdk) -> None:
    with pytest.raises(openai.APITimeoutError):
        await generate(client.with_options(timeout=0.1))


async def dripping(client: Sdk) -> None:
    with pytest.raises(openai.APITimeoutError):
        await generate(client.with_options(timeout=0.1))


async def garbled(client: Sdk) -> None:
    assert (await generate(client)).data is None


async def oversized(client: Sdk) -> None:
    raw = await client.images.with_raw_response.generate(model="gpt-image-2", prompt="mug")
    assert len(raw.content) > 3 << 20


async def ended_early(client: Sdk) -> None:
    stream = await client.images.generate(
        model="gpt-image-2", prompt="mug", stream=True, partial_images=1
    )
    assert [event.type async for event in stream] == ["image_generation.partial_image"]


async def without_previews(client: Sdk) -> None:
    stream = await client.images.generate(
        model="gpt-image-2", prompt="mug", stream=True, partial_images=1
    )
    assert [event.type async for event in stream] == ["image_generation.completed"]


async def chattering(client: Sdk) -> None:
    stream = await client.images.generate(
        model="gpt-image-2", prompt="mug", stream=True, partial_images=1
    )
    types = [event.type async for event in stream]
    assert [each for each in types if each.startswith("image_generation.")] == [
        "image_generation.partial_image",
        "image_generation.completed",
    ]


async def empty(client: Sdk) -> None:
    assert (await generate(client)).data == []


async def fewer(client: Sdk) -> None:
    assert len((await generate(client, n=3)).data or []) == 2


async def no_picture(client: Sdk) -> None:
    [made] = (await generate(client)).data or []
    assert base64.b64decode(made.b64_json or "").startswith(b"<html>")


SEEN_BY_FAULT: Mapping[Fault, Callable[[Sdk], Awaitable[None]]] = {
    Fault.GARBAGE: garbled,
    Fault.HANG_UP: hung_up,
    Fault.CUT: hung_up,
    Fault.STALL: stalled,
    Fault.DRIP: dripping,
    Fault.OVERSIZED: oversized,
    Fault.CUT_STREAM: ended_early,
    Fault.CHATTER: chattering,
    Fault.NO_PREVIEWS: without_previews,
    Fault.NO_IMAGE: empty,
    Fault.FEWER_IMAGES: fewer,
    Fault.NOT_A_PICTURE: no_picture,
}


@pytest.mark.parametrize("fault", SEEN_BY_FAULT)
async def test_a_fault_that_spoils_an_answer_is_charged_once(
    emulator: OpenAIEmulator, client: Sdk, fault: Fault
) -> None:
    emulator.script(fault, size=3 << 20)
    await SEEN_BY_FAULT[fault](client)
    assert len(emulator.charges) == 1
    assert len(emulator.heard) == 1


def test_every_fault_that_can_be_said_is_played_here() -> None:
    played = {*STATUS_BY_FAULT, *SEEN_BY_FAULT, Fault.REDIRECT}
    assert played == OpenAIEmulator.can_say


async def test_pictures_that_are_missing_are_not_charged(
    emulator: OpenAIEmulator, client: Sdk
) -> None:
    emulator.script(Fault.FEWER_IMAGES, keep=1)
    answer = await generate(client, n=4)
    assert len(answer.data or []) == 1
    assert emulator.charges[0].pictures == 1
    assert answer.usage is not None
    assert answer.usage.output_tokens == 196


ROWS = [(fault, variant) for fault, rows in ROWS_BY_FAULT.items() for variant in rows]


@pytest.mark.parametrize(("fault", "variant"), ROWS)
async def test_every_row_of_the_table_arrives_as_it_is(
    emulator: OpenAIEmulator, client: Sdk, fault: Fault, variant: str
) -> None:
    row = ROWS_BY_FAULT[fault][variant]
    emulator.script(fault, variant=variant)
    with pytest.raises(openai.APIStatusError) as caught:
        await generate(client)
    body = caught.value.response.json()["error"]
    assert (caught.value.status_code, body["type"], body["code"], body["param"]) == (
        row.status,
        row.type,
        row.code,
        row.param,
    )
    assert "{" not in body["message"]


@pytest.mark.parametrize(
    ("retry_after", "header", "value"),
    [
        ("2", "retry-after", "2"),
        ("Tue, 24 Nov 2026 06:00:00 GMT", "retry-after", "Tue, 24 Nov 2026 06:00:00 GMT"),
        ("1500ms", "retry-after-ms", "1500"),
    ],
)
async def test_a_rate_limit_says_when_to_come_back(
    emulator: OpenAIEmulator, client: Sdk, retry_after: str, header: str, value: str
) -> None:
    emulator.script(Fault.RATE_LIMITED, retry_after=retry_after)
    with pytest.raises(openai.RateLimitError) as caught:
        await generate(client)
    assert caught.value.response.headers[header] == value


async def test_a_rate_limit_may_say_it_in_the_text_alone(
    emulator: OpenAIEmulator, client: Sdk
) -> None:
    emulator.script(Fault.RATE_LIMITED)
    with pytest.raises(openai.RateLimitError, match=r"try again in 12s") as caught:
        await generate(client)
    headers = caught.value.response.headers
    assert "retry-after" not in headers
    assert headers["x-ratelimit-remaining-images"] == "0"
    assert headers["x-ratelimit-reset-requests"] == "12s"


async def test_the_names_of_limits_are_an_open_fact(emulator: OpenAIEmulator, client: Sdk) -> None:
    emulator.facts = Facts(rate_limit_type="images", image_limit_headers=False)
    emulator.script(Fault.RATE_LIMITED)
    with pytest.raises(openai.RateLimitError) as caught:
        await generate(client)
    assert caught.value.type == "images"
    assert "x-ratelimit-limit-images" not in caught.value.response.headers


async def test_the_status_of_an_unverified_organisation_is_an_open_fact(
    emulator: OpenAIEmulator, client: Sdk
) -> None:
    emulator.facts = Facts(verification_status=401)
    emulator.script(Fault.FORBIDDEN)
    with pytest.raises(openai.AuthenticationError, match="must be verified to use the model"):
        await generate(client)


async def test_a_key_is_shown_masked(emulator: OpenAIEmulator, client: Sdk) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        await generate(client.with_options(api_key="sk-verysecret"))
    assert "sk-******cret" in caught.value.message
    assert "verysecret" not in caught.value.message


async def test_a_script_may_word_its_message(emulator: OpenAIEmulator, client: Sdk) -> None:
    emulator.script(Fault.SERVER_ERROR, message="{oops} \x1b[31m", status=599)
    with pytest.raises(openai.InternalServerError) as caught:
        await generate(client)
    assert json.loads(caught.value.response.text)["error"]["message"] == "{oops} \x1b[31m"
    assert caught.value.status_code == 599


def test_an_unknown_variant_is_refused(emulator: OpenAIEmulator) -> None:
    with pytest.raises(ValueError, match="no variant 'purple' of quota; there are insufficient"):
        emulator.script(Fault.QUOTA, variant="purple")


async def test_a_request_that_is_too_large_is_told_in_the_envelope(
    emulator: OpenAIEmulator, client: Sdk
) -> None:
    emulator.max_body = 100
    async with serve(emulator) as url:
        with pytest.raises(openai.APIStatusError) as caught:
            await client.with_options(base_url=f"{url}/v1").images.generate(prompt="x" * 200)
    assert caught.value.status_code == 413
    assert set(caught.value.response.json()["error"]) == {"message", "type", "param", "code"}

"""A chat whose answers are pictures: streamed for Open WebUI, in links or images for others."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.server.chatting import (
    PAGE,
    PLAIN,
    Heard,
    ask,
    content,
    data_of,
    hear,
    kind,
    lines,
    message,
    messages,
)
from tests.server.lab import Json, Lab, Scripted, lab, picture, png

REFUSED = ErrorInfo(code=ErrorCode.REJECTED, message="blocked by the vendor's filter")


async def one_of_two(request: ImageRequest, run: Run) -> None:
    run.charge(0.04, "USD")
    run.image(picture().with_words(seed=7), 0)
    run.failed(REFUSED, 1)


async def test_the_order_of_a_partly_failed_answer_is_the_one_that_open_webui_reads(
    it: Lab,
) -> None:
    it.adapter.play = one_of_two
    heard = await hear(it, "a red fox --n 2")
    shapes = [shape(line) for line in heard.lines]
    assert shapes == [
        "choices:",
        "event:status",
        "choices:content+images",
        "event:status",
        "error",
        "usage",
        "choices:stop",
    ]
    assert heard.is_done
    assert heard.errors == ["picture 2 of 2: blocked by the vendor's filter"]
    assert heard.statuses == ["Drawing with lab/one", "1 of 2 pictures, seed 7, $0.04, lab/one"]
    assert (heard.usage["cost"], heard.usage["images"], heard.usage["seed"]) == (0.04, 1, 7)


def shape(line: Json) -> str:
    match line:
        case {"event": {"type": str(name)}}:
            return f"event:{name}"
        case {"choices": [{"delta": {"content": str(text), "images": [_]}}]} if text:
            return "choices:content+images"
        case {"choices": [{"finish_reason": str(reason)}]}:
            return f"choices:{reason}"
        case {"choices": [{"delta": {"content": ""}}]}:
            return "choices:"
        case {"error": _} if "choices" not in line:
            return "error"
        case {"choices": [], "usage": _}:
            return "usage"
        case _:
            return str(line)


async def test_the_first_picture_arrives_while_the_second_is_still_held_back(it: Lab) -> None:
    second = asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        run.image(picture("red"))
        await second.wait()
        run.image(picture("blue"))

    it.adapter.play = play
    body: Json = {"model": "default", "stream": True, "messages": messages("two foxes --n 2")}
    heard = Heard()
    async with it.session.post(it.url + PAGE, json=body) as response, asyncio.timeout(5):
        async for line in lines(response, heard):
            heard.lines.append(line)
            if heard.pictures and not second.is_set():
                assert heard.pictures == [png("red")]
                second.set()
    assert heard.pictures == [png("red"), png("blue")]
    assert heard.is_done


async def test_the_line_the_step_and_the_provider_are_told_on_the_way(it: Lab) -> None:
    heard_it = asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        run.queued(2, 30)
        await heard_it.wait()
        run.progress(0.25, "step 5 of 20")
        run.image(picture())

    it.adapter.play = play
    body: Json = {"model": "default", "stream": True, "messages": messages("a fox")}
    heard = Heard()
    async with it.session.post(it.url + PAGE, json=body) as response, asyncio.timeout(5):
        async for line in lines(response, heard):
            heard.lines.append(line)
            if len(heard.statuses) == 2:
                heard_it.set()
    assert heard.statuses[:2] == ["Drawing with lab/one", "Queued (2 ahead, about 30 s)"]
    assert heard.statuses[-1] == "1 picture, lab/one"


async def test_others_see_how_far_it_is_only_on_the_wire(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        run.queued(1)
        await asyncio.sleep(0)
        run.image(picture())

    it.adapter.play = play
    heard = await hear(it, "a fox", PLAIN)
    assert heard.events == []
    assert heard.remarks[:2] == ["keep-alive", "Drawing with lab/one"]


async def test_a_preview_is_shown_and_gives_way_to_the_picture(it: Lab) -> None:
    shown = asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        assert request.previews == 2
        run.preview(picture("grey"))
        await shown.wait()
        run.image(picture("red"))

    it.adapter.play = play
    body: Json = {"model": "default", "stream": True, "messages": messages("a fox")}
    heard = Heard()
    async with it.session.post(it.url + PAGE, json=body) as response, asyncio.timeout(5):
        async for line in lines(response, heard):
            heard.lines.append(line)
            if any(kind(event) == "chat:message:files" for event in heard.events):
                shown.set()
    previews = [data_of(each)["files"] for each in heard.events if kind(each) != "status"]
    assert previews == [
        [{"type": "image", "url": f"data:image/png;base64,{picture('grey').base64}"}]
    ]
    assert heard.pictures == [png("red")]


async def test_previews_that_may_cost_are_not_asked_for_unless_somebody_says_so() -> None:
    paid = {"paid": {"adapter": "tests.server.lab:Scripted"}}
    for chat, text, previews in (
        ({}, "a fox", None),
        ({}, "a fox --previews 3", 3),
        ({"previews": 1}, "a fox", 1),
        ({"previews": 1}, "a fox --strict", None),
    ):
        async with lab(providers=paid, chat=chat) as it:
            adapter = it.way.snapshot.providers["paid"].adapter
            assert isinstance(adapter, Scripted)
            await hear(it, text, fields={"model": "paid/one"})
            assert adapter.asked[0].previews == previews


async def test_the_preview_of_a_picture_that_failed_leaves_the_page(it: Lab) -> None:
    shown = asyncio.Event()

    async def play(request: ImageRequest, run: Run) -> None:
        run.preview(picture("grey"))
        await shown.wait()
        raise ImagewayError(ErrorCode.FAILED, "nothing came")

    it.adapter.play = play
    body: Json = {"model": "default", "stream": True, "messages": messages("a fox")}
    heard = Heard()
    async with it.session.post(it.url + PAGE, json=body) as response, asyncio.timeout(5):
        async for line in lines(response, heard):
            heard.lines.append(line)
            if any(kind(event) == "chat:message:files" for event in heard.events):
                shown.set()
    previews = [data_of(each)["files"] for each in heard.events if kind(each) != "status"]
    assert previews[-1] == []
    assert heard.errors == ["nothing came"]


@pytest.mark.parametrize("path", [PLAIN, PAGE])
async def test_what_fails_at_once_is_said_by_the_status(it: Lab, path: str) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        run.note("retried", "busy")
        raise ImagewayError(ErrorCode.REJECTED, "refused by the filter")

    it.adapter.play = play
    answer = await it.ask(path, {"messages": messages("a fox"), "stream": True})
    assert (answer.status, answer.error["message"]) == (400, "refused by the filter")
    assert answer.headers["X-Imageway-Job"].startswith("req_")


async def test_without_a_word_pictures_are_links_in_the_text(it: Lab) -> None:
    heard = await hear(it, "a red fox", PLAIN)
    assert heard.pictures == []
    assert "base64" not in heard.text
    link = heard.text.partition("](")[2].partition(")")[0]
    async with it.session.get(link) as got:
        assert await got.read() == png()


async def test_who_asks_for_the_modality_image_gets_images_beside_the_text(it: Lab) -> None:
    heard = await hear(it, "a red fox", PLAIN, fields={"modalities": ["image", "text"]})
    assert heard.pictures == [png()]
    assert "![" not in heard.text


@pytest.mark.parametrize(
    ("shape", "in_text", "beside"),
    [("links", "](http", 0), ("images", "Picture", 1), ("both", "](http", 1)],
)
async def test_the_configuration_says_how_others_see_pictures(
    shape: str, in_text: str, beside: int
) -> None:
    async with lab(chat={"pictures": shape}) as it:
        heard = await hear(it, "a red fox", PLAIN)
        assert in_text in heard.text
        assert len(heard.pictures) == beside


async def test_base64_stands_in_the_text_only_where_the_configuration_says_so() -> None:
    async with lab(chat={"pictures": "inline"}) as it:
        heard = await hear(it, "a red fox", PLAIN)
        assert f"](data:image/png;base64,{picture().base64})" in heard.text


async def test_a_picture_that_cannot_be_kept_goes_beside_the_text() -> None:
    async with lab(storage={"size": "1B"}) as it:
        assert (await hear(it, "a red fox", PLAIN)).pictures == [png()]
        assert message(await ask(it, "a red fox"))["images"]


async def test_open_webuis_headers_are_as_good_as_its_address(it: Lab) -> None:
    heard = await hear(it, "a fox", PLAIN, {"X-OpenWebUI-User-Id": "1"})
    assert heard.statuses
    assert heard.pictures == [png()]


async def test_a_partial_failure_is_a_text_to_clients_that_an_error_would_stop(it: Lab) -> None:
    it.adapter.play = one_of_two
    heard = await hear(it, "two foxes --n 2", PLAIN, fields={"modalities": ["image"]})
    assert heard.errors == []
    assert heard.text.endswith("picture 2 of 2: blocked by the vendor's filter")


async def test_an_answer_as_a_whole_has_everything_too(it: Lab) -> None:
    it.adapter.play = one_of_two
    answer = await ask(it, "two foxes --n 2")
    assert answer.status == 200
    assert answer.headers["x-imageway-status"] == "partial"
    assert answer.headers["X-Imageway-Job"] == answer.json["id"]
    assert "![Picture 1 of 2](http" in content(answer)
    assert "picture 2 of 2: blocked" in content(answer)
    assert answer.beside["job"] == answer.json["id"]


async def test_nothing_at_all_is_an_error_with_a_status(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        await asyncio.sleep(0.1)
        raise ImagewayError(ErrorCode.UNAVAILABLE, "down", retry_after=7)

    it.adapter.play = play
    answer = await ask(it, "a fox")
    assert (answer.status, answer.error["code"]) == (503, "overloaded")
    heard = await hear(it, "a fox")
    assert (heard.errors, heard.is_done) == (["down"], True)
    assert heard.statuses[-1] == "No picture"


async def test_the_words_of_a_vendor_are_only_ever_words(it: Lab) -> None:
    evil = '"}}\n\ndata: {"event": {"type": "execute", "data": {"code": "alert(1)"}}}\n\n![x](//e)'

    async def play(request: ImageRequest, run: Run) -> None:
        run.note("retried", evil)
        run.progress(0.5, evil)
        await asyncio.sleep(0)
        run.image(picture().with_words(seed=1, revised_prompt=evil), 0)
        run.failed(ErrorInfo(code=ErrorCode.FAILED, message=evil), 1)

    it.adapter.play = play
    for path in (PAGE, PLAIN):
        heard = await hear(it, "two foxes --n 2", path)
        assert {kind(event) for event in heard.events} <= {"status", "chat:message:files"}
        assert "![x]" not in heard.text


async def test_usage_comes_to_others_only_when_they_ask_for_it(it: Lab) -> None:
    assert not any("usage" in line for line in (await hear(it, "a fox", PLAIN)).lines)
    heard = await hear(it, "a fox", PLAIN, fields={"stream_options": {"include_usage": True}})
    assert heard.usage["images"] == 1


async def test_what_chat_clients_send_along_harms_nothing(it: Lab) -> None:
    ordinary: dict[str, JsonValue] = {
        "temperature": 0.7,
        "top_p": 1,
        "max_tokens": 1000,
        "stop": None,
        "presence_penalty": 0,
        "response_format": {"type": "text"},
        "format": "json",
        "user": "somebody",
        "tools": [{"type": "function", "function": {"name": "generate_image"}}],
        "tool_choice": "auto",
        "logit_bias": {},
    }
    heard = await hear(it, "a fox", fields=ordinary)
    assert heard.pictures == [png()]


async def test_a_dialect_that_is_not_served_is_no_address() -> None:
    async with lab({"dialects": ["openai"]}) as it:
        answer = await ask(it, "a fox")
        assert (answer.status, answer.error["code"]) == (404, "unknown_url")
        assert (await it.draw()).status == 200
    async with lab({"dialects": ["openai-chat"]}) as it:
        assert (await ask(it, "a fox")).status == 200
        assert (await it.draw()).status == 404


async def test_the_same_routes_lie_under_the_address_for_open_webui(it: Lab) -> None:
    assert (await it.ask("/openwebui/v1/models")).json == (await it.ask("/v1/models")).json
    assert (await it.ask("/openwebui/v1/models/lab/one")).status == 200
    answer = await it.ask("/openwebui/v1/images/generations", {"prompt": "a fox"})
    assert len(answer.data) == 1
    assert (await ask(it, "a fox", "/openwebui/v1//chat/completions")).status == 200


async def test_a_wrong_key_is_told_before_anything_else() -> None:
    keys = {"family": {"token": {"env": "FAMILY"}}}
    async with lab(keys=keys, environment={"FAMILY": "iw-secret"}) as it:
        answer = await ask(it, "a fox", PAGE, Authorization="Bearer wrong")
        assert (answer.status, answer.error["code"]) == (401, "invalid_api_key")


async def test_a_key_draws_only_with_its_own_models() -> None:
    keys = {"family": {"token": {"env": "FAMILY"}, "allow": ["default"]}}
    async with lab(keys=keys, environment={"FAMILY": "iw-secret"}) as it:
        body: Json = {"model": "lab/one", "messages": messages("a fox")}
        answer = await it.ask(PAGE, body, Authorization="Bearer iw-secret")
        assert (answer.status, answer.error["code"]) == (403, "model_not_allowed")


async def test_an_unknown_model_is_told_with_near_names(it: Lab) -> None:
    answer = await it.ask(PAGE, {"model": "defualt", "messages": messages("a fox"), "stream": True})
    assert (answer.status, answer.error["code"]) == (404, "model_not_found")
    assert "'default'" in str(answer.error["message"])


async def test_a_gateway_that_ends_takes_no_new_chats(it: Lab) -> None:
    it.gateway.draining = True
    assert (await ask(it, "a fox")).status == 503


async def test_the_same_message_under_the_same_key_is_drawn_once(it: Lab) -> None:
    named = {"Idempotency-Key": "once"}
    first, second = [await hear(it, "a fox", headers=named) for _ in range(2)]
    assert first.pictures == second.pictures
    assert len(it.adapter.asked) == 1


async def test_a_reader_of_many_events_gets_few_status_lines(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        for step in range(1000):
            run.progress(step / 1000, f"step {step}")
            await asyncio.sleep(0)
        run.image(picture())

    it.adapter.play = play
    assert len((await hear(it, "a fox")).statuses) <= 9


async def test_a_stream_is_neither_buffered_nor_cached_and_names_its_job(it: Lab) -> None:
    body: Json = {"messages": messages("a fox"), "stream": True}
    async with it.session.post(it.url + PAGE, json=body) as response:
        assert isinstance(response, aiohttp.ClientResponse)
        assert response.headers["X-Accel-Buffering"] == "no"
        assert response.headers["X-Imageway-Job"] == response.headers["X-Request-Id"]
        assert (await response.read()).startswith(b": keep-alive\n\n")

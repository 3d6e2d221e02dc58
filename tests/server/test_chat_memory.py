"""What is remembered of a chat: the last picture is changed, also after a restart."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import orjson
import pytest
from pydantic import JsonValue

from imageway.core.errors import ErrorCode, ErrorInfo
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from imageway.server.dialects.chat.memory import MOST, NAME, ChatMemory, Moment, turns_of
from imageway.server.dialects.chat.messages import read_messages
from tests.server.chatting import (
    CHAT_ID,
    PLAIN,
    ask,
    content,
    hear,
    messages,
    picture_part,
    url_of,
    with_picture,
)
from tests.server.lab import Json, Lab, Play, lab, picture, png

HERE = {CHAT_ID.replace("_", "-"): "chat-1"}
DAY = 86_400.0


def colours(*names: str) -> Play:
    """Draw one after the other."""
    left = list(names)

    async def play(request: ImageRequest, run: Run) -> None:
        for _ in range(request.count):
            run.image(picture(left.pop(0)))

    return play


def references(it: Lab) -> list[bytes]:
    return [each.picture.bytes for each in it.adapter.asked[-1].references]


async def test_the_second_message_changes_the_picture_of_the_first(it: Lab) -> None:
    it.adapter.play = colours("red", "blue")
    await hear(it, "a red fox", headers=HERE)
    heard = await hear(it, messages("a red fox", "Picture", "make it blue"), headers=HERE)
    assert references(it) == [png("red")]
    assert heard.statuses[0] == "Changing the picture with lab/one"


async def test_a_new_wish_starts_from_nothing(it: Lab) -> None:
    await hear(it, "a red fox", headers=HERE)
    for wish in ("a new picture of a dog", "a dog", "/new make it blue"):
        await hear(it, messages("a red fox", "Picture", wish), headers=HERE)
        assert references(it) == []


async def test_a_command_overrules_the_rule(it: Lab) -> None:
    await hear(it, "a red fox", headers=HERE)
    await hear(it, messages("a red fox", "Picture", "/edit a dog beside it"), headers=HERE)
    assert references(it) == [png()]
    assert it.adapter.asked[-1].prompt == "a dog beside it"


async def test_what_has_no_chat_id_finds_the_picture_by_our_link_in_the_answer(it: Lab) -> None:
    for path in (PLAIN, "/openwebui/v1/chat/completions"):
        it.adapter.play = colours("red", "blue")
        text = (await hear(it, "a red fox", path)).text
        assert "/v1/files/file-" in text
        await hear(it, messages("a red fox", text, "make it blue"), path)
        assert references(it) == [png("red")]


async def test_a_chat_that_is_remembered_has_no_links_in_its_text(it: Lab) -> None:
    heard = await hear(it, "a red fox", headers=HERE)
    assert heard.text == "Picture: 8x8, lab/one"


async def test_the_memory_survives_a_restart(tmp_path: Path) -> None:
    async with lab(folder=tmp_path) as it:
        it.adapter.play = colours("red")
        await hear(it, "a red fox", headers=HERE)
    async with lab(folder=tmp_path) as it:
        await hear(it, messages("a red fox", "Picture", "make it blue"), headers=HERE)
        assert references(it) == [png("red")]


async def test_a_chat_that_is_told_anew_from_its_middle_has_the_picture_of_that_branch(
    it: Lab,
) -> None:
    it.adapter.play = colours("red", "blue", "green", "grey")
    await hear(it, "a red fox", headers=HERE)
    told = messages("a red fox", "Picture", "make it blue")
    await hear(it, told, headers=HERE)
    # The same message once more: what it changes is the red one, not its own earlier answer.
    await hear(it, told, headers=HERE)
    assert references(it) == [png("red")]
    await hear(it, [*told, *messages("x", "Picture")[1:], *messages("darker")], headers=HERE)
    assert references(it) == [png("green")]


async def test_a_chat_whose_beginning_was_shortened_has_its_newest_picture(it: Lab) -> None:
    it.adapter.play = colours("red", "blue", "green")
    await hear(it, "a red fox", headers=HERE)
    await hear(it, messages("a red fox", "Picture", "a dog"), headers=HERE)
    await hear(it, messages("(in short: animals)", "Picture", "make it green"), headers=HERE)
    assert references(it) == [png("blue")]


async def test_a_first_message_has_nothing_to_change(it: Lab) -> None:
    await hear(it, "a red fox", headers=HERE)
    await hear(it, "make it blue", headers=HERE)
    assert references(it) == []


async def test_a_failed_turn_leaves_the_picture_before_it_the_last(it: Lab) -> None:
    await hear(it, "a red fox", headers=HERE)
    told = messages("a red fox", "Picture", "a dog", "", "make it blue")
    await hear(it, told, headers=HERE)
    assert references(it) == [png()]


async def test_one_of_several_is_chosen_by_its_number(it: Lab) -> None:
    it.adapter.play = colours("red", "blue", "green", "grey")
    text = (await hear(it, "foxes --n 3", PLAIN)).text
    told = messages("foxes --n 3", text)
    await hear(it, [*told, *messages("make it dark --picture 2")], PLAIN)
    assert references(it) == [png("blue")]
    answer = await ask(it, [*told, *messages("make it dark --picture 4")], PLAIN)
    assert answer.status == 400
    assert "--picture: there are pictures 1, 2, 3 in the last answer, got '4'" in str(answer.error)


async def two_of_four(request: ImageRequest, run: Run) -> None:
    run.failed(ErrorInfo(code=ErrorCode.REJECTED, message="no"), 0)
    run.failed(ErrorInfo(code=ErrorCode.REJECTED, message="no"), 1)
    run.image(picture("blue"), 3)
    run.image(picture("green"), 2)


async def changes_the_third(it: Lab, answer: Json, headers: dict[str, str] | None = None) -> None:
    told: list[JsonValue] = [*messages("foxes --n 4"), {"role": "assistant", **answer}]
    it.adapter.play = colours("grey")
    await hear(it, [*told, *messages("make it dark --picture 3")], PLAIN, headers)
    assert references(it) == [png("green")]
    named = {name.replace("-", "_"): value for name, value in (headers or {}).items()}
    refused = await ask(it, [*told, *messages("make it dark --picture 1")], PLAIN, **named)
    assert refused.status == 400
    assert "there are pictures 3, 4 in the last answer, got '1'" in str(refused.error)


async def test_a_picture_keeps_its_number_where_others_failed(it: Lab) -> None:
    manners: list[Json] = [{}, {"modalities": ["image"]}]
    for fields in manners:
        it.adapter.play = two_of_four
        heard = await hear(it, "foxes --n 4", PLAIN, fields=fields)
        images: list[JsonValue] = [picture_part(url) for url in heard.urls]
        await changes_the_third(it, {"content": heard.text, "images": images})


async def test_a_remembered_picture_keeps_its_number_too(it: Lab) -> None:
    it.adapter.play = two_of_four
    await hear(it, "foxes --n 4", headers=HERE)
    await changes_the_third(it, {"content": "Picture"}, HERE)


async def test_of_several_the_last_is_changed(it: Lab) -> None:
    async def play(request: ImageRequest, run: Run) -> None:
        for index, colour in ((1, "blue"), (0, "red")) if request.count == 2 else ((0, "grey"),):
            run.image(picture(colour), index)

    it.adapter.play = play
    text = (await hear(it, "foxes --n 2", PLAIN)).text
    await hear(it, [*messages("foxes --n 2", text), *messages("darker")], PLAIN)
    assert references(it) == [png("blue")]
    await hear(it, "foxes --n 2", headers=HERE)
    await hear(it, messages("foxes --n 2", "Picture", "darker"), headers=HERE)
    assert references(it) == [png("blue")]


async def test_an_attached_picture_is_what_the_message_speaks_of(it: Lab) -> None:
    told: list[JsonValue] = [
        *messages("a red fox", "Picture"),
        with_picture("make it blue", url_of("green")),
    ]
    await hear(it, "a red fox", headers=HERE)
    await hear(it, told, headers=HERE)
    assert references(it) == [png("green")]


async def test_edit_with_an_attached_picture_has_both(it: Lab) -> None:
    told: list[JsonValue] = [
        *messages("a red fox", "Picture"),
        with_picture("/edit put this hat on it", url_of("green")),
    ]
    await hear(it, "a red fox", headers=HERE)
    heard = await hear(it, told, headers=HERE)
    assert references(it) == [png("red"), png("green")]
    assert heard.statuses[0] == "Drawing from 2 pictures with lab/one"


async def test_a_picture_that_was_uploaded_earlier_can_be_changed_too(it: Lab) -> None:
    told: list[JsonValue] = [
        with_picture("make it blue", url_of("green")),
        {"role": "assistant", "content": ""},
        *messages("a bit darker"),
    ]
    await hear(it, told)
    assert references(it) == [png("green")]


async def test_images_of_an_answer_that_a_client_sends_back_are_pictures(it: Lab) -> None:
    item: JsonValue = {"type": "image_url", "image_url": {"url": url_of("green")}}
    told: list[JsonValue] = [
        *messages("a fox"),
        {"role": "assistant", "content": "Picture", "images": [item]},
        *messages("make it blue"),
    ]
    await hear(it, told, PLAIN)
    assert references(it) == [png("green")]


async def test_a_picture_in_the_text_of_an_answer_is_one_too() -> None:
    async with lab(chat={"pictures": "inline"}, storage={"size": "1B"}) as it:
        it.adapter.play = colours("red", "blue", "grey", "green")
        text = (await hear(it, "foxes --n 3", PLAIN)).text
        told = messages("foxes --n 3", text, "make it dark --picture 2")
        await hear(it, told, PLAIN)
        assert references(it) == [png("blue")]


async def test_other_clients_name_their_chat_in_a_header_of_ours(it: Lab) -> None:
    await hear(it, "a red fox", PLAIN, {"X-Imageway-Chat": "mine"})
    told = messages("a red fox", "Picture", "make it blue")
    heard = await hear(it, told, PLAIN, {"X-Imageway-Chat": "mine"})
    assert references(it) == [png()]
    assert heard.events == []


async def test_a_chat_whose_name_is_no_text_is_remembered_all_the_same(it: Lab) -> None:
    body = orjson.dumps({"messages": messages("a red fox"), "stream": True})
    head = f"POST {PLAIN} HTTP/1.1\r\nHost: {it.url[7:]}\r\nContent-Length: {len(body)}\r\n"
    named = head.encode() + b"Connection: close\r\nX-Imageway-Chat: caf\xe9\r\n\r\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", it.port)
    writer.write(named + body)
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200 ")
    keep = it.gateway.way.snapshot.source.config.chat.keep
    memory = ChatMemory(it.gateway.way.snapshot.source.state)
    assert await memory.recall("anybody", "caf?", "default", keep)


async def test_edit_without_any_picture_says_so(it: Lab) -> None:
    answer = await ask(it, "/edit make it blue")
    assert answer.status == 400
    assert "there is no picture in this chat yet; attach a picture" in str(answer.error["message"])


async def test_a_picture_that_is_not_kept_any_more_is_not_silently_another(it: Lab) -> None:
    text = content(await ask(it, "a red fox"))
    for path in it.gateway.files.folder.iterdir():
        path.unlink()
    answer = await ask(it, messages("a red fox", text, "make it blue"))
    assert answer.status == 400
    assert "the last picture: this picture is not kept any more; attach it" in str(answer.error)


async def test_nobody_changes_the_picture_of_another() -> None:
    keys = {"ann": {"token": {"env": "ANN"}}, "bob": {"token": {"env": "BOB"}}}
    ann, bob = {"Authorization": "Bearer iw-ann"}, {"Authorization": "Bearer iw-bob"}
    async with lab(keys=keys, environment={"ANN": "iw-ann", "BOB": "iw-bob"}) as it:
        await hear(it, "a red fox", headers={**HERE, **ann})
        told = messages("a red fox", "Picture", "make it blue")
        await hear(it, told, headers={**HERE, **bob})
        assert references(it) == []
        text = (await hear(it, "a red fox", PLAIN, ann)).text
        answer = await ask(it, messages("a red fox", text, "make it blue"), PLAIN, **bob)
        assert "not kept any more" in str(answer.error["message"])


async def test_models_that_answer_the_same_message_each_keep_their_picture(it: Lab) -> None:
    async def hear_from(model: str, *texts: str) -> None:
        await hear(it, messages(*texts), headers=HERE, fields={"model": model})

    it.adapter.play = colours("red", "blue", "grey", "grey", "grey")
    await hear_from("lab/one", "a red fox")
    await hear_from("lab/two", "a red fox")
    for model, own in (("lab/one", "red"), ("lab/two", "blue"), ("default", "blue")):
        await hear_from(model, "a red fox", "Picture", "make it dark")
        assert references(it) == [png(own)]


async def test_a_memory_that_knew_no_models_begins_anew(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / NAME)) as database, database:
        database.execute("CREATE TABLE pictures (caller TEXT, at REAL)")
        database.execute("INSERT INTO pictures VALUES ('anybody', 0)")
    memory = ChatMemory(tmp_path)
    assert await memory.recall("anybody", "chat", "default", DAY) == {}
    assert await memory.remember(MOMENT, 0, "file-new", "job", DAY)
    with closing(sqlite3.connect(tmp_path / NAME)) as database:
        tables = database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert tables == [("answers",)]


async def test_memory_can_be_turned_off() -> None:
    async with lab(chat={"keep": "0s"}) as it:
        assert "/v1/files/" in (await hear(it, "a red fox", headers=HERE)).text
        await hear(it, messages("a red fox", "Picture", "make it blue"), headers=HERE)
        assert references(it) == []


MOMENT = Moment("anybody", "chat", "turn", "default")


async def test_what_is_too_old_is_forgotten(tmp_path: Path) -> None:
    now = [0.0]
    memory = ChatMemory(tmp_path, lambda: now[0])
    assert await memory.remember(MOMENT, 0, "file-old", "job", DAY)
    now[0] = DAY / 2
    assert await memory.recall("anybody", "chat", "default", DAY) == {"turn": ((0, "file-old"),)}
    now[0] = DAY + 1
    assert await memory.recall("anybody", "chat", "default", DAY) == {}


async def test_a_damaged_memory_is_put_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / NAME).write_bytes(b"no database at all" * 100)
    memory = ChatMemory(tmp_path)
    assert await memory.recall("anybody", "chat", "default", DAY) == {}
    assert "damaged" in caplog.text
    assert await memory.remember(MOMENT, 0, "file-new", "job", DAY)
    assert await memory.recall("anybody", "chat", "default", DAY) == {"turn": ((0, "file-new"),)}


async def test_a_memory_that_cannot_be_written_stops_no_chat(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with lab(folder=tmp_path) as it:
        (tmp_path / "state" / NAME).mkdir(parents=True)
        heard = await hear(it, "a red fox", headers=HERE)
    assert heard.pictures == [png()]
    assert "/v1/files/" in heard.text
    assert "cannot be used" in caplog.text


async def test_the_memory_is_bounded(tmp_path: Path) -> None:
    memory = ChatMemory(tmp_path, lambda: float(MOST + 5))
    assert await memory.recall("anybody", "chat", "default", DAY) == {}
    rows = [("x", "x", f"{each}", "m", 0, "j", "f", float(each)) for each in range(MOST + 5)]
    with sqlite3.connect(tmp_path / NAME) as database:
        database.executemany("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    database.close()
    await memory.remember(MOMENT, 0, "file", "job", 10 * DAY)
    with sqlite3.connect(tmp_path / NAME) as database:
        (count,) = database.execute("SELECT count(*) FROM answers").fetchone()
    database.close()
    assert count <= MOST + 1


async def test_no_message_can_be_read_in_the_memory(tmp_path: Path) -> None:
    async with lab(folder=tmp_path) as it:
        await hear(it, "a very secret fox", headers=HERE)
    assert b"secret" not in (tmp_path / "state" / NAME).read_bytes()


def test_each_message_of_the_person_has_a_name_that_depends_on_those_before() -> None:
    first = turns_of(read_messages(messages("a", "x", "b")))
    second = turns_of(read_messages(messages("a", "y", "b", "x", "c")))
    other = turns_of(read_messages(messages("z", "x", "b")))
    assert second[:2] == first
    assert other[1] != first[1]

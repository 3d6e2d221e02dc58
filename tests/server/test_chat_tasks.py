"""Hidden tasks of a chat UI: answered in the shape that each wants, and nothing is drawn."""

from __future__ import annotations

import time

import orjson
import pytest
from pydantic import JsonValue

from imageway.server.dialects.chat.messages import read_messages
from imageway.server.dialects.chat.tasks import task_answer
from tests.server.chatting import PAGE, PLAIN, ask, content, hear, messages
from tests.server.lab import Json, Lab, lab

HISTORY = """
### Chat History:
<chat_history>
USER: /new a red fox in the snow, with a hat --n 4 --negative text
ASSISTANT: [Picture](http://127.0.0.1:8088/v1/files/file-0123456789abcdef?until=1&sign=x): 8x8
USER: make it blue
ASSISTANT: Picture: 8x8, lab/one
</chat_history>"""
# As Open WebUI sends them: one message, not streamed, the shape of the answer before the history.
TITLE = (
    "### Task:\nGenerate a concise, 3-5 word title with an emoji summarizing the chat history.\n"
    '### Output:\nJSON format: { "title": "your concise title here" }\n### Examples:\n'
    '- { "title": "Stock Market Trends" }\n' + HISTORY
)
TAGS = (
    "### Task:\nGenerate 1-3 broad tags categorizing the main themes of the chat history.\n"
    '### Output:\nJSON format: { "tags": ["tag1", "tag2", "tag3"] }\n' + HISTORY
)
FOLLOW_UPS = (
    "### Task:\nSuggest 3-5 relevant follow-up questions or prompts that the user might ask.\n"
    '### Output:\nJSON format: { "follow_ups": ["Question 1?", "Question 2?"] }\n' + HISTORY
)
IMAGE_PROMPT = (
    "### Task:\nGenerate a detailed prompt for am image generation task.\n### Output:\n"
    'Strictly return in JSON format:\n{\n    "prompt": "Your detailed description here."\n}\n'
    + HISTORY
)
QUERIES = (
    "### Task:\nAnalyze the chat history to determine the necessity of search queries.\n"
    '### Output:\n{\n  "queries": ["query1", "query2"]\n}\n' + HISTORY
)
ANSWER_BY_TASK: dict[str, Json] = {
    TITLE: {"title": "A red fox in the snow"},
    TAGS: {"tags": ["Pictures"]},
    FOLLOW_UPS: {
        "follow_ups": [
            "Make it a watercolour",
            "Make it night",
            "/new a red fox in the snow, with a hat --n 4",
        ]
    },
    IMAGE_PROMPT: {"prompt": "make it blue"},
    QUERIES: {"queries": []},
}


@pytest.mark.parametrize("path", [PAGE, PLAIN])
@pytest.mark.parametrize("task", ANSWER_BY_TASK, ids=lambda task: task[10:30])
async def test_a_task_is_answered_from_the_text_and_nothing_is_drawn(
    it: Lab, task: str, path: str
) -> None:
    answer = await it.ask(path, {"model": "default", "messages": messages(task), "max_tokens": 9})
    assert answer.status == 200
    assert orjson.loads(content(answer)) == ANSWER_BY_TASK[task]
    assert "X-Imageway-Job" not in answer.headers
    assert it.adapter.asked == []


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("title_generation", "title"),
        ("tags_generation", "tags"),
        ("follow_up_generation", "follow_ups"),
        ("image_prompt_generation", "prompt"),
        ("query_generation", "queries"),
        ("autocomplete_generation", "text"),
    ],
)
async def test_a_task_that_the_connection_names_may_have_any_words(
    it: Lab, name: str, key: str
) -> None:
    words = "Nenne einen Titel.\n" + HISTORY
    answer = await ask(it, words, X_OpenWebUI_Task=name)
    assert list(orjson.loads(content(answer))) == [key]
    assert it.adapter.asked == []


async def test_a_task_without_a_shape_gets_a_few_words(it: Lab) -> None:
    answer = await ask(it, f"### Task:\nWrite an emoji.\n{HISTORY}")
    assert content(answer) == "A red fox in the snow"
    assert it.adapter.asked == []


async def test_a_header_that_names_no_task_changes_nothing(it: Lab) -> None:
    for value in ("", "{{TASK}}", "None"):
        await hear(it, "a red fox", headers={"X-OpenWebUI-Task": value})
    assert len(it.adapter.asked) == 3


async def test_a_person_may_begin_a_message_like_a_task(it: Lab) -> None:
    await hear(it, "### Task: a poster with this title")
    await ask(it, messages("a fox", "Picture", "### Task: a poster with this title"))
    assert len(it.adapter.asked) == 2


async def test_a_question_about_documents_is_no_task(it: Lab) -> None:
    text = "### Task:\nRespond with the context.\n<context>\nfoxes are red\n</context>\na fox"
    await ask(it, text)
    assert len(it.adapter.asked) == 1


async def test_a_task_whose_history_quotes_documents_is_one_all_the_same(it: Lab) -> None:
    task = TITLE.replace("make it blue", "what does <context> mean?")
    assert orjson.loads(content(await ask(it, task))) == ANSWER_BY_TASK[TITLE]
    assert it.adapter.asked == []


def test_a_history_of_nothing_but_brackets_is_read_in_no_time() -> None:
    started = time.process_time()
    conversation = read_messages(messages(f"### Task:<chat_history>USER: {'[' * 8000}"))
    assert task_answer({}, conversation, streams=False)
    assert time.process_time() - started < 0.1


async def test_a_task_needs_a_key_too() -> None:
    keys = {"family": {"token": {"env": "FAMILY"}}}
    async with lab(keys=keys, environment={"FAMILY": "iw-secret"}) as it:
        assert (await ask(it, TITLE)).status == 401


@pytest.mark.parametrize("task", ["### Task:", "### Task:\n<chat_history></chat_history>"])
async def test_a_task_about_nothing_has_an_answer(it: Lab, task: str) -> None:
    assert content(await ask(it, task)) == "A picture"


async def test_a_long_history_is_not_read_for_ever(it: Lab) -> None:
    task = "### Task:\n" + "<chat_history>USER: " * 100_000
    assert (await ask(it, task)).status == 200


async def test_help_lists_the_settings_and_draws_nothing(it: Lab) -> None:
    heard = await hear(it, "/help")
    assert "`--size` width and height in pixels" in heard.text
    assert heard.is_done
    assert "`--n`" in content(await ask(it, "/help"))
    assert it.adapter.asked == []


async def test_tools_that_a_chat_ui_injects_are_ignored(it: Lab) -> None:
    tools: list[JsonValue] = [
        {"type": "function", "function": {"name": f"tool_{each}", "parameters": {}}}
        for each in range(28)
    ]
    told: list[JsonValue] = [
        {"role": "system", "content": "You have tools."},
        {"role": "user", "content": "a red fox"},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "1", "type": "function"}]},
        {"role": "tool", "tool_call_id": "1", "content": "nothing"},
    ]
    heard = await hear(it, told, fields={"tools": tools})
    assert it.adapter.asked[0].prompt == "a red fox"
    assert len(heard.pictures) == 1

"""What a chat UI asks behind the person's back, such as a title: answered in words alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson
from pydantic import JsonValue

from imageway.server.dialects.chat.earlier import OWN_LINK
from imageway.server.dialects.chat.intent import intent_of, split_command
from imageway.server.dialects.chat.messages import Conversation
from imageway.server.dialects.chat.settings import START

# Open WebUI fills one of these in where its connection has the header with the value {{TASK}}.
HEADERS = ("X-OpenWebUI-Task", "X-Imageway-Task")
# Without it a task is known by how each of them begins; a question about documents does so too.
BEGINNING = "### Task:"
DOCUMENTS = "<context>"
HISTORY_BEGINS = "<chat_history>"
HISTORY = re.compile(r"<chat_history>(.*?)(?:</chat_history>|\Z)", re.DOTALL)
SPEAKER = re.compile(r"^(USER|ASSISTANT): ?", re.MULTILINE)
# The answer's only member, as every task shows it before the history.
WANTED = re.compile(r'\{\s*"(\w+)"\s*:')
# Bounded, so that a text of nothing but brackets is looked at in no time.
LINK = re.compile(r"!?\[([^\[\]]{0,300})\]\([^()\s]{0,2000}\)|https?://\S+")
MOST_WORDS, LONGEST = 6, 60
READ = 8000

KEY_BY_TASK: Mapping[str, str] = {
    "title_generation": "title",
    "tags_generation": "tags",
    "follow_up_generation": "follow_ups",
    "image_prompt_generation": "prompt",
    "query_generation": "queries",
    "autocomplete_generation": "text",
    "emoji_generation": "",
    "moa_response_generation": "",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """What a chat is about: the first wish, the last, and the last for a new picture."""

    first: str
    last: str
    drawn: str


ANSWER_BY_KEY: Mapping[str, Callable[[Subject], JsonValue]] = {
    "title": lambda subject: _title(subject.first),
    "tags": lambda subject: ["Pictures"],
    "follow_ups": lambda subject: [
        "Make it a watercolour",
        "Make it night",
        f"/new {subject.drawn} --n 4",
    ],
    "prompt": lambda subject: subject.last,
    "queries": lambda subject: [],
    "text": lambda subject: "",
}


def task_answer(
    headers: Mapping[str, str], conversation: Conversation, *, streams: bool
) -> str | None:
    """The answer to a task, in the shape that it wants; None where a person asks."""
    text = conversation.wish.text[:READ]
    named = next((headers[name].strip() for name in HEADERS if name in headers), "")
    is_single = not streams and not conversation.earlier
    if named not in KEY_BY_TASK and not (is_single and _looks_like_a_task(text)):
        return None
    wanted = WANTED.search(_order_in(text))
    key = KEY_BY_TASK.get(named, wanted[1] if wanted else "")
    subject = _subject(text)
    answer = ANSWER_BY_KEY.get(key)
    if answer is None:
        return _title(subject.first)
    return orjson.dumps({key: answer(subject)}).decode()


def _looks_like_a_task(text: str) -> bool:
    return text.startswith(BEGINNING) and DOCUMENTS not in _order_in(text)


def _order_in(text: str) -> str:
    """What the chat UI itself says; the history after it may hold anything."""
    return text.partition(HISTORY_BEGINS)[0]


def _subject(text: str) -> Subject:
    """What the person said in the chat that the task is about."""
    history = HISTORY.search(text)
    pieces = SPEAKER.split(history[1] if history else "")
    said = [
        words
        for speaker, words in zip(pieces[1::2], pieces[2::2], strict=False)
        if speaker == "USER" and _wish(words)
    ]
    wishes = [_wish(words) for words in said] or ["A picture"]
    drawn = next((wish for wish in reversed(wishes) if intent_of(wish) == "new"), wishes[0])
    return Subject(wishes[0], wishes[-1], drawn)


def _wish(text: str) -> str:
    """A message without its command, its settings and its links, on one line."""
    plain = LINK.sub(r"\1", OWN_LINK.sub("", split_command(text).text))
    setting = START.search(plain)
    return " ".join((plain[: setting.start()] if setting else plain).split())


def _title(text: str) -> str:
    words = text.split()[:MOST_WORDS]
    title = " ".join(words)[:LONGEST].rstrip(",.;: ")
    return f"{title[:1].upper()}{title[1:]}" or "A picture"

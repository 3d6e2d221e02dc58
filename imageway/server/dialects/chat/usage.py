"""What a chat answer cost, in the words of chat completions and in our own."""

from __future__ import annotations

from collections.abc import Sequence

from imageway.core.events import Charged, ImageFailed, ImageReady, Note
from imageway.server.dialects.chat.lines import Json
from imageway.server.dialects.openai_answer import charges_of, failure, notes_of
from imageway.server.dialects.openai_fields import Asked

DOLLARS = "USD"


def usage_of(charges: Sequence[Charged], ready: Sequence[ImageReady]) -> Json:
    """OpenAI's token counts; beside them the cost in dollars, the pictures and their seed."""
    tokens = sum(int(charge.amount) for charge in charges if charge.unit == "tokens")
    usage: Json = {
        "prompt_tokens": 0,
        "completion_tokens": tokens,
        "total_tokens": tokens,
        "images": len(ready),
    }
    dollars = [charge.amount for charge in charges if charge.unit.upper() == DOLLARS]
    if dollars:
        usage["cost"] = round(sum(dollars), 6)
    if others := [each for each in charges if each.unit.upper() not in {DOLLARS, "TOKENS"}]:
        usage["charges"] = charges_of(others)
    if ready and ready[0].picture.seed is not None:
        usage["seed"] = ready[0].picture.seed
    return usage


def beside(asked: Asked, job_id: str, failed: Sequence[ImageFailed], notes: Sequence[Note]) -> Json:
    """The member `imageway`: what chat completions have no words for."""
    return {
        "job": job_id,
        "failures": [failure(asked, each) for each in failed],
        "notes": notes_of((*asked.notes, *notes)),
    }

"""How Google says with status 200 that there is no picture: why, and in which shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from imageway.emulators.faults import Fault
from imageway.emulators.gemini_facts import Content

FILTERED = (
    "Unable to show the generated image. The image was filtered out because it violated Google's"
    " Generative AI Prohibited Use policy. You will not be charged for blocked images. Try"
    " rephrasing the prompt."
)
NOT_MADE = (
    "Unable to show the generated image. The model could not generate the image based on the"
    " prompt provided. You will not be charged for this request. Try rephrasing the prompt."
)
RECITED = (
    "Unable to show the generated image due to interests of third-party content providers."
    " Support code: 355"
)
EXPLAINED = frozenset({"IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT"})


@dataclass(frozen=True, slots=True)
class Ending:
    """An answer without a picture; either the prompt is blocked, or the candidate ends so.

    `is_free` where the vendor says itself that nothing is charged.
    """

    finish: str | None = None
    block: str | None = None
    message: str | None = None
    text: str | None = None
    token: str | None = None
    is_free: bool = False

    @property
    def feedback(self) -> dict[str, JsonValue]:
        """The member `promptFeedback` of a blocked prompt."""
        told: dict[str, JsonValue] = {"blockReason": self.block}
        return {**told, "blockReasonMessage": self.message} if self.message else told

    def candidate(self, content: Content) -> dict[str, JsonValue]:
        """The candidate; what stands in place of its content differs."""
        said: dict[str, JsonValue] = {"content": {"role": "model", "parts": [{"text": self.text}]}}
        members: dict[str, JsonValue] = said if self.text else dict(CONTENT_BY_FACT[content])
        return {
            **members,
            "finishReason": self.finish,
            "index": 0,
            **({"finishMessage": self.message} if self.message else {}),
            **({"continuationToken": self.token} if self.token else {}),
        }


CONTENT_BY_FACT: Mapping[Content, Mapping[str, JsonValue]] = {
    "empty": {"content": {}},
    "role": {"content": {"role": "model"}},
    "null": {"content": {"parts": None}},
    "absent": {},
}


def _filtered(reason: str) -> Ending:
    message = RECITED if reason == "IMAGE_RECITATION" else None
    return Ending(reason, message=FILTERED if reason in EXPLAINED else message, is_free=True)


REFUSING = (
    "IMAGE_SAFETY",
    "IMAGE_PROHIBITED_CONTENT",
    "PROHIBITED_CONTENT",
    "SAFETY",
    "BLOCKLIST",
    "SPII",
    "IMAGE_RECITATION",
    "RECITATION",
    "MODEL_ARMOR",
    "ESCALATION",
)
BLOCKING = (
    "PROHIBITED_CONTENT",
    "SAFETY",
    "OTHER",
    "BLOCKLIST",
    "IMAGE_SAFETY",
    "MODEL_ARMOR",
    "JAILBREAK",
)
FAILING = ("OTHER", "MALFORMED_RESPONSE", "LANGUAGE", "MAX_TOKENS", "A_NEW_REASON")
WORDS_ONLY = "I cannot draw that, but I can describe it for you. Shall I?"

# Like the rows of errors, these are chosen by a script's `variant`; the first is the usual one.
ENDINGS_BY_FAULT: Mapping[Fault, Mapping[str, Ending]] = {
    Fault.REFUSED: {
        **{reason.lower(): _filtered(reason) for reason in REFUSING},
        **{f"prompt_{reason.lower()}": Ending(block=reason, is_free=True) for reason in BLOCKING},
    },
    Fault.FORBIDDEN: {"pup_limited_disabled": Ending("PUP_LIMITED_DISABLED", is_free=True)},
    Fault.NO_IMAGE: {
        "no_image": Ending("NO_IMAGE"),
        "text_only": Ending("STOP", text=WORDS_ONLY),
        "empty": Ending("STOP"),
        "image_other": Ending("IMAGE_OTHER", message=NOT_MADE, is_free=True),
        **{reason.lower(): Ending(reason) for reason in FAILING},
        "continuation": Ending("CONTINUATION", token="bW9yZQ=="),  # noqa: S106 - no secret
    },
}
UNSIGNED = Ending("MISSING_THOUGHT_SIGNATURE", is_free=True)

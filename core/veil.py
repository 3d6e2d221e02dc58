"""What a call carries that nobody else may read, taken out of whatever is told of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from imageway.core.errors import ErrorInfo
from imageway.core.outgoing import Outgoing

A_SECRET_NAME = re.compile(r"auth|key|token|secret|cookie|password", re.IGNORECASE)
# Shorter ones are words like `none`, and would be taken out of sentences that have nothing to hide.
SHORTEST = 6
VEIL = "…"


def secrets(call: Outgoing) -> tuple[str, ...]:
    """Its key, however it is sent: in a header, behind a scheme, or in the URL."""
    try:
        query = parse_qsl(urlsplit(call.url).query)
    except ValueError:
        query = []
    named = (*call.headers.items(), *call.params.items(), *query)
    values = (value.rpartition(" ")[2] for name, value in named if A_SECRET_NAME.search(name))
    return tuple(value for value in values if len(value) >= SHORTEST)


def veiled(text: str, hidden: Sequence[str]) -> str:
    """The same text without them."""
    for secret in hidden:
        text = text.replace(secret, VEIL)
    return text


def veiled_error(info: ErrorInfo, hidden: Sequence[str]) -> ErrorInfo:
    """The same failure without them: some vendors repeat the key that they refuse."""
    told = {
        "message": info.message,
        "hint": info.hint,
        "vendor_code": info.vendor_code,
        "vendor_message": info.vendor_message,
    }
    shown = {name: veiled(text, hidden) for name, text in told.items() if text}
    return info.model_copy(update=shown) if hidden else info

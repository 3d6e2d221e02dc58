"""What CivitAI's documents leave open or what has changed over the years, as switches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Refusal = Literal["messages", "detail", "forbidden", "problem"]
Refund = Literal["none", "partial", "full"]


@dataclass(frozen=True, slots=True)
class Facts:
    """One deployment of the site and of the orchestrator; no client may rely on any of these."""

    # The site: how gates are marked, how bad parameters are told, what the edge keeps.
    era: Literal[0, 1, 2] = 2
    new_mini: bool = True
    mini_tells_gates: bool = True
    zod: Literal[3, 4] = 4
    edge: bool = True
    edge_seconds: float = 300.0
    stale_seconds: float = 150.0
    edge_keys_by_query: bool = True
    edge_minds_token: bool = False
    numeric_usernames: bool = True
    control_characters: bool = False
    number_cursors: bool = False
    link_cursors: bool = False
    cursors_pin: bool = True
    bad_dates: bool = False

    # The orchestrator: how it refuses, what it gives back, what it has fields for.
    entitlement_refusal: Refusal = "messages"
    funds_refusal: Literal["text", "problem", "payment_required"] = "text"
    failed_refund: Refund = "full"
    blocked_refund: Refund = "none"
    whatif_claims_key: bool = False
    list_lag: float = 0.0
    boolean_wait: bool = False
    refuses_unknown_fields: bool = True
    needs_currencies: bool = False
    flux1_needs_parts: bool = False
    has_jobs: bool = True
    put_answers_workflow: bool = False
    offers_previews: bool = False
    most_queued: int | None = None

    # Where pictures lie.
    url_seconds: float = 2700.0
    redirect_status: int = 308
    relative_redirect: bool = True

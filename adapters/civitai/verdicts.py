"""Why a picture did not come: held back, failed, expired, or ended by somebody."""

from __future__ import annotations

from collections.abc import Mapping

from imageway.adapters.civitai.wire import Blob, Workflow
from imageway.core.errors import ErrorCode, ErrorInfo

# Released for yellow Buzz; everything else that is held back stays so.
MATURE = frozenset({"nsfwlevel", "maturecontent", "nsfwlevelsourceimagerestricted"})
MATURE_HINT = (
    "it is mature, and was paid by a wallet that may not buy that; "
    "ask with the extra civitai.allow_mature, which takes yellow Buzz"
)
SAID_BY_STATUS: Mapping[str, str] = {
    "succeeded": "CivitAI ended without this picture",
    "failed": "CivitAI tried and made no picture",
    "expired": "CivitAI did not get to this picture in time",
    "canceled": "the workflow was ended at CivitAI before this picture was made",
}


def verdict_on(workflow: Workflow, blob: Blob | None) -> ErrorInfo:
    """The vendor's verdict on one picture of a workflow that has ended."""
    if blob is not None and blob.is_blocked:
        return _held_back(blob.blocked or "")
    words = "; ".join(workflow.reasons)[:500] or None
    return ErrorInfo(
        code=ErrorCode.FAILED,
        message=SAID_BY_STATUS.get(workflow.status or "", "CivitAI made no picture"),
        hint="ask again; a new request is a new workflow",
        origin="vendor",
        vendor_code=workflow.status,
        vendor_message=words or "no reason was given",
    )


def _held_back(reason: str) -> ErrorInfo:
    is_mature = reason.strip().lower() in MATURE
    return ErrorInfo(
        code=ErrorCode.REJECTED,
        message="CivitAI made this picture and holds it back",
        hint=MATURE_HINT if is_mature else "say it otherwise",
        origin="vendor",
        vendor_code="blocked",
        vendor_message=reason,
    )

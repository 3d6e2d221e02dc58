"""A finished picture, checked, and handed over with what the server says of its making."""

from __future__ import annotations

from collections.abc import Mapping

from imageway.adapters.qwen.following import Ended
from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.picture import Picture
from imageway.core.reply import Reply
from imageway.core.run import Run

FLAT = "flat-image"


def deliver(reply: Reply, run: Run, seed: int, ended: Ended | None = None) -> None:
    """Put the picture into the run; the server's word on the seed goes before ours."""
    picture = _checked(reply)
    said = reply.headers
    known = seed if ended is None or ended.seed is None else ended.seed
    _note(said, ended, run)
    seconds = _number(said, "X-Generate-Seconds")
    if seconds is not None:
        run.charge(seconds, "seconds")
    told = _number(said, "X-Seed")
    run.image(picture.with_words(seed=known if told is None else int(told)))


def _checked(reply: Reply) -> Picture:
    """The picture, if it is one and of the type that it is said to be."""
    if not reply.body:
        raise ImagewayError(
            ErrorCode.FAILED, "the Qwen server sent an empty picture", origin="vendor"
        )
    try:
        picture = Picture.from_bytes(reply.body)
    except ImagewayError as error:
        raise _bad(f"the Qwen server sent no picture: {error.info.message}") from error
    claimed = reply.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if claimed != picture.media_type:
        raise _bad(f"the Qwen server sent {picture.media_type!r} and called it {claimed!r}")
    return picture


def _bad(message: str) -> ImagewayError:
    return ImagewayError(ErrorCode.BAD_ANSWER, message, origin="vendor")


def _note(said: Mapping[str, str], ended: Ended | None, run: Run) -> None:
    """Say what was changed so that there is a picture at all."""
    told = None if ended is None else ended.degraded
    if told is not None or said.get("X-Degraded") == "true":
        reason = said.get("X-Degrade-Reason") or (told and told.reason) or "trouble"
        steps = said.get("X-Num-Steps") or (told and told.num_steps) or "other"
        seed = said.get("X-Seed") or (told and told.seed) or "another"
        run.note(
            "degraded",
            f"after {reason} the Qwen server drew with {steps} steps and seed {seed} instead",
        )
    if FLAT in said.get("X-Warning", ""):
        run.note("degraded", "the picture is of one flat colour")


def _number(said: Mapping[str, str], name: str) -> float | None:
    try:
        return float(said[name])
    except (KeyError, ValueError):
        return None

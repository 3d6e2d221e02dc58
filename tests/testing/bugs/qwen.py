"""The Qwen adapter asks for something else, or loses what it has begun."""

from __future__ import annotations

from tests.testing.bugs.bug import Bug

WISHING, BACKGROUND, FOLLOWING = "qwen/wishing.py", "qwen/background.py", "qwen/following.py"
PICTURE, ERRORS, ADAPTER = "qwen/picture.py", "qwen/errors.py", "qwen/adapter.py"

BUGS = (
    Bug(
        WISHING,
        "prompt=request.prompt,",
        "prompt=request.prompt.strip(),",
        "the_prompt_is_unchanged",
        "qwen",
    ),
    Bug(WISHING, "seed=seed_for(request, call_id),", "seed=42,", "seed_arrives", "qwen"),
    Bug(
        WISHING,
        "        negative_prompt=request.negative_prompt,\n",
        "",
        "negative_prompt_arrives",
        "qwen",
    ),
    Bug(WISHING, "        num_steps=request.steps,\n", "", "steps_arrives", "published"),
    Bug(
        WISHING,
        "cfg_scale=request.guidance,",
        "cfg_scale=request.steps,",
        "guidance_arrives",
        "qwen",
    ),
    Bug(WISHING, '            "format": request.format,\n', "", "format_arrives", "qwen"),
    Bug(
        WISHING,
        "        return None if request.aspect is None else str(request.aspect)\n",
        "        return None\n",
        "aspect_arrives",
        "published",
    ),
    Bug(
        WISHING,
        '            "max_wait_seconds": extras.max_wait_seconds,\n',
        "",
        "own_extras_are_sent",
        "qwen",
    ),
    Bug(BACKGROUND, '"send": wish, "paid": run}', '"send": wish}', "leave_is_asked_first", "qwen"),
    Bug(
        BACKGROUND,
        "            await run.accepted(accepted.request_id)\n",
        "            pass\n",
        "the_ticket_comes_first",
        "qwen",
    ),
    Bug(
        BACKGROUND,
        "            await self._cancel(server, request_id)\n            raise",
        "            raise",
        "the_vendor_is_told",
        "qwen",
    ),
    Bug(
        BACKGROUND,
        "return await self.http.poll(fetch, every=0.5, most=2.0)",
        "return await fetch()",
        "a_cut_download_is_repeated",
        "qwen",
    ),
    Bug(
        FOLLOWING,
        "self._fraction = step / total",
        "self._fraction = 100 * step / total",
        "progress_counts_up",
        "qwen",
    ),
    Bug(
        FOLLOWING,
        "        if self._shown == self._wanted or self._fraction < due:\n            return\n",
        "",
        "no_preview_unasked",
        "qwen",
    ),
    Bug(
        FOLLOWING,
        "            self._listens = MOST_LISTENS\n        return None\n",
        "            self._listens = MOST_LISTENS\n            return None\n"
        '        raise ImagewayError(ErrorCode.OUTCOME_UNKNOWN, "cut", origin="vendor")\n',
        "a_cut_listening_is_survived",
        "qwen",
    ),
    Bug(
        PICTURE,
        '        run.charge(seconds, "seconds")\n',
        "        pass\n",
        "the_price_is_told",
        "qwen",
    ),
    Bug(
        PICTURE,
        'run.charge(seconds, "seconds")',
        'run.charge(seconds * 60, "seconds")',
        "the_price_is_right",
        "qwen",
    ),
    Bug(
        PICTURE,
        '            "degraded",\n            f"after',
        '            "adjusted",\n            f"after',
        "a_worse_picture_is_noted",
        "qwen",
    ),
    Bug(
        ERRORS,
        "3001: Row(ErrorCode.UNAVAILABLE,",
        "3001: Row(ErrorCode.FAILED,",
        "being_down_is_known",
        "qwen",
    ),
    Bug(ERRORS, "3002: Row(BUSY,", "3002: Row(INVALID,", "a_rate_limit_is_known", "published"),
    Bug(
        ADAPTER,
        "            _check_name(request.model, server)\n",
        "",
        "the_model_is_asked_for",
        "qwen",
    ),
    Bug(
        ADAPTER,
        "        except ImagewayError:\n            return Capabilities",
        "        except ZeroDivisionError:\n            return Capabilities",
        "it_describes_without_its_vendor",
        "qwen",
    ),
    Bug(
        ADAPTER,
        "            return down(error.info)",
        '            return Health(status="up", detail=error.info.message)',
        "its_health_is_down",
        "qwen",
    ),
    Bug(
        ADAPTER,
        "        await self._background.bring(server, lost.ticket, run, previews=0, seed=seed)",
        "        await self.generate(lost.request, run)",
        "a_job_is_picked_up",
        "qwen",
    ),
    Bug(
        ADAPTER,
        "            raise _untraceable()",
        "            return await self.generate(lost.request, run)",
        "a_lost_ticket_is_not_paid_again",
        "qwen",
    ),
)

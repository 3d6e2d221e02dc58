"""The OpenAI adapter misreads what it is told, or is careless with money."""

from __future__ import annotations

from tests.testing.bugs.bug import Bug

ERRORS = "openai/errors.py"
ROWS = "openai/rows.py"
READING = "openai/reading.py"
PRICES = "openai/prices.py"
ADAPTER = "openai/adapter.py"

BUGS = (
    Bug(ROWS, '    "moderation_blocked": REJECTED,\n', "", "a_refusal_is_final"),
    Bug(ROWS, '    "content_policy_violation": REJECTED,\n', "", "a_refusal_is_final"),
    Bug(
        ROWS,
        '    "project_spend_limit_exceeded": MONEY,',
        '    "project_spend_limit_exceeded": LIMITED,',
        "an_empty_purse_is_known",
    ),
    Bug(ROWS, '    "billing_hard_limit_reached": MONEY,\n', "", "an_empty_purse_is_known"),
    Bug(ROWS, '"invalid_api_key": BAD_KEY', '"invalid_api_key": FORBIDDEN', "a_bad_key_is_known"),
    Bug(
        ROWS,
        '"unsupported_country_region_territory": REGION',
        '"unsupported_country_region_territory": DOWN',
        "a_region_block_is_known",
    ),
    Bug(
        ROWS,
        '"model_not_found": NO_MODEL',
        '"model_not_found": BAD_REQUEST',
        "a_missing_model_is_known",
    ),
    Bug(ROWS, "in (IN_AN_ANSWER, 400) and", "in (IN_AN_ANSWER,) and", "a_missing_model_is_known"),
    Bug(
        ROWS,
        '"rate_limit_exceeded": LIMITED',
        '"rate_limit_exceeded": DOWN',
        "a_rate_limit_is_known",
    ),
    Bug(
        ROWS, '"service_unavailable": DOWN', '"service_unavailable": FAILED', "being_down_is_known"
    ),
    Bug(
        ROWS,
        '"image_generation_failed": FAILED',
        '"image_generation_failed": BAD_REQUEST',
        "a_failure_of_the_vendor_is_known",
    ),
    Bug(ROWS, "403: FORBIDDEN", "403: BAD_KEY", "a_missing_right_is_known"),
    Bug(
        ERRORS,
        'origin="vendor",\n            retry_after',
        'origin="imageway",\n            retry_after',
        "the_vendor_is_to_blame",
    ),
    Bug(
        ERRORS,
        "retry_after=_when(said, headers) if row.code in MAY_SAY_WHEN else None",
        "retry_after=0.0",
        "retry_after_is_carried",
    ),
    Bug(
        ERRORS,
        "vendor_message=self._shown(said.message)",
        "vendor_message=None",
        "the_vendors_words_are_kept",
    ),
    Bug(
        ADAPTER,
        '            "explain": reader.explainer.explain,\n',
        "",
        "the_vendors_words_are_kept",
    ),
    Bug(
        READING,
        'raise self._problem(ErrorCode.BAD_ANSWER, "answered without pictures or an error")',
        "return",
        "garbage_is_a_bad_answer",
    ),
    Bug(
        READING,
        "(answer.data or [])[: self.count]",
        "(answer.data or [])[:1]",
        "several_in_one_call",
        "together",
    ),
    Bug(
        READING,
        "await self._deliver(entry, index)",
        "await self._deliver(entry, index + 1)",
        "a_picture_comes",
    ),
    Bug(
        READING,
        "        for index, entry in enumerate(entries):",
        "        if len(entries) < self.count:\n"
        '            raise self._problem(ErrorCode.FAILED, "made too few")\n'
        "        for index, entry in enumerate(entries):",
        "fewer_pictures_are_a_part",
        "together",
    ),
    Bug(
        READING,
        "raise self._problem(error.info.code, words) from None",
        "raise self._problem(ErrorCode.FAILED, words) from None",
        "no_picture_is_a_bad_answer",
    ),
    Bug(
        READING,
        "                self._preview(said)\n",
        "                pass\n",
        "previews_come_first",
    ),
    Bug(
        READING,
        'KINDS = ("image_generation", "image_edit")',
        'KINDS = ("image_generation",)',
        "previews_come_first",
    ),
    Bug(
        READING,
        "                raise self._ended_by(error)",
        "                continue",
        "an_error_in_the_stream_is_known",
    ),
    Bug(
        READING,
        "            if done == self.count:\n                return\n",
        "",
        "a_picture_comes",
    ),
    Bug(
        READING,
        "            elif kind in COMPLETED | FAILED:",
        "            elif kind not in COMPLETED | FAILED:\n"
        '                raise self._problem(ErrorCode.BAD_ANSWER, "said something unknown")\n'
        "            else:",
        "chatter_is_skipped",
    ),
    Bug(ADAPTER, '            "paid": reader.run,\n', "", "leave_is_asked_first"),
    Bug(
        ADAPTER,
        '"limit": LARGEST_ANSWER * reader.count',
        '"limit": LARGEST_ANSWER * 100',
        "an_oversized_answer_is_too_large",
    ),
    Bug(
        ADAPTER,
        '        await reader.whole(await self._http.json("POST", url, ImagesAnswer, **options))',
        "        try:\n"
        '            answer = await self._http.json("POST", url, ImagesAnswer, **options)\n'
        "        except ImagewayError:\n"
        '            answer = await self._http.json("POST", url, ImagesAnswer, **options)\n'
        "        await reader.whole(answer)",
        "nothing_is_sent_twice",
    ),
    Bug(READING, '        self.run.settled("yes")\n', "", "a_success_is_charged_once"),
    Bug(READING, "        self._charge(answer.usage)\n", "", "the_price_is_told"),
    Bug(READING, "        self._charge(said.usage)\n", "", "the_price_is_told"),
    Bug(
        READING,
        'self.run.settled("no" if before_work and not self.shown else "yes")',
        'self.run.settled("no")',
        "charged_is_never_denied",
    ),
    Bug(PRICES, "Decimal(1_000_000)", "Decimal(100_000)", "the_price_is_right"),
    Bug(
        PRICES,
        "(usage.output_tokens - text_out) * prices.image_out",
        "(usage.output_tokens - text_out) * prices.image_in",
        "the_price_is_right",
    ),
    Bug(PRICES, "amount=float(round(", "amount=-float(round(", "its_price_is_a_price"),
    Bug(
        ADAPTER,
        'status = "degraded" if error.info.code in DEGRADED else "down"',
        'status = "up"',
        "its_health_is_down",
    ),
    Bug(
        ADAPTER,
        "names = [model.id for model in listed.data]",
        "names = [model.id.upper() for model in listed.data]",
        "its_models_are_listed",
    ),
    Bug(
        ADAPTER,
        "        self._http = http\n        self._today",
        "        self._http = http\n        self.headers = self._headers()\n        self._today",
        "no_key_when_printed",
    ),
)

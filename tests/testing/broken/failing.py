"""These tell the wrong thing of what went wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.outgoing import CallOptions
from imageway.core.request import ImageRequest
from imageway.core.run import Run
from tests.testing.broken.catalogue import broken
from tests.testing.house import wire
from tests.testing.house.adapter import HouseAdapter


def changing(error: ImagewayError, **fields: object) -> ImagewayError:
    """The same error with some fields changed."""
    return ImagewayError.carrying(error.info.model_copy(update=fields))


class Explaining(HouseAdapter):
    """Explains refusals in a way of its own."""

    def free(self) -> CallOptions:
        return {**super().free(), "explain": self.explain}

    def explain(self, status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
        return self.told(wire.explain(status, headers, body))

    def told(self, error: ImagewayError) -> ImagewayError:
        return error


@broken("plain", "a_rate_limit_is_known")
class TakesARateLimitForSickness(Explaining):
    def told(self, error: ImagewayError) -> ImagewayError:
        if error.info.code is ErrorCode.RATE_LIMITED:
            return changing(error, code=ErrorCode.UNAVAILABLE)
        return error


@broken("poll", "an_empty_purse_is_known")
class WaitsForMoney(Explaining):
    def told(self, error: ImagewayError) -> ImagewayError:
        if error.info.code is ErrorCode.QUOTA_EXHAUSTED:
            return changing(error, code=ErrorCode.RATE_LIMITED)
        return error


@broken("plain", "a_refusal_is_final")
class TakesARefusalForAMistake(Explaining):
    def told(self, error: ImagewayError) -> ImagewayError:
        if error.info.code is ErrorCode.REJECTED:
            return changing(error, code=ErrorCode.INVALID_REQUEST)
        return error


@broken("plain", "a_failure_of_the_vendor_is_known")
class BlamesTheCaller(Explaining):
    def told(self, error: ImagewayError) -> ImagewayError:
        if error.info.vendor_code == "oh":
            return changing(error, code=ErrorCode.INVALID_REQUEST)
        return error


@broken("stream", "an_error_in_the_stream_is_known")
class IgnoresErrorsInStreams(HouseAdapter):
    async def listen(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().listen(request, run)
        except ImagewayError as error:
            if error.info.code is ErrorCode.REJECTED and run.call.charged == "maybe":
                raise changing(error, code=ErrorCode.FAILED) from error
            raise


@broken("plain", "retry_after_is_carried")
class ForgetsWhenToComeBack(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().ask(request, run)
        except ImagewayError as error:
            raise changing(error, retry_after=None) from error


@broken("poll", "waiting_is_for_others")
class SleepsOnTheJob(HouseAdapter):
    async def generate(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().generate(request, run)
        except ImagewayError as error:
            await asyncio.sleep(min(error.info.retry_after or 0, 2.2))
            raise


@broken("plain", "the_vendors_words_are_kept")
class SaysItInItsOwnWords(Explaining):
    def told(self, error: ImagewayError) -> ImagewayError:
        return changing(error, vendor_message=None)


@broken("plain", "no_key_in_the_error")
class ShowsItsKey(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().ask(request, run)
        except ImagewayError as error:
            if error.info.code is ErrorCode.UNAUTHENTICATED:
                key = self.config.api_key.get_secret_value()
                raise changing(error, hint=f"is {key} right?") from error
            raise


@broken("stream", "the_vendor_is_to_blame")
class TakesTheBlame(HouseAdapter):
    async def listen(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().listen(request, run)
        except ImagewayError as error:
            raise changing(error, origin="imageway") from error


@broken("plain", "a_bad_key_is_known")
class TakesABadKeyForAMissingRight(Explaining):
    def told(self, error: ImagewayError) -> ImagewayError:
        if error.info.code is ErrorCode.UNAUTHENTICATED:
            return changing(error, code=ErrorCode.FORBIDDEN)
        return error


@broken("stream", "a_region_block_is_known")
class KnowsNoRegions(Explaining):
    def told(self, error: ImagewayError) -> ImagewayError:
        if error.info.vendor_code == "region":
            return changing(error, code=ErrorCode.UNAVAILABLE)
        return error


@broken("plain", "a_missing_right_is_known")
class TakesAMissingRightForARefusal(Explaining):
    def told(self, error: ImagewayError) -> ImagewayError:
        if error.info.vendor_code == "guest":
            return changing(error, code=ErrorCode.REJECTED)
        return error


@broken("poll", "a_missing_model_is_known")
class BlamesTheCallerForTheModel(Explaining):
    def told(self, error: ImagewayError) -> ImagewayError:
        if error.info.code is ErrorCode.NOT_FOUND:
            return changing(error, code=ErrorCode.INVALID_REQUEST)
        return error


@broken("plain", "being_down_is_known")
class TakesSicknessForFailure(Explaining):
    def told(self, error: ImagewayError) -> ImagewayError:
        if error.info.code is ErrorCode.UNAVAILABLE:
            return changing(error, code=ErrorCode.FAILED)
        return error


@broken("plain", "no_picture_is_a_failure")
class CallsNoPictureAMistake(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        await super().ask(request, run)
        if run.open == run.indices and not run.ledger.failures:
            raise ImagewayError(ErrorCode.INVALID_REQUEST, "no picture", origin="vendor")


@broken("plain", "no_html_outside")
class ShowsTheProxysPage(Explaining):
    def explain(self, status: int, headers: Mapping[str, str], body: bytes) -> ImagewayError:
        if headers.get("Content-Type") != "text/html":
            return super().explain(status, headers, body)
        message = body.decode(errors="replace")
        return ImagewayError(ErrorCode.UNAVAILABLE, "house is down", vendor_message=message)


@broken("plain", "a_hang_up_leaves_it_unknown", "a_cut_answer_leaves_it_unknown")
class HopesForTheBest(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().ask(request, run)
        except ImagewayError as error:
            if "hung up" in error.info.message:
                raise changing(error, code=ErrorCode.NETWORK) from error
            raise


@broken("plain", "a_stall_leaves_it_unknown", "a_slow_drip_ends")
class CallsItATimeout(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().ask(request, run)
        except ImagewayError as error:
            if "in time" in error.info.message:
                raise changing(error, code=ErrorCode.TIMEOUT) from error
            raise


@broken("plain", "nobody_is_there")
class ThinksItMayHaveCost(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().ask(request, run)
        except ImagewayError as error:
            if "refused the connection" in error.info.message:
                raise changing(error, charged="maybe") from error
            raise


@broken("stream", "an_oversized_answer_is_too_large")
class CallsItUnreadable(HouseAdapter):
    async def listen(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().listen(request, run)
        except ImagewayError as error:
            if error.info.code is ErrorCode.TOO_LARGE:
                raise changing(error, code=ErrorCode.BAD_ANSWER) from error
            raise


@broken("plain", "a_hang_up_is_a_network_fault_at_home")
class FearsForItsMoneyAtHome(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().ask(request, run)
        except ImagewayError as error:
            if "hung up" in error.info.message:
                raise changing(error, code=ErrorCode.OUTCOME_UNKNOWN, charged="maybe") from error
            raise


@broken("plain", "a_stall_is_a_timeout_at_home")
class KnowsNoTimeoutAtHome(HouseAdapter):
    async def ask(self, request: ImageRequest, run: Run) -> None:
        try:
            await super().ask(request, run)
        except ImagewayError as error:
            if error.info.code is ErrorCode.TIMEOUT:
                raise changing(error, code=ErrorCode.OUTCOME_UNKNOWN) from error
            raise

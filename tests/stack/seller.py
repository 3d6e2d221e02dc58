"""A vendor that says what a picture costs, before and after."""

from __future__ import annotations

from collections.abc import Sequence

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.powers import Quote
from imageway.core.request import ImageRequest
from imageway.core.result import ImageResult
from imageway.core.run import Run
from tests.core.samples import dot
from tests.stack.vendor import Called, Play, Vendor, draws


class Seller(Vendor):
    """Says what a picture costs; None where it does not know."""

    def __init__(
        self,
        name: str,
        plays: Sequence[Play] = (draws,),
        price: float | None = 0.04,
        unit: str = "USD",
        images_per_call: int = 1,
    ) -> None:
        super().__init__(name, plays, images_per_call)
        self.price, self.unit = price, unit
        self.quoted: list[int] = []

    async def quote(self, request: ImageRequest) -> Quote:
        self.quoted.append(request.count)
        if self.price is None:
            raise ImagewayError(ErrorCode.UNSUPPORTED, "no price is known")
        return Quote(amount=self.price * request.count, unit=self.unit)


def charging(*costs: tuple[float, str]) -> Play:
    """A paid call whose vendor tells what it cost."""

    async def play(vendor: Vendor, called: Called, request: ImageRequest, run: Run) -> None:
        await vendor.pay(called, run)
        for amount, unit in costs:
            run.charge(amount, unit)
        for index in range(request.count):
            run.image(dot(), index)

    return play


def code_of(result: ImageResult) -> str | None:
    """Why nothing came."""
    return None if result.error is None else str(result.error.code)


def makers(result: ImageResult) -> list[str | None]:
    """Who made the pictures."""
    return [each.provider for each in result.images]

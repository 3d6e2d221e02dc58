"""What a picture may cost at most, told before anything is sent."""

from __future__ import annotations

import pytest

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.powers import Quote
from imageway.core.request import ImageRequest
from tests.stack.house import House, Json
from tests.stack.seller import Seller, makers
from tests.stack.vendor import Vendor
from tests.virtual import run_virtually


def ceiling(**table: str) -> Json:
    return {"default": {"try": ["a/a-1", "b/b-1"], "max_price": {"usd": 0.05, **table}}}


def test_who_asks_more_than_the_route_s_ceiling_is_passed_over() -> None:
    async def scene() -> None:
        dear, cheap = Seller("a", price=0.06), Seller("b", price=0.05)
        result = await House(dear, cheap, routes=ceiling()).draw(4)
        assert makers(result) == ["b"] * 4
        assert dear.calls == []
        assert result.notes[0].detail == (
            "a/a-1 was not asked (quota_exhausted: a picture by 'a-1' costs 0.06 USD, and "
            "max_price is 0.05 USD); asking the next"
        )

    run_virtually(scene())


def test_where_everybody_is_too_dear_it_is_our_own_refusal() -> None:
    async def scene() -> None:
        dear = Seller("a", price=0.06)
        result = await House(dear, a={"max_price": {"usd": 0.05}}).draw()
        assert result.error is not None
        info = result.error
        assert (info.code, info.origin, info.charged) == ("quota_exhausted", "imageway", "no")
        assert (info.hint or "").endswith("raise max_price in plugins.toml")
        assert dear.calls == []

    run_virtually(scene())


@pytest.mark.parametrize(("unknown", "maker"), [("refuse", "b"), ("allow", "a")])
@pytest.mark.parametrize("price", [None, 5.0])
def test_a_price_that_cannot_be_compared_is_refused_unless_it_is_allowed(
    unknown: str, maker: str, price: float | None
) -> None:
    async def scene() -> None:
        strange = Seller("a", price=price, unit="gold")
        result = await House(strange, Seller("b"), routes=ceiling(unknown=unknown)).draw()
        assert makers(result) == [maker]

    run_virtually(scene())


def test_local_work_and_what_costs_nothing_are_under_every_ceiling() -> None:
    async def scene() -> None:
        local = Vendor("a")
        table = {"a": {"cost": "local"}}
        result = await House(local, Vendor("b"), routes=ceiling(), tables=table).draw()
        assert makers(result) == ["a"]
        free = Seller("a", price=0, unit="gold")
        assert makers(await House(free, Vendor("b"), routes=ceiling()).draw()) == ["a"]

    run_virtually(scene())


def test_a_price_is_asked_for_what_one_call_makes_and_only_where_somebody_wants_to_know() -> None:
    async def scene() -> None:
        seller = Seller("a", images_per_call=3, price=0.05)
        await House(seller).draw(7)
        assert seller.quoted == []
        await House(seller, a={"max_price": {"usd": 0.05}}).draw(7)
        assert seller.quoted == [3]

    run_virtually(scene())


def test_a_vendor_that_cannot_be_asked_its_price_is_routed_around() -> None:
    class Silent(Seller):
        async def quote(self, request: ImageRequest) -> Quote:
            raise ImagewayError(ErrorCode.FORBIDDEN, "no", origin="vendor")

    async def scene() -> None:
        silent = Silent("a")
        result = await House(silent, Seller("b"), routes=ceiling()).draw()
        assert (makers(result), silent.calls) == (["b"], [])

    run_virtually(scene())

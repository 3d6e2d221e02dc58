"""Rights and prices: asked of whoever knows, through retry and breaker, for any kind of name."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.core.powers import Entitlement, Quote
from imageway.core.request import ImageRequest
from imageway.providers.powers import entitlement, quote
from imageway.providers.rights import is_checked, right, right_of
from tests.providers.support import HOUSE, living, refusal
from tests.stack.house import House
from tests.stack.vendor import Vendor
from tests.virtual import run_virtually


class Knowing(Vendor):
    """Knows rights and prices, unless a question is to fail."""

    async def entitlement(self, model: str, *, recheck: bool = False) -> Entitlement:
        """Whatever it is asked is free."""
        self._answer()
        reason = "asked anew" if recheck else "asked"
        return Entitlement(allowed=True, verdict="free", reason=reason, model=model)

    async def quote(self, request: ImageRequest) -> Quote:
        """Each picture costs one."""
        self._answer()
        return Quote(amount=request.count, unit="buzz")


def busy() -> ImagewayError:
    return ImagewayError(ErrorCode.UNAVAILABLE, "busy", origin="vendor")


def test_a_right_is_asked_again_when_the_vendor_failed_in_passing() -> None:
    async def scene() -> None:
        vendor = Knowing("a", questions=[busy()])
        house = House(vendor)
        found = await entitlement(house.providers["a"], "a-1", recheck=True)
        assert found is not None
        assert (found.reason, vendor.asked) == ("asked anew", 2)

    run_virtually(scene())


def test_a_price_is_asked_of_the_vendor() -> None:
    async def scene() -> None:
        house = House(Knowing("a"))
        request = ImageRequest(prompt="a fox", count=3)
        assert await quote(house.providers["a"], request) == Quote(amount=3, unit="buzz")

    run_virtually(scene())


def test_a_vendor_that_knows_neither_is_asked_neither() -> None:
    async def scene() -> None:
        vendor = Vendor("a")
        provider = House(vendor).providers["a"]
        assert await entitlement(provider, "a-1") is None
        assert await quote(provider, ImageRequest(prompt="a fox")) is None
        assert vendor.asked == 0

    run_virtually(scene())


@pytest.mark.parametrize(
    ("name", "model"), [("default", "b-1"), ("b/any", "any"), ("urn:x:1@2", "urn:x:1@2")]
)
def test_a_route_a_model_and_a_vendors_own_name_lead_to_whoever_knows(
    name: str, model: str
) -> None:
    async def scene() -> None:
        house = House(Vendor("a"), Knowing("b"))
        found = await right_of(house.snapshot, name)
        assert (found.provider, found.model) == ("b", model)

    run_virtually(scene())


def test_an_address_is_a_name_and_no_provider() -> None:
    async def scene() -> None:
        found = await right_of(House(Knowing("a")).snapshot, "https://example.org/models/1")
        assert found.model == "https://example.org/models/1"

    run_virtually(scene())


def test_a_model_of_a_provider_that_knows_no_rights_has_no_verdict() -> None:
    async def scene() -> None:
        snapshot = House(Vendor("a"), Knowing("b")).snapshot
        assert await right(snapshot, "a/a-1") is None
        assert not is_checked(snapshot, "a/a-1")
        assert is_checked(snapshot, "default")
        assert not is_checked(snapshot, "nobody's")
        with pytest.raises(ImagewayError, match="nobody behind 'a/a-1' knows rights") as caught:
            await right_of(snapshot, "a/a-1")
        assert caught.value.info.hint == "these do: b"

    run_virtually(scene())


def test_where_nobody_knows_rights_whoever_is_disabled_is_named() -> None:
    async def scene() -> None:
        house = House(Vendor("a"))
        house.providers["a"].absent = "set KEY in the environment"
        with pytest.raises(ImagewayError, match="no provider of this configuration") as caught:
            await right_of(house.snapshot, "urn:x")
        assert caught.value.info.hint == "a is disabled: set KEY in the environment"

    run_virtually(scene())


async def test_a_feature_that_is_off_harms_no_adapter_without_a_key_of_its_name(
    tmp_path: Path,
) -> None:
    snapshot = living(tmp_path, f"[features]\nearly_access = false\n{HOUSE}")
    assert snapshot.providers["house"].disabled is None
    await snapshot.close()


def test_an_unknown_feature_is_a_mistake(tmp_path: Path) -> None:
    told = refusal(tmp_path, f"[features]\nearly_acces = false\n{HOUSE}")
    assert "early_acces" in told.message
    assert "early_access" in (told.hint or "")

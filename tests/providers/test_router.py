"""A route or provider/model → whom to ask, in order."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageway.core.errors import ErrorCode, ErrorInfo, ImagewayError
from imageway.core.request import ImageRequest
from imageway.core.size import Aspect, Size
from imageway.providers.router import Router, Target
from tests.providers.support import living, refusal

PROVIDERS = """\
[providers.one]
adapter = './plugin.py:House'
[providers.two]
adapter = './plugin.py:House'
[providers.off]
adapter = './plugin.py:House'
api_key = { env = 'NOT_SET' }
"""


def router(folder: Path, routes: str = "") -> Router:
    return living(folder, PROVIDERS + routes).router


def names(targets: tuple[Target, ...]) -> list[str]:
    return [target.name for target in targets]


def refused(router: Router, model: str) -> ErrorInfo:
    with pytest.raises(ImagewayError) as caught:
        router.targets(model)
    return caught.value.info


def test_a_model_is_asked_at_its_provider(tmp_path: Path) -> None:
    assert names(router(tmp_path).targets("one/a/b")) == ["one/a/b"]


def test_a_route_is_asked_from_left_to_right(tmp_path: Path) -> None:
    routes = "[routes.photo]\ntry = ['two/b', 'one/a']\n"
    assert names(router(tmp_path, routes).targets("photo")) == ["two/b", "one/a"]


def test_a_route_may_name_routes(tmp_path: Path) -> None:
    routes = (
        "[routes.default]\ntry = ['photo', 'one/last']\n[routes.photo]\ntry = ['two/b', 'one/a']\n"
    )
    assert names(router(tmp_path, routes).targets("default")) == ["two/b", "one/a", "one/last"]


def test_a_disabled_provider_is_skipped_but_shown(tmp_path: Path) -> None:
    built = router(tmp_path, "[routes.photo]\ntry = ['off/x', 'one/a']\n")
    assert names(built.targets("photo")) == ["one/a"]
    assert names(built.routes["photo"]) == ["off/x", "one/a"]


@pytest.mark.parametrize("model", ["photo", "off/x"])
def test_when_everybody_is_disabled_it_says_what_to_set(tmp_path: Path, model: str) -> None:
    info = refused(router(tmp_path, "[routes.photo]\ntry = ['off/x']\n"), model)
    assert info.code is ErrorCode.UNAVAILABLE
    assert info.hint == "off: set NOT_SET in the environment"


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("phto", "did you mean 'photo'?"),
        ("oen/a", "did you mean 'one/a'?"),
        ("one", "did you mean 'one/…'?"),
        ("one/", "did you mean 'one/…'?"),
        ("xyz", "there is off/…, one/…, photo, two/…"),
    ],
)
def test_an_unknown_model_is_answered_with_the_nearest(
    tmp_path: Path, model: str, hint: str
) -> None:
    info = refused(router(tmp_path, "[routes.photo]\ntry = ['one/a']\n"), model)
    assert (info.code, info.param) == (ErrorCode.NOT_FOUND, "model")
    assert info.message == f"there is no model {model!r}"
    assert info.hint == hint


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        ("[routes.a]\ntry = ['a']\n", "[routes.a] try: routes go in a circle: a → a"),
        (
            "[routes.a]\ntry = ['b']\n[routes.b]\ntry = ['one/x', 'c']\n[routes.c]\ntry = ['b']\n",
            "[routes.b] try: routes go in a circle: b → c → b",
        ),
        (
            "[routes.a]\ntry = ['nobody/x']\n",
            "[routes.a] try: 'nobody/x' is neither a route nor provider/model",
        ),
        (
            "[routes.a]\ntry = ['one']\n",
            "[routes.a] try: 'one' is neither a route nor provider/model",
        ),
        (
            "[routes.a]\ntry = [{ model = 'one/x', defaults = { steps = 0 } }]\n",
            "[routes.a] try: defaults: steps: must be at least 1, got 0",
        ),
        (
            "[routes.a]\ntry = [{ model = 'one/x', defaults = { sise = '8x8' } }]\n",
            "[routes.a] try: defaults: 'sise' is no field of a request",
        ),
        (
            "[routes.a]\ntry = [{ model = 'one/x', defaults = { count = 2 } }]\n",
            "[routes.a] try: defaults: 'count' is the caller's and no wish",
        ),
    ],
)
def test_a_route_that_leads_nowhere_is_refused(tmp_path: Path, routes: str, said: str) -> None:
    message = refusal(tmp_path, PROVIDERS + routes).message
    assert message.partition(": ")[2] == said


def test_a_mistyped_target_is_answered_with_the_nearest(tmp_path: Path) -> None:
    info = refusal(tmp_path, PROVIDERS + "[routes.a]\ntry = ['oen/x']\n")
    assert info.hint == "did you mean 'one/x'?"


def filled(defaults: str, folder: Path, **wishes: object) -> ImageRequest:
    routes = f"[routes.photo]\ntry = [{{ model = 'one/a', defaults = {defaults} }}]\n"
    (target,) = router(folder, routes).targets("photo")
    return target.fill(ImageRequest.build({"prompt": "a fox", "model": "photo", **wishes}))


def test_defaults_fill_what_the_caller_left_open(tmp_path: Path) -> None:
    request = filled("{ quality = 'low', steps = 4 }", tmp_path, quality="high", count=3)
    assert (request.quality, request.steps) == ("high", 4)
    assert (request.prompt, request.model, request.count) == ("a fox", "photo", 3)


def test_a_wish_that_was_left_empty_is_open(tmp_path: Path) -> None:
    assert filled("{ quality = 'low' }", tmp_path, quality=None).quality == "low"


def test_without_defaults_the_request_is_not_touched() -> None:
    request = ImageRequest(prompt="a fox")
    assert Target("one", "a", {}).fill(request) is request


@pytest.mark.parametrize(
    ("defaults", "wishes"),
    [("{ size = '8x8' }", {"aspect": "16:9"}), ("{ aspect = '16:9' }", {"size": "8x8"})],
)
def test_a_default_shape_gives_way_to_the_caller_s(
    tmp_path: Path, defaults: str, wishes: dict[str, str]
) -> None:
    request = filled(defaults, tmp_path, **wishes)
    assert (request.size, request.aspect) == (
        (None, Aspect(16, 9)) if "aspect" in wishes else (Size(8, 8), None)
    )


def test_the_caller_s_extras_go_before_the_route_s(tmp_path: Path) -> None:
    defaults = "{ extras = { one = { a = 1 } } }"
    assert filled(defaults, tmp_path).extras == {"one": {"a": 1}}
    own = {"two": {"b": 2}}
    assert filled(defaults, tmp_path, extras=own).extras == own


def test_the_nearer_route_s_defaults_give_way_to_the_outer_s(tmp_path: Path) -> None:
    routes = (
        "[routes.cheap]\ntry = [{ model = 'photo', defaults = { quality = 'low' } }]\n"
        "[routes.photo]\ntry = [{ model = 'one/a', defaults = { quality = 'high', steps = 9 } }]\n"
    )
    (target,) = router(tmp_path, routes).targets("cheap")
    assert target.defaults == {"quality": "low", "steps": 9}

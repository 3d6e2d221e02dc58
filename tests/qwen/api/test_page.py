"""The page is one document that may load nothing and talk to nobody but its service."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from tests.qwen.lab import Lab

PAGE = files("imageway.qwen").joinpath("page.html").read_text(encoding="utf-8")


async def test_it_is_served_as_it_is(it: Lab) -> None:
    answer = await it.get("/")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert answer.body.decode() == PAGE


async def test_its_policy_lets_nothing_in_but_its_own_script_and_style(it: Lab) -> None:
    policy = (await it.get("/")).headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag in ("script", "style"):
        [text] = re.findall(rf"<{tag}>(.*?)</{tag}>", PAGE, re.DOTALL)
        digest = b64encode(sha256(text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


def test_it_names_no_other_address() -> None:
    assert re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(?:https?:)?//", PAGE) == []
    assert "http://" not in PAGE.replace("http://www.w3.org/2000/svg", "")
    assert "https://" not in PAGE


def test_it_has_no_handlers_or_styles_that_its_policy_would_block() -> None:
    assert re.findall(r"<[^>]+\s(?:on\w+|style)=", PAGE) == []

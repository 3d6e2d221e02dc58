"""Which language a caller would rather read."""

from __future__ import annotations

import pytest
from aiohttp.test_utils import make_mocked_request

from imageway.qwen.api.language import language_of


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh-Hant-TW", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de,zh;q=0.5", "en"),
        ("de;q=0.4,zh;q=0.5", "zh"),
        ("en,zh", "en"),
        ("zh,en", "zh"),
        ("zh;q=0", "en"),
        ("*", "en"),
        ("zh;q=2", "en"),
        ("\x7f,,;;q=x,zh", "zh"),
    ],
)
def test_chinese_is_for_who_likes_it_best(header: str, language: str) -> None:
    request = make_mocked_request("GET", "/", headers={"Accept-Language": header})
    assert language_of(request) == language

"""The page of support says what the kit finds today."""

from __future__ import annotations

import pytest

from imageway.cli.support import support
from imageway.providers.file.documenting import rewrite
from tests.checkout import ROOT, text

PAGE = ROOT / "docs" / "support.md"


@pytest.mark.slow
def test_the_page_of_support_is_up_to_date() -> None:
    assert rewrite(text(PAGE), support()) == text(PAGE), "run: make docs"

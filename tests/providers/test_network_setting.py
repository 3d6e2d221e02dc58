"""The file says for each provider whether machines of one's own may be connected to."""

from __future__ import annotations

from pathlib import Path

import pytest

from imageway.core.errors import ErrorCode, ImagewayError
from imageway.providers.loading import load
from imageway.providers.snapshot import provision


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", ErrorCode.FORBIDDEN),
        ('network = "public"', ErrorCode.FORBIDDEN),
        ('network = "private"', ErrorCode.NETWORK),
    ],
)
async def test_only_a_private_network_leads_to_this_machine(
    tmp_path: Path, line: str, code: ErrorCode
) -> None:
    file = tmp_path / "plugins.toml"
    file.write_text(f'[providers.house]\nadapter = "demo"\n{line}\n')
    snapshot = provision(load(file), {})
    http = snapshot.providers["house"].http
    assert http is not None
    with pytest.raises(ImagewayError) as caught:
        await http.exchange("GET", "http://127.0.0.1:1")
    await snapshot.close()
    assert caught.value.info.code is code

"""A gallery over a reload: what it knows stays, and its table may change."""

from __future__ import annotations

from pathlib import Path

from imageway.client import Imageway
from imageway.providers.snapshot import provision
from tests.providers.support import source_of
from tests.stack.wall import Wall

CONFIG = """
[providers.wall]
adapter = "tests.stack.wall:Hung"
gallery = {{ cache = "{cache}" }}
breaker = {{ open_for = "{open_for}" }}
retry = {{ backoff = {{ first = "{open_for}" }} }}
"""


async def test_its_answers_live_on_under_another_table(tmp_path: Path) -> None:
    before = provision(source_of(tmp_path, CONFIG.format(cache="1h", open_for="5s")), {})
    way = Imageway(before)
    await way.gallery("wall", {"limit": 3})
    source = source_of(tmp_path, CONFIG.format(cache="0s", open_for="9s"))
    way.in_force.take(provision(source, {}, before=before))
    wall = way.snapshot.providers["wall"]
    gallery = wall.state.gallery
    assert gallery is before.providers["wall"].state.gallery
    breaker = gallery.listing().breaker
    assert (breaker.thresholds.open_for, gallery.repeating.backoff.first) == (9, 9)
    await way.gallery("wall", {"limit": 3})
    assert isinstance(wall.adapter, Wall)
    assert len(wall.adapter.browsed) == 2
    await way.close(0)

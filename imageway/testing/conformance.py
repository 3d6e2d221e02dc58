"""The test class that proves an adapter; subclass it, say how it is built, and run pytest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from imageway.core.adapter import Adapter
from imageway.core.http import Http
from imageway.core.memo import Memo
from imageway.emulators.base import Emulator
from imageway.testing.subject import Subject


class AdapterConformance:
    """One test for each scenario that the adapter needs; an adapter without a wire has no emulator.

    A known failure is strict: a scenario that is named there and passes is a failure.
    """

    emulator: ClassVar[type[Emulator] | None] = None
    model: ClassVar[str] = ""
    known_failures: ClassVar[Mapping[str, str]] = {}

    def build(self, url: str, http: Http, memo: Memo) -> Adapter:
        """Make the adapter; the URL is the emulator's root, without its base path."""
        raise TypeError(f"{type(self).__name__} does not say how its adapter is built")

    @classmethod
    def subject(cls) -> Subject:
        """What this class puts to the proof."""
        usual = cls.__name__.removeprefix("Test").lower()
        name = cls.emulator.name if cls.emulator else usual
        model = cls.model or (cls.emulator.usual_model if cls.emulator else "")
        if not model:
            raise TypeError(f"{cls.__name__} has neither a model nor an emulator that names one")
        return Subject(name, cls().build, cls.emulator, model, cls.known_failures)

    @classmethod
    def pytest_generate_tests(cls, metafunc: object) -> None:
        """Make a test of each scenario that is needed; pytest hands over its own object."""
        from imageway.testing.plugin import generate

        generate(cls.subject(), metafunc)

    def test_scenario(self, scenario: str) -> None:
        """Play one scenario."""
        from imageway.testing.plugin import check

        check(self.subject(), scenario)

"""Our own adapters are watched: a bug that is seeded into their source is caught by the kit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import ModuleType

import pytest

from imageway.emulators.base import Emulator
from imageway.emulators.openai import OpenAIEmulator
from imageway.emulators.qwen import QwenEmulator
from imageway.emulators.qwen_published import PublishedQwenEmulator
from imageway.emulators.vllm import VllmEmulator
from imageway.testing.playing import play, prove
from imageway.testing.scenarios import SCENARIO_BY_NAME
from imageway.testing.subject import AdapterClass, Subject, built_from
from tests.testing.bugs import BUGS, Bug, Kind
from tests.testing.mutating import mutated

pytestmark = pytest.mark.slow


class TogetherEmulator(OpenAIEmulator):
    """OpenAI, asked for all pictures in one call."""

    def settings(self, url: str) -> Mapping[str, object]:
        return {**super().settings(url), "split": False}


EMULATOR_BY_KIND: Mapping[Kind, type[Emulator] | None] = {
    "openai": OpenAIEmulator,
    "together": TogetherEmulator,
    "vllm": VllmEmulator,
    "demo": None,
    "qwen": QwenEmulator,
    "published": PublishedQwenEmulator,
}
CLASS_BY_VENDOR = {"openai": "OpenAIAdapter", "demo": "DemoAdapter", "qwen": "QwenAdapter"}


def subject(bug: Bug, package: ModuleType) -> Subject:
    vendor = bug.file.partition("/")[0]
    found: AdapterClass = getattr(package, CLASS_BY_VENDOR[vendor])
    emulator = EMULATOR_BY_KIND[bug.kind]
    model = emulator.usual_model if emulator else "demo"
    return Subject(vendor, built_from(found, emulator), emulator, model)


def name_of(bug: Bug) -> str:
    return f"{bug.file.partition('/')[2]}:{bug.scenario}"


@pytest.mark.parametrize("bug", BUGS, ids=name_of)
def test_a_seeded_bug_is_caught(bug: Bug) -> None:
    with mutated(bug.file, bug.old, bug.new) as package:
        assert play(subject(bug, package), SCENARIO_BY_NAME[bug.scenario])


@pytest.mark.parametrize("bug", BUGS[:: len(BUGS) // 4], ids=name_of)
def test_without_a_bug_the_same_scenario_is_kept(bug: Bug) -> None:
    with mutated(bug.file, bug.old, bug.old) as package:
        assert play(subject(bug, package), SCENARIO_BY_NAME[bug.scenario]) is None


@pytest.mark.slow
@pytest.mark.parametrize("bug", BUGS[:: len(BUGS) // 8], ids=name_of)
def test_the_whole_kit_finds_a_seeded_bug(bug: Bug) -> None:
    with mutated(bug.file, bug.old, bug.new) as package:
        card = prove(subject(bug, package))
    assert bug.scenario in {verdict.scenario.name for verdict in card.ended("broken")}


def test_a_bug_is_gone_when_it_was_looked_at() -> None:
    from imageway.adapters import demo

    bug = next(bug for bug in BUGS if bug.kind == "demo")
    with mutated(bug.file, bug.old, bug.new) as package:
        assert package.DemoAdapter is not demo.DemoAdapter
    from imageway.adapters import demo as again

    assert again.DemoAdapter is demo.DemoAdapter


def test_a_bug_whose_place_is_gone_is_told() -> None:
    bug = replace(BUGS[0], old="this stands nowhere")
    with pytest.raises(AssertionError, match="0 times"), mutated(bug.file, bug.old, bug.new):
        pass

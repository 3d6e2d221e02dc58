"""Feature flags: every one that exists, and for whom each is on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from imageway.providers.tables.section import Section, describe

Scope = Literal["requests", "providers"]


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]: pydantic checks each item


Names = Annotated[
    tuple[str, ...],
    BeforeValidator(_frozen, json_schema_input_type=list[str]),
    Field(min_length=1),
]


class Rollout(Section):
    """On for some: who fits everything that is said here; without a word about whom, for all."""

    on: bool = describe(True, "false: off for all, with an end date all the same")
    keys: Names | None = describe(None, "callers, by the names of their keys")
    providers: Names | None = describe(None, "providers, by their names")
    percent: Annotated[float, Field(ge=0, le=100)] | None = describe(
        None, "a share of the callers, the same ones every time"
    )
    until: date | None = describe(None, "past this date `imageway check` warns; nothing else")


def _spelled_out(value: object) -> object:
    if isinstance(value, bool):
        return {"on": value}
    if not isinstance(value, dict | Rollout):
        raise ValueError("must be true, false or a table, such as { percent = 10 }")
    return value  # pyright: ignore[reportUnknownVariableType]: pydantic checks each key


Setting = Annotated[Rollout, BeforeValidator(_spelled_out, json_schema_input_type=bool | Rollout)]
FOR_ALL = Rollout()


@dataclass(frozen=True, slots=True)
class Flag:
    """What is known of a flag besides its setting; the owner is the part that goes by it.

    One that is about providers alone takes effect when they are made, before anybody asks.
    """

    owner: str
    about: Scope = "requests"


class Features(Section):
    """Switches that take effect without a release; each is on, off, or on for some."""

    early_access: Setting = describe(
        FOR_ALL,
        "providers ask whether a model is in early access; their key of that name obeys",
    )
    fallback: Setting = describe(
        FOR_ALL, "what fails at a provider is asked of the next model of the route"
    )
    retry_coalescing: Setting = describe(
        FOR_ALL, "the same question again gets the answer that was paid for but never fetched"
    )
    top_up: Setting = describe(
        FOR_ALL, "when some pictures have come, the next model is asked for the others"
    )

    @property
    def settings(self) -> Mapping[str, Rollout]:
        """Every flag and what the file says of it, or its default."""
        return {name: getattr(self, name) for name in FLAG_BY_NAME}

    def is_on(self, name: str, caller: str | None = None, provider: str | None = None) -> bool:
        """Whether a flag is on for this caller at this provider."""
        setting = self.settings[name]
        return (
            setting.on
            and (setting.keys is None or caller in setting.keys)
            and (setting.providers is None or provider in setting.providers)
            and (setting.percent is None or share(name, caller or "") < setting.percent)
        )

    def turned_off(self, provider: str) -> frozenset[str]:
        """The flags about providers that are off for this one."""
        about = (name for name, flag in FLAG_BY_NAME.items() if flag.about == "providers")
        return frozenset(name for name in about if not self.is_on(name, provider=provider))


FLAG_BY_NAME: Mapping[str, Flag] = {
    "early_access": Flag("adapters/civitai", about="providers"),
    "fallback": Flag("providers/fallback"),
    "retry_coalescing": Flag("providers/journal/repeats"),
    "top_up": Flag("providers/fallback"),
}


def share(name: str, caller: str) -> float:
    """Where a caller stands between 0 and 100, for this flag always in the same place."""
    digest = sha256(f"{name} {caller}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64 * 100


class FeatureReport(Section):
    """One flag as it is in force: who owns it, what it does, and for whom it is on."""

    name: str
    owner: str
    meaning: str
    default: bool
    state: Literal["on", "off", "some"]
    keys: tuple[str, ...] | None = None
    providers: tuple[str, ...] | None = None
    percent: float | None = None
    until: date | None = None
    is_past: bool = False


def report_features(features: Features, today: date) -> tuple[FeatureReport, ...]:
    """Every flag, in the order of their definition."""
    return tuple(_report(name, setting, today) for name, setting in features.settings.items())


def _report(name: str, said: Rollout, today: date) -> FeatureReport:
    field = Features.model_fields[name]
    whom = (said.keys, said.providers, said.percent)
    return FeatureReport(
        name=name,
        owner=FLAG_BY_NAME[name].owner,
        meaning=field.description or "",
        default=field.default == FOR_ALL,
        state="off" if not said.on else "on" if whom == (None, None, None) else "some",
        keys=said.keys,
        providers=said.providers,
        percent=said.percent,
        until=said.until,
        is_past=said.until is not None and today > said.until,
    )


def past_their_end(features: Features, today: date) -> Iterator[str]:
    """What is past its end date."""
    for each in report_features(features, today):
        if each.is_past:
            yield (
                f"feature {each.name!r} should have ended on {each.until}: take it out of "
                f"[features], or give it a later date ({each.owner} owns it)"
            )

"""The second table of `imageway providers`: each service of a vendor, and each gallery."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imageway.cli.output import clean, say, show_table
from imageway.core.powers import ServiceHealth
from imageway.providers.galleries.gallery_report import GalleryReport, ListReport, Place
from imageway.providers.report import ProviderReport
from imageway.providers.tables.units import spell_about

TITLES = ("service", "status", "detail")
Row = tuple[str, str, str]


def show_services(reports: Iterable[ProviderReport]) -> None:
    """Write the table, where there is anything to tell."""
    rows = [row for each in reports for row in _rows(each)]
    if rows:
        say("")
        show_table(TITLES, rows)


def service_row(provider: str, service: ServiceHealth) -> Row:
    """How one service is."""
    return f"{provider}: {service.name}", service.status, service.detail or service.code


def _rows(report: ProviderReport) -> Iterator[Row]:
    for service in () if report.health is None else report.health.services:
        yield service_row(report.name, service)
    if report.gallery is not None:
        for each in report.gallery.lists:
            yield f"{report.name}: list of {clean(each.name)}", *_of_list(each)
        yield f"{report.name}: gallery", _status(report.gallery), "; ".join(_facts(report.gallery))


def _of_list(each: ListReport) -> tuple[str, str]:
    """Whether a list answers, and what is shown meanwhile if it does not."""
    if not each.failing:
        return "well", "it answers"
    detail = f"for {spell_about(each.failing_seconds)}, {each.failing}"
    if each.breaker != "closed":
        detail += f"; left alone for another {spell_about(each.breaker_seconds)}"
    if each.oldest_stale_seconds:
        detail += f"; stale up to {spell_about(each.oldest_stale_seconds)}"
    return "failing", detail


def _status(gallery: GalleryReport) -> str:
    fails = any(each.failing for each in gallery.lists)
    return "degraded" if fails or gallery.disk_problem else "well"


def _facts(gallery: GalleryReport) -> Iterator[str]:
    counts = gallery.answered.model_dump()
    told = [f"{count} {outcome}" for outcome, count in counts.items() if count]
    if told:
        yield f"answered {', '.join(told)}"
    yield f"{_place(gallery.memory)} in memory, {_place(gallery.disk)} on disk"
    if gallery.disk_problem:
        yield f"nothing can be kept on disk: {gallery.disk_problem}"


def _place(place: Place | None) -> str:
    return "none" if place is None else f"{place.answers} answers"

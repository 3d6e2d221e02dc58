"""The second table of `imageway providers`: each service of a vendor, and each gallery."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imageway.cli.output import say, show_table
from imageway.core.powers import ServiceHealth
from imageway.providers.gallery_report import GalleryReport, Place
from imageway.providers.report import ProviderReport
from imageway.providers.units import spell_about

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
    for service in report.services:
        yield service_row(report.name, service)
    if report.gallery is not None:
        yield _gallery_row(report.name, report.gallery)


def _gallery_row(provider: str, gallery: GalleryReport) -> Row:
    status = "failing" if gallery.failing else "left alone" if gallery.breaker == "open" else "well"
    return f"{provider}: gallery", status, "; ".join(_facts(gallery))


def _facts(gallery: GalleryReport) -> Iterator[str]:
    if gallery.failing:
        yield f"for {spell_about(gallery.failing_seconds)}, {gallery.failing}"
    counts = gallery.answered.model_dump()
    told = [f"{count} {outcome}" for outcome, count in counts.items() if count]
    if told:
        yield f"answered {', '.join(told)}"
    if gallery.oldest_stale_seconds:
        yield f"stale up to {spell_about(gallery.oldest_stale_seconds)}"
    yield f"{_place(gallery.memory)} in memory, {_place(gallery.disk)} on disk"
    if gallery.disk_problem:
        yield f"nothing can be kept on disk: {gallery.disk_problem}"


def _place(place: Place | None) -> str:
    return "none" if place is None else f"{place.answers} answers"

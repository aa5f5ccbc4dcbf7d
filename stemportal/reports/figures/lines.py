"""The visits of a year line by line, and what is hidden of them and of the figures made of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from django.db.models import Prefetch, Q
from django.utils import timezone

from stemportal.activities.models import Kind
from stemportal.lib.periods import Period, PeriodKind
from stemportal.partners.models import Partner
from stemportal.reports.figures.hiding import FEWEST
from stemportal.reports.figures.together import PUPIL_PLACES, Class, Hidden, Line, Published, hide_year
from stemportal.reports.models import PartnerReport, PartnerReportFile, ReportFile
from stemportal.schools.models import Visit

logger = structlog.get_logger(__name__)


@dataclass(frozen=True)
class VisitLine:
    """One visit as a report lists it. ``day`` is an ISO date, ``kind`` {nb, nn, en}, ``hours`` the session's length.

    ``pupils`` is None when it must not be shown; ``county`` is None on Svalbard and abroad.
    """

    booking: int
    day: str
    school: str
    municipality: str
    activity: str
    kind: dict[str, str]
    grade: int
    pupils: int | None
    hours: float
    county: str | None = None


def visit_lines(period: Period, partner: Partner, hidden: dict[int, Hidden] | None = None) -> list[VisitLine]:
    """Return a partner's visits of the year, in order of time, as they may be shown outside the school.

    ``hidden`` is what ``hidden_of`` says of this partner and others, where somebody has asked already.
    """
    if hidden is None:
        hidden = hidden_of(period, [partner.pk])
    return list(_shown_lines(_visits(period, partner), hidden.get(partner.pk, Hidden())))


def _visits(period: Period, partner: Partner) -> Iterator[Visit]:
    visits = Visit.objects.in_period(period).filter(partner=partner).order_by("starts_at", "pk")
    return visits.select_related("school__municipality", "county", "activity", "kind").iterator(chunk_size=2000)


def _shown_lines(visits: Iterator[Visit], hidden: Hidden) -> Iterator[VisitLine]:
    for visit in visits:
        kind = visit.kind
        yield VisitLine(
            booking=visit.pk,
            day=timezone.localdate(visit.starts_at).isoformat(),
            school=visit.school.name,
            municipality=visit.school.place_name,
            activity=visit.activity.title,
            kind={"nb": kind.name_nb, "nn": kind.name_nn, "en": kind.name_en},
            grade=visit.grade,
            pupils=None if visit.pk in hidden.lines else visit.pupils,
            hours=round(visit.hours, 2),
            county=visit.county.name if visit.county else None,
        )


def hidden_of(period: Period, partners: Collection[int]) -> dict[int, Hidden]:
    """Return what must be hidden of these partners' (ids) figures and visits of the year.

    Nothing is hidden of partners that have no entry: every visit of theirs was of five pupils or more, or of none.
    Five queries at most, however many partners. What was handed out about the same visits before is read from the
    stored files.
    """
    earlier = _handed_out(period, partners)
    few = Visit.objects.in_period(period).filter(pupils__range=(1, FEWEST - 1), partner__in=partners)
    lines: dict[int, list[Line]] = defaultdict(list)
    visits = Visit.objects.in_period(period).filter(partner__in=partners)
    visits = visits.filter(Q(partner__in=few.values("partner")) | Q(partner__in=list(earlier)))
    named = ("kind__name_nb", "kind__unit", "starts_at", "county__name", "grade")
    facts = visits.order_by("starts_at", "pk").values_list("partner", "pk", *named, "pupils", "hours", "girls")
    for partner, booking, kind, unit, starts_at, county, grade, *numbers in facts.iterator(chunk_size=5000):
        day = timezone.localdate(starts_at).isoformat()
        classes = _classes(kind, day, county, grade, in_pupils=unit == Kind.Unit.PUPILS)
        lines[partner].append(Line(booking, classes, *numbers))
    others = _of_other_years(earlier, lines)
    return {
        pk: hide_year(lines.get(pk, []), earlier=earlier.get(pk, ()), others=others.get(pk, []))
        for pk in [*lines, *(pk for pk in earlier if pk not in lines)]
    }


def _of_other_years(earlier: dict[int, list[Published]], lines: dict[int, list[Line]]) -> dict[int, list[Line]]:
    """Visits that reports on overlapping years count, as they are now."""
    ours = {line.booking for found in lines.values() for line in found}
    theirs = {booking for found in earlier.values() for published in found for booking in published.lines} - ours
    others: dict[int, list[Line]] = defaultdict(list)
    if theirs:
        for partner, booking, pupils in Visit.objects.filter(pk__in=theirs).values_list("partner", "pk", "pupils"):
            others[partner].append(Line(booking, (), pupils, 0))
    return others


def _classes(kind: str, day: str, county: str | None, grade: int, *, in_pupils: bool) -> tuple[Class, ...]:
    """Return the classes a visit stands in; places used are counted in pupils for some kinds only."""
    classes = (("kinds", kind), ("months", day[:7]), ("regions", county), ("grades", grade))
    return (*classes, PUPIL_PLACES) if in_pupils else classes


def _handed_out(period: Period, partners: Collection[int]) -> dict[int, list[Published]]:
    """What partners have in their hands that counts some of the same visits: this year's versions, the other kind's."""
    files = PartnerReportFile.objects.filter(format=ReportFile.Format.JSON)
    reports = PartnerReport.objects.handed_out().filter(overlapping(period), partner__in=partners)
    found: dict[int, list[Published]] = defaultdict(list)
    kinds_in_pupils: set[str] | None = None
    for report in reports.order_by("pk").prefetch_related(Prefetch("files", queryset=files)):
        for file in report.files.all():
            if kinds_in_pupils is None:
                kinds_in_pupils = set(Kind.objects.filter(unit=Kind.Unit.PUPILS).values_list("name_nb", flat=True))
            try:
                with file.file.open("rb") as content:
                    material = json.load(content)
            except FileNotFoundError:
                logger.warning("report_file_gone", report=report.pk)
                continue
            found[report.partner_id].append(_published(material, kinds_in_pupils))
    return found


def overlapping(period: Period) -> Q:
    """Return the reports on years of either kind that have months in common with this one, itself among them."""
    school, calendar = Q(period_kind=PeriodKind.SCHOOL), Q(period_kind=PeriodKind.CALENDAR)
    year = period.year
    if period.is_school_year:
        return (school & Q(year=year)) | (calendar & Q(year__in=[year, year + 1]))
    return (calendar & Q(year=year)) | (school & Q(year__in=[year - 1, year]))


def _published(material: dict[str, Any], kinds_in_pupils: set[str]) -> Published:
    """Read what a stored report showed."""
    figures, lines = material["figures"], material["lines"]
    classes: dict[Class, int | None] = {}
    for table, key in (("kinds", "nb"), ("months", "month"), ("regions", "name"), ("grades", "grade")):
        classes |= {(table, row[key]): row["pupils"] for row in figures[table]}
    for row in figures["places"]:
        if row["unit"] == Kind.Unit.PUPILS:
            classes[PUPIL_PLACES] = row["used"]
    return Published(
        total=figures["pupils"],
        girls=figures["girls"],
        classes=classes,
        lines={line["booking"]: line["pupils"] for line in lines},
        classes_of={
            line["booking"]: _classes(
                (kind := line["kind"]["nb"]),
                line["day"],
                line["county"],
                line["grade"],
                in_pupils=kind in kinds_in_pupils,
            )
            for line in lines
        },
    )

"""What the secretariat looks at: open requests by age, and schools that nobody from the programme has met."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stemportal.activities.models import GRADES
from stemportal.lib.school_year import bounds
from stemportal.schools.models import Booking, School

# Days after the deadline from which a request is very late.
VERY_LATE_DAYS = 6
PARTNERS_AT_MOST = 30

# By the deadline, in the order of columns; the names stand in addresses of lists, too.
BUCKETS = {
    "time": gettext_lazy("On time"),
    "today": gettext_lazy("Due today"),
    "late": gettext_lazy("1–5 days late"),
    "very_late": gettext_lazy("Later"),
}


def bucket(name: str, today: date | None = None) -> Q:
    """Return the condition of a bucket of requests; "yes" is every one past its deadline."""
    today = today or timezone.localdate()
    very_late = today - timedelta(days=VERY_LATE_DAYS)
    return {
        "time": Q(reply_by__gt=today) | Q(reply_by=None),
        "today": Q(reply_by=today),
        "late": Q(reply_by__lt=today, reply_by__gt=very_late),
        "very_late": Q(reply_by__lte=very_late),
        "yes": Q(reply_by__lt=today),
    }[name]


@dataclass(frozen=True)
class Line:
    """Requests of a county, of a partner or of all: how many stand in each bucket. ``query`` narrows a list to it."""

    label: str
    query: str
    counts: dict[str, int]
    oldest_days: int | None = None

    @property
    def cells(self) -> list[tuple[str, str, int]]:
        """(bucket, its title, how many), in the order of columns."""
        return [(name, str(title), self.counts[name]) for name, title in BUCKETS.items()]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


@dataclass(frozen=True)
class Overview:
    """Every request that waits for a partner, cut in two ways; and what waits for schools and for places."""

    everything: Line
    counties: list[Line]
    partners: list[Line]
    offered: int
    waitlisted: int
    more_partners: bool = field(default=False)


def open_requests_by_age(counties: list[int] | None = None) -> Overview:
    """Return the overview, of some counties' schools only where they are named. Four queries."""
    bookings = Booking.objects.order_by()
    if counties is not None:
        bookings = bookings.filter(school__municipality__county__in=counties)
    waiting = bookings.filter(status=Booking.Status.REQUESTED)
    sums = {name: Count("pk", filter=bucket(name)) for name in BUCKETS}
    county = "school__municipality__county"
    rows = waiting.values(county, f"{county}__name").annotate(**sums).order_by(f"{county}__number")
    by_county = [
        Line(
            label=row[f"{county}__name"] or "Svalbard",
            query=f"county={row[county] or 'none'}",
            counts={name: row[name] for name in BUCKETS},
        )
        for row in rows
    ]
    partner = "activity__partner"
    late = Count("pk", filter=bucket("yes"))
    found = list(
        waiting.values(partner, f"{partner}__display_name")
        .annotate(past=late, number=Count("pk"), **sums)
        .order_by("-past", "-number", f"{partner}__display_name")[: PARTNERS_AT_MOST + 1]
    )
    by_partner = [
        Line(
            label=row[f"{partner}__display_name"],
            query=f"activity__partner__id__exact={row[partner]}",
            counts={name: row[name] for name in BUCKETS},
        )
        for row in found[:PARTNERS_AT_MOST]
    ]
    other = bookings.aggregate(
        offered=Count("pk", filter=Q(status=Booking.Status.OFFERED)),
        waitlisted=Count("pk", filter=Q(status=Booking.Status.WAITLISTED)),
    )
    counts = {name: sum(line.counts[name] for line in by_county) for name in BUCKETS}
    return Overview(
        everything=Line(label=_("All"), query="", counts=counts),
        counties=by_county,
        partners=by_partner,
        more_partners=len(found) > PARTNERS_AT_MOST,
        **other,
    )


def schools_of_year(school_year: int, county: int | None = None) -> QuerySet[School]:
    """Return active schools with ``has_visit`` (a visit of the year was agreed on or asked for, and not given up) and
    ``has_asked`` (any booking of the year, whatever became of it)."""
    start, end = bounds(school_year)
    of_year = Q(session__starts_at__gte=start, session__starts_at__lt=end)
    of_year |= Q(session=None, proposed_at__gte=start, proposed_at__lt=end)
    bookings = Booking.objects.filter(of_year, school=OuterRef("pk"))
    schools = School.objects.active().annotate(
        has_visit=Exists(bookings.filter(status__in=[*Booking.HOLDING, Booking.Status.WAITLISTED])),
        has_asked=Exists(bookings),
    )
    return schools.filter(municipality__county=county) if county else schools


def unseen_by_municipality(school_year: int, county: int | None = None) -> QuerySet[School, dict[str, Any]]:
    """Return kommuner with ``schools``, ``unseen`` (without any booking) and ``asked`` (of those, asked in vain), where
    there are unseen ones; the most of them first."""
    place = "municipality"
    return (
        schools_of_year(school_year, county)
        .values(place, f"{place}__name", f"{place}__county__name")
        .annotate(
            schools=Count("pk"),
            unseen=Count("pk", filter=Q(has_visit=False)),
            asked=Count("pk", filter=Q(has_visit=False, has_asked=True)),
        )
        .filter(unseen__gt=0)
        .order_by("-unseen", f"{place}__name", place)
    )


def unseen_schools(school_year: int, *, county: int | None = None, municipality: int | None = None) -> QuerySet[School]:
    """Return schools without any booking in the school year, by county, kommune and name."""
    found = schools_of_year(school_year, county).filter(Q(has_visit=False))
    if municipality is not None:
        found = found.filter(municipality=municipality)
    order = ("municipality__county__number", "municipality__name", "name", "number")
    return found.select_related("municipality__county").order_by(*order)


def unseen_rows(schools: QuerySet[School]) -> Iterator[list[Any]]:
    """Give the titles and then a row for each school, for a table to take away."""
    grades = dict(GRADES)
    yield [
        _("Organisation number"),
        _("School"),
        _("Municipality"),
        _("County"),
        _("Grades"),
        _("Pupils"),
        _("Asked in vain"),
    ]
    for school in schools.iterator(chunk_size=500):
        home = school.municipality
        first, last = grades.get(school.grade_from, school.grade_from), grades.get(school.grade_to, school.grade_to)
        yield [
            school.number,
            school.name,
            school.place_name,
            home.county.name if home else "",
            f"{first} – {last}",
            school.pupils,
            _("yes") if school.has_asked else "",  # type: ignore[attr-defined]
        ]

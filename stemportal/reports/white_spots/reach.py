"""Which offers a school can have: at a partner's place near it, held at the school, or on screen.

Asked are published offers that can be booked now: with a free date to come, or held on request.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils import timezone

from stemportal.activities.models import Activity, Kind
from stemportal.lib.geo import Point, distance_km, kilometres_between, within_box
from stemportal.schools.models import School

# As far as a class goes for a day, in a straight line: the widest circle of the search.
REACHABLE_KM = 60
_ON_SITE = (Activity.Format.ON_SITE, Activity.Format.HYBRID)
_DIGITAL = (Activity.Format.DIGITAL, Activity.Format.HYBRID)


@dataclass(frozen=True)
class Within:
    """What a school can have: kilometres to the nearest offer on site, whether anything comes to it or is digital."""

    km: float | None
    comes: bool
    digital: bool

    @property
    def is_near(self) -> bool:
        return self.km is not None and self.km <= REACHABLE_KM

    @property
    def in_person(self) -> bool:
        """Whether its pupils can meet somebody in person."""
        return self.is_near or self.comes

    @property
    def anything(self) -> bool:
        return self.in_person or self.digital


def bookable() -> QuerySet[Activity]:
    """Return published offers that a school can have now."""
    dates = Q(next_free_at__gt=timezone.now()) | Q(policy=Activity.Policy.ON_REQUEST)
    return Activity.objects.published().filter(dates)


def at_school() -> Q:
    """Return the condition on offers that come to the school. One query, for the kinds that always travel."""
    travelling = [kind.pk for kind in Kind.objects.all() if kind.travels]
    return Q(format=Activity.Format.AT_SCHOOL) | Q(format=Activity.Format.HYBRID, kind__in=travelling)


class Reach:
    """All that schools can have, read in four queries; asking about a school takes none."""

    def __init__(self) -> None:
        offers, comes = bookable().order_by(), at_school()
        grades = ("grade_from", "grade_to")
        near = (Q(format__in=_ON_SITE) & ~comes) | (comes & Q(reach=Activity.Reach.LOCAL))
        places = offers.filter(near, latitude__isnull=False, longitude__isnull=False)
        self.points: list[tuple[float, float, int, int]] = list(
            places.values_list("latitude", "longitude", *grades).distinct()
        )
        travelling = offers.filter(comes).exclude(reach=Activity.Reach.LOCAL)
        self.travelling: set[tuple[int | None, int, int]] = set()
        for reach, home, served, first, last in travelling.values_list(
            "reach", "municipality__county", "serves", *grades
        ).distinct():
            self.travelling.add((None if reach == Activity.Reach.NATIONAL else served or home or 0, first, last))
        self.digital: list[tuple[int, int]] = list(offers.filter(format__in=_DIGITAL).values_list(*grades).distinct())

    def of(self, school: School) -> Within:
        """Return what the school can have for any of its grades. Its municipality must be loaded."""
        first, last = school.grade_from, school.grade_to
        county = school.municipality.county_id if school.municipality else None
        comes = any(
            low <= last and high >= first and (where is None or where == county) for where, low, high in self.travelling
        )
        digital = any(low <= last and high >= first for low, high in self.digital)
        return Within(self._nearest(school, first, last), comes, digital)

    def _nearest(self, school: School, first: int, last: int) -> float | None:
        """Compare squares on a flat map, which is quick; only the nearest one is measured on the sphere."""
        narrow = math.cos(math.radians(school.latitude)) ** 2
        lat, lon = school.latitude, school.longitude
        points = [(y, x) for y, x, low, high in self.points if low <= last and high >= first]
        if not points:
            return None
        y, x = min(points, key=lambda point: (point[0] - lat) ** 2 + narrow * (point[1] - lon) ** 2)
        return kilometres_between(Point(lat, lon), Point(y, x))


def offers_for(school: School, count: int) -> list[Activity]:
    """Return offers that a school can have: the nearest places, then what comes to it, then what is digital.

    Of alike ones those that few have asked for come first. Two queries.
    """
    comes, travels = at_school(), Q(reach=Activity.Reach.NATIONAL)
    if school.municipality:
        county, serves = school.municipality.county_id, Activity.serves.through.objects
        own = Q(municipality__county=county) & ~Q(pk__in=serves.values("activity_id"))
        served = Q(pk__in=serves.filter(county_id=county).values("activity_id"))
        travels |= Q(reach=Activity.Reach.COUNTY) & (served | own)
    travels &= comes
    here = Point(school.latitude, school.longitude)
    near = Q(format__in=_ON_SITE) & ~comes & within_box(here, REACHABLE_KM)
    offers = bookable().filter(grade_from__lte=school.grade_to, grade_to__gte=school.grade_from)
    offers = offers.filter(near | travels | Q(format__in=_DIGITAL)).annotate(
        order=Case(When(near, then=Value(0)), When(travels, then=Value(1)), default=Value(2)),
        km=Case(When(near, then=distance_km(here)), default=Value(0.0)),
    )
    ordered = offers.order_by("order", "km", "enquiries_count", "pk")
    return list(ordered.select_related("partner", "municipality", "kind")[:count])
